/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A secret is written to a new file, which only its owner can read. */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/secret.h"

static void
expect (const char *path, const char *text)
{
  char got[32] = "";
  FILE *fp = fopen (path, "r");

  assert (fp != NULL);
  assert (fread (got, 1, sizeof got - 1, fp) == strlen (text));
  assert (strcmp (got, text) == 0);
  fclose (fp);
}

int
main (void)
{
  char dir[] = "/tmp/unit-secret.XXXXXX";
  struct error err = ERROR_INIT;
  struct secret *secret = secret_new ("sesame", 6, &err);
  struct stat st;
  FILE *fp;

  assert (secret != NULL && mkdtemp (dir) != NULL && chdir (dir) == 0);
  umask (0);
  assert (secret_write (secret, "new", &err) == 0);
  expect ("new", "sesame");
  assert (stat ("new", &st) == 0 && (st.st_mode & 07777) == 0600);

  /* Somebody else's file, or a link to one, is not written to. */
  fp = fopen ("there", "w");
  assert (fp != NULL && fclose (fp) == 0 && symlink ("there", "link") == 0);
  assert (secret_write (secret, "there", &err) == -1);
  error_reset (&err);
  assert (secret_write (secret, "link", &err) == -1);
  error_reset (&err);
  expect ("there", "");

  secret_free (secret);
  assert (unlink ("new") == 0 && unlink ("link") == 0);
  assert (unlink ("there") == 0 && rmdir (dir) == 0);
  return 0;
}
