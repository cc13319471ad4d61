/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Finds out whether files are this user's, also where the file system has no
 * owners or modes, or its server changes them.  What follows if one is not is
 * left to the callers.
 */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/i18n.h"
#include "base/ownership.h"

#define PROBE_TRIES 100

/* A new file in DIR_FD without a name.  Where files must have one (NFS, vfat),
 * it loses it again.
 */
static int
probe (int dir_fd)
{
  int fd = openat (dir_fd, ".", O_RDWR|O_TMPFILE|O_EXCL|O_CLOEXEC, 0600);

  for (int i = 0; i < PROBE_TRIES && fd == -1; i++) {
    char name[64];

    snprintf (name, sizeof name, ".v2v-probe-%ld-%d", (long) getpid (), i);
    fd = openat (dir_fd, name, O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC, 0600);
    if (fd != -1)
      unlinkat (dir_fd, name, 0);
    else if (errno != EEXIST)
      break;
  }
  return fd;
}

static bool
is_as_new (int dir_fd, const struct stat *st)
{
  CLEANUP_FD int fd = probe (dir_fd);
  struct stat ours;

  return fd != -1 && fstat (fd, &ours) == 0 && ours.st_dev == st->st_dev &&
    ours.st_uid == st->st_uid &&
    /* Has it modes? */
    ((ours.st_mode & 077) != 0 || (st->st_mode & 022) == 0);
}

const char *
ownership_problem (int dir_fd, const struct stat *st)
{
  const bool belongs = st->st_uid == geteuid ();

  if ((belongs && (st->st_mode & 022) == 0) || is_as_new (dir_fd, st))
    return NULL;
  return belongs ? _("is writable by other users")
    : _("belongs to another user");
}

int
ownership_set_mode (int fd, mode_t mode)
{
  return fchmod (fd, mode) == 0 || errno == EPERM ? 0 : -1;
}
