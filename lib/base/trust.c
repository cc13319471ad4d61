/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Judges names by who could have made them.  What is done about one that is
 * not trusted is left to the callers.
 */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/trust.h"

/* In a user namespace (rootless containers, bwrap, unshare) the host's root has
 * no number of its own: all that belongs to it, /proc among it, is shown with
 * that of everybody who is not mapped (kernel.overflowuid).
 */
static bool
is_of_anybody (uid_t uid)
{
  struct stat st;

  return uid != 0 && stat ("/proc", &st) == 0 && st.st_uid == uid;
}

static bool
is_group_of_anybody (gid_t gid)
{
  struct stat st;

  return gid != 0 && stat ("/proc", &st) == 0 && st.st_gid == gid;
}

/* This number says certainly that it is root's or ours. */
static bool
is_trusted (uid_t uid)
{
  return (uid == 0 || uid == geteuid ()) && !is_of_anybody (uid);
}

/* With an ACL the bits of the group are what any user or group of the ACL may
 * do at most.  A descriptor that is O_PATH has no attributes, but its name in
 * /proc has.
 */
static bool
has_acl (int dir_fd)
{
  char path[64];

  snprintf (path, sizeof path, "/proc/self/fd/%d", dir_fd);
  return getxattr (path, "system.posix_acl_access", NULL, 0) > 0;
}

static bool
is_our_group (gid_t gid)
{
  return (gid == getegid () || group_member (gid)) &&
    !is_group_of_anybody (gid);
}

static bool
is_shared (const struct stat *st, int dir_fd)
{
  if ((st->st_mode & S_IWOTH) != 0)
    return true;
  if ((st->st_mode & S_IWGRP) == 0)
    return false;
  return !is_our_group (st->st_gid) || has_acl (dir_fd);
}

static bool
is_same (int fd1, int fd2)
{
  struct stat st1, st2;

  return fstat (fd1, &st1) == 0 && fstat (fd2, &st2) == 0 &&
    st1.st_dev == st2.st_dev && st1.st_ino == st2.st_ino;
}

/* Nobody but root could have made the directory: up to "/", none of those that
 * it is in is open to others.  (But those whom root has given one in such a
 * place, as a home directory, cannot be told from root here.)
 */
static bool
only_root_makes (int dir_fd)
{
  CLEANUP_FD int fd = openat (dir_fd, ".", O_PATH|O_DIRECTORY|O_CLOEXEC);

  while (fd != -1) {
    CLEANUP_FD int above = openat (fd, "..", O_PATH|O_DIRECTORY|O_CLOEXEC);
    struct stat st;

    if (above == -1 || fstat (above, &st) == -1)
      return false;
    if (is_same (fd, above))
      return true;
    if ((!is_trusted (st.st_uid) && !is_of_anybody (st.st_uid)) ||
        is_shared (&st, above))
      return false;
    close_fd (&fd);
    fd = STEAL_FD (above);
  }
  return false;
}

/* ST says what DIR_FD is. */
static bool
is_trusted_directory (const struct stat *st, int dir_fd)
{
  return is_trusted (st->st_uid) ||
    (is_of_anybody (st->st_uid) && only_root_makes (dir_fd));
}

bool
directory_is_shared (int dir_fd)
{
  struct stat st;

  return fstat (dir_fd, &st) == -1 || is_shared (&st, dir_fd);
}

bool
directory_is_trusted (int dir_fd)
{
  struct stat st;

  return fstat (dir_fd, &st) == 0 && !is_shared (&st, dir_fd) &&
    is_trusted_directory (&st, dir_fd);
}

/* Where a link is, somebody may have put it who did not make it: any user can
 * give a link a second name where fs.protected_hardlinks is 0.
 */
bool
link_may_be_followed (const struct stat *link, int dir_fd)
{
  return (is_trusted (link->st_uid) && link->st_nlink == 1) ||
    directory_is_trusted (dir_fd);
}

bool
file_may_be_written (const struct stat *st, int dir_fd)
{
  if (directory_is_trusted (dir_fd))
    return true;
  return st->st_nlink == 1 &&
    (is_trusted (st->st_uid) || !directory_is_shared (dir_fd));
}

/* Can nobody else rename or remove what is ours in the directory? */
static bool
directory_keeps_ours (int dir_fd)
{
  struct stat st;

  return fstat (dir_fd, &st) == 0 && is_trusted_directory (&st, dir_fd) &&
    ((st.st_mode & S_ISVTX) != 0 || !is_shared (&st, dir_fd));
}

/* Can nobody else put another directory in the place of BELOW in DIR_FD? */
static bool
keeps (int dir_fd, int below)
{
  struct stat st;

  return directory_is_trusted (dir_fd) ||
    (directory_keeps_ours (dir_fd) && fstat (below, &st) == 0 &&
     is_trusted (st.st_uid));
}

/* Can only root and we reach what is below the directory DIR_FD? */
static bool
is_closed (int dir_fd)
{
  struct stat st;

  return fstat (dir_fd, &st) == 0 && is_trusted_directory (&st, dir_fd) &&
    (st.st_mode & S_IXOTH) == 0 &&
    ((st.st_mode & S_IXGRP) == 0 ||
     (is_our_group (st.st_gid) && !has_acl (dir_fd)));
}

/* Walk along PATH, which has no links, to the directory FD.  Whether it still
 * is that one is known when all directories above it have been judged.  The
 * length of the directory's path that others can write to; 0: none; -1: errno.
 */
static ssize_t
judge (const char *path, int fd)
{
  CLEANUP_FD int dir_fd = open ("/", O_PATH|O_DIRECTORY|O_CLOEXEC);
  CLEANUP_FREE char *copy = strdup (path);
  char *rest = copy, *name;
  bool closed = false;

  if (copy == NULL || dir_fd == -1)
    return -1;
  while ((name = strsep (&rest, "/")) != NULL) {
    CLEANUP_FD int below = -1;

    if (*name == '\0')
      continue;
    below = openat (dir_fd, name, O_PATH|O_DIRECTORY|O_NOFOLLOW|O_CLOEXEC);
    if (below == -1)
      return -1;
    closed |= is_closed (dir_fd);
    if (!closed && !keeps (dir_fd, below))
      return name == copy + 1 ? 1 : name - copy - 1;
    close_fd (&dir_fd);
    dir_fd = STEAL_FD (below);
  }
  errno = ESTALE;
  if (!is_same (dir_fd, fd))
    return -1;
  return closed || is_closed (dir_fd) || directory_keeps_ours (dir_fd)
    ? 0 : (ssize_t) strlen (path);
}

char *
directory_path (int fd)
{
  char link[64];

  snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  return realpath (link, NULL);
}

char *
trusted_path_of (int fd, char **where)
{
  CLEANUP_FREE char *path = directory_path (fd);
  const ssize_t n = path == NULL ? -1 : judge (path, fd);

  *where = NULL;
  if (n == 0)
    return STEAL (path);
  if (n > 0) {
    *where = strndup (path, (size_t) n);
    errno = *where == NULL ? ENOMEM : EPERM;
  }
  return NULL;
}
