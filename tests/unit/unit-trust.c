/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which directories other users can put in the place of another one. */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/trust.h"

#define OTHER 12345

static char top[] = "/var/tmp/unit-trust.XXXXXX";

/* What the directory BELOW the top is, which is made. */
static void
make (const char *below, mode_t mode, uid_t uid)
{
  char path[100];

  snprintf (path, sizeof path, "%s/%s", top, below);
  assert (mkdir (path, 0700) == 0 && chown (path, uid, (gid_t) uid) == 0 &&
          chmod (path, mode) == 0);
}

/* WHERE: below the top, or NULL: nobody can. */
static void
expect (const char *below, const char *where)
{
  CLEANUP_FREE char *path = NULL, *found = NULL;
  CLEANUP_FD int fd = -1;
  char wanted[100];

  snprintf (wanted, sizeof wanted, "%s/%s", top, below);
  fd = open (wanted, O_PATH|O_DIRECTORY);
  assert (fd != -1);
  path = trusted_path_of (fd, &found);
  if (where == NULL) {
    assert (path != NULL && strcmp (path, wanted) == 0 && found == NULL);
    return;
  }
  assert (path == NULL && errno == EPERM && found != NULL);
  snprintf (wanted, sizeof wanted, "%s/%s", top, where);
  assert (strcmp (found, wanted) == 0);
}

int
main (void)
{
  char command[sizeof top + 20];

  if (geteuid () != 0) {
    fprintf (stderr, "unit-trust: skipped: needs root\n");
    return 77;
  }
  assert (mkdtemp (top) != NULL && chmod (top, 0755) == 0);
  make ("ours", 0755, 0);
  make ("ours/below", 0755, 0);
  make ("ours/open", 0777, 0);
  make ("ours/open/below", 0700, 0);
  expect ("ours/below", NULL);
  expect ("ours/open", "ours/open");
  expect ("ours/open/below", "ours/open");

  make ("sticky", 01777, 0);
  make ("sticky/ours", 0755, 0);
  make ("sticky/theirs", 01777, OTHER);
  make ("sticky/theirs/below", 0755, 0);
  expect ("sticky", NULL);
  expect ("sticky/ours", NULL);
  expect ("sticky/theirs", "sticky");
  expect ("sticky/theirs/below", "sticky");

  make ("theirs", 0755, OTHER);
  make ("theirs/ours", 0755, 0);
  expect ("theirs", "theirs");
  expect ("theirs/ours", "theirs");

  /* Of another group; only they can get there, or only we. */
  make ("group", 0775, 0);
  assert (snprintf (command, sizeof command, "%s/group", top) > 0);
  assert (chown (command, 0, OTHER) == 0);
  expect ("group", "group");
  make ("searched", 0711, 0);
  make ("searched/open", 0777, 0);
  expect ("searched/open", "searched/open");
  make ("closed", 0700, 0);
  make ("closed/open", 0777, 0);
  make ("closed/open/theirs", 0777, OTHER);
  expect ("closed/open/theirs", NULL);
  make ("theirs-closed", 0700, OTHER);
  make ("theirs-closed/open", 0777, 0);
  expect ("theirs-closed/open", "theirs-closed");

  snprintf (command, sizeof command, "rm -r %s", top);
  return system (command) == 0 ? 0 : 1;
}
