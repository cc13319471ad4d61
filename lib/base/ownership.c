/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Finds out whether files are this user's, also where the file system has no
 * owners or modes, or its server changes them.  What follows if one is not is
 * left to the callers.
 */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/file-at.h"
#include "base/i18n.h"
#include "base/ownership.h"

#define PROBE_TRIES 100

/* A new file in DIR_FD, which has lost its name again. */
static int
probe (int dir_fd)
{
  int fd = -1;

  for (int i = 0; i < PROBE_TRIES && fd == -1; i++) {
    char name[64];

    snprintf (name, sizeof name, ".v2v-probe-%ld-%d", (long) getpid (), i);
    fd = openat (dir_fd, name, O_RDWR|O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC,
                 0600);
    if (fd != -1)
      unlinkat (dir_fd, name, 0);
    else if (errno != EEXIST)
      break;
  }
  return fd;
}

bool
ownership_is_ours (int dir_fd, const struct stat *st)
{
  CLEANUP_FD int fd = -1;
  struct stat ours;

  if (st->st_uid == geteuid () && (st->st_mode & 022) == 0)
    return true;
  fd = probe (dir_fd);
  return fd != -1 && fstat (fd, &ours) == 0 && ours.st_dev == st->st_dev &&
    ours.st_uid == st->st_uid &&
    /* Has it modes? */
    ((ours.st_mode & 077) != 0 || (st->st_mode & 022) == 0);
}

static int
refuse (const char *path, const char *why, struct error *err)
{
  return error_set (err, REASON_TARGET_CHANGED, "%s %s", path, why);
}

int
ownership_open (struct file_at at, int flags, int *fd, struct error *err)
{
  CLEANUP_FD int opened = openat (at.dir_fd, at.name, flags|O_NOFOLLOW|
                                  O_NONBLOCK|O_NOCTTY|O_CLOEXEC);
  struct stat st;

  *fd = -1;
  if (opened == -1 && errno == ENOENT)
    return 0;
  if (opened == -1 && (errno == ELOOP || errno == ENXIO || errno == EISDIR))
    return refuse (at.path, _("is not a regular file"), err);
  if (opened == -1 || fstat (opened, &st) == -1)
    return error_errno (err, REASON_WRITE, "%s", at.path);
  if (!S_ISREG (st.st_mode))
    return refuse (at.path, _("is not a regular file"), err);
  if (st.st_nlink > 1)
    return refuse (at.path, _("has several names (hard links)"), err);
  if (!ownership_is_ours (at.dir_fd, &st))
    return refuse (at.path, st.st_uid != geteuid ()
                   ? _("belongs to another user")
                   : _("is writable by other users"), err);
  *fd = STEAL_FD (opened);
  return 1;
}
