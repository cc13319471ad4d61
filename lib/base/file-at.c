/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Stores, renames and removes files below directories that are open.  Which
 * directory that is, and whether others can write to it, is left to the
 * callers.
 */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/file-at.h"
#include "base/i18n.h"
#include "base/ownership.h"
#include "base/write.h"

bool
file_at_is (struct file_at at, int fd)
{
  struct stat st, named;

  return fstat (fd, &st) == 0 &&
    fstatat (at.dir_fd, at.name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
    st.st_dev == named.st_dev && st.st_ino == named.st_ino;
}

/* A second link is a name elsewhere, under which whoever made it can go on
 * reaching the file.
 */
static int
check_own (struct file_at at, int fd, struct error *err)
{
  struct stat st;
  const char *problem;

  if (fstat (fd, &st) == -1)
    return error_errno (err, REASON_WRITE, "%s", at.path);
  problem = !S_ISREG (st.st_mode) ? _("is not a regular file")
    : st.st_nlink > 1 ? _("has several names (hard links)")
    : ownership_problem (at.dir_fd, &st);
  return problem == NULL ? 0
    : error_set (err, REASON_TARGET_CHANGED, "%s %s", at.path, problem);
}

int
file_at_open_own (struct file_at at, int flags, int *fd, struct error *err)
{
  *fd = openat (at.dir_fd, at.name,
                flags|O_NOFOLLOW|O_NONBLOCK|O_NOCTTY|O_CLOEXEC);
  /* What is longer than any name can be is not there. */
  if (*fd == -1 && (errno == ENOENT || errno == ENAMETOOLONG))
    return 0;
  if (*fd == -1 && (errno == ELOOP || errno == ENXIO || errno == EISDIR))
    return error_set (err, REASON_TARGET_CHANGED, "%s %s", at.path,
                      _("is not a regular file"));
  if (*fd == -1)
    return error_errno (err, REASON_WRITE, "%s", at.path);
  if (check_own (at, *fd, err) == 0)
    return 1;
  close_fd (fd);
  return -1;
}

int
file_at_sync_directory (int dir_fd, const char *dir, struct error *err)
{
  CLEANUP_FD int fd = openat (dir_fd, ".", O_RDONLY|O_DIRECTORY|O_CLOEXEC);

  if (fd == -1 || (fsync (fd) == -1 && errno != EINVAL))
    return error_errno (err, write_reason (), "fsync: %s", dir);
  return 0;
}

/* What the message calls it is the file: its directory has no name here. */
static int
sync_directory_of (struct file_at at, struct error *err)
{
  return file_at_sync_directory (at.dir_fd, at.path, err);
}

/* Network file systems flush only what is open for writing. */
int
file_at_sync (struct file_at at, struct error *err)
{
  CLEANUP_FD int fd = openat (at.dir_fd, at.name, O_RDWR|O_NOFOLLOW|
                              O_NONBLOCK|O_NOCTTY|O_CLOEXEC);
  struct stat st;

  if (fd == -1 || fstat (fd, &st) == -1 || fsync (fd) == -1)
    return error_errno (err, write_reason (), "fsync: %s", at.path);
  return S_ISREG (st.st_mode) ? 0
    : error_set (err, REASON_WRITE, _("%s is not a regular file"), at.path);
}

static int
replace (struct file_at at, mode_t mode, const char *text, size_t len,
         struct error *err)
{
  CLEANUP_FREE char *aside = format (err, "%s.tmp", at.name);
  CLEANUP_FD int fd = -1;

  if (aside == NULL)
    return -1;
  unlinkat (at.dir_fd, aside, 0);
  fd = openat (at.dir_fd, aside, O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC, 0600);
  if (fd == -1)
    return error_errno (err, write_reason (), "%s.tmp", at.path);
  if (full_write (fd, text, len) == 0 && ownership_set_mode (fd, mode) == 0 &&
      fsync (fd) == 0 &&
      renameat (at.dir_fd, aside, at.dir_fd, at.name) == 0)
    return 0;
  error_errno (err, write_reason (), "%s.tmp", at.path);
  unlinkat (at.dir_fd, aside, 0);
  return -1;
}

int
file_at_replace (struct file_at at, const char *text, size_t len,
                 struct error *err)
{
  return replace (at, 0600, text, len, err);
}

int
file_at_store (struct file_at at, mode_t mode, const char *text, size_t len,
               struct error *err)
{
  return replace (at, mode, text, len, err) == -1
    ? -1 : sync_directory_of (at, err);
}

int
file_at_rename (struct file_at from, struct file_at to, struct error *err)
{
  if (renameat (from.dir_fd, from.name, to.dir_fd, to.name) == -1)
    return error_errno (err, write_reason (),
                        _("cannot rename %s to %s"), from.path, to.path);
  return sync_directory_of (to, err);
}

int
file_at_remove (struct file_at at, struct error *err)
{
  CLEANUP_FREE char *aside = format (err, "%s.tmp", at.name);

  if (aside != NULL)
    unlinkat (at.dir_fd, aside, 0);
  if (unlinkat (at.dir_fd, at.name, 0) == -1 && errno != ENOENT)
    return error_errno (err, write_reason (), "%s", at.path);
  return aside == NULL ? -1 : sync_directory_of (at, err);
}
