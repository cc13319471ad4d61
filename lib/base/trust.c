/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Judges names by who could have made them.  What is done about one that is
 * not trusted is left to the callers.
 */

#include <config.h>

#include <grp.h>
#include <stdio.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/trust.h"

/* In a user namespace (rootless containers, bwrap) the host's root has no
 * number of its own.  All that belongs to it is shown with the number that
 * /proc has, too.
 */
static bool
is_root (uid_t uid)
{
  struct stat st;

  return uid == 0 || (stat ("/proc", &st) == 0 && st.st_uid == uid);
}

static bool
is_trusted (uid_t uid)
{
  return uid == geteuid () || is_root (uid);
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
is_shared (const struct stat *st, int dir_fd)
{
  if ((st->st_mode & S_IWOTH) != 0)
    return true;
  if ((st->st_mode & S_IWGRP) == 0)
    return false;
  return (st->st_gid != getegid () && !group_member (st->st_gid)) ||
    has_acl (dir_fd);
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

  return fstat (dir_fd, &st) == 0 && is_trusted (st.st_uid) &&
    !is_shared (&st, dir_fd);
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
