/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Opens the files that the user named for us to read. */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/infile.h"
#include "base/trust.h"
#include "base/walk.h"

/* What a regular file of another user says is what the user asked for.  With
 * another name it may be anybody's.  A directory fails by itself.
 */
static bool
may_be_read (const struct walked *found)
{
  return found->is_descriptor || S_ISDIR (found->st.st_mode) ||
    (S_ISREG (found->st.st_mode) && found->st.st_nlink == 1) ||
    file_may_be_written (&found->st, found->at.dir_fd);
}

static int
refuse (const struct walked *found, struct error *err)
{
  if (walked_is_link (found))
    return walked_refuse_link (found, err);
  error_set (err, REASON_USAGE,
             _("%s: another user could have put it there"), found->at.path);
  error_hint (err, _("name a file in a directory that only you and root can "
                     "write to"));
  return -1;
}

static int
failed (const struct walked *found, struct error *err)
{
  return error_errno (err, REASON_USAGE, "%s", found->at.path);
}

static int
open_found (struct walked *found, struct error *err)
{
  CLEANUP_FD int fd = -1;

  if (walked_is_link (found) || (found->exists && !may_be_read (found)))
    return refuse (found, err);
  fd = openat (found->at.dir_fd, found->at.name,
               O_RDONLY|O_NONBLOCK|O_NOCTTY|O_CLOEXEC|
               (found->is_descriptor ? 0 : O_NOFOLLOW));
  if (fd == -1 || fstat (fd, &found->st) == -1)
    return failed (found, err);
  /* It may be another one by now. */
  if (!may_be_read (found))
    return refuse (found, err);
  return fcntl (fd, F_SETFL, 0) == 0 ? STEAL_FD (fd) : failed (found, err);
}

int
infile_open (const char *path, struct error *err)
{
  CLEANUP_WALKED struct walked found = WALKED_INIT;
  const int fd = walk (path, &found, err) == 0 ? open_found (&found, err) : -1;

  if (fd == -1)
    err->reason = REASON_USAGE;
  return fd;
}

int
infile_check (const char *path, struct error *err)
{
  CLEANUP_WALKED struct walked found = WALKED_INIT;
  CLEANUP_FD int fd = -1;

  if (walk (path, &found, err) == 0) {
    if (!found.exists)
      return 0;
    fd = open_found (&found, err);
    if (fd != -1 && !S_ISREG (found.st.st_mode) &&
        !S_ISCHR (found.st.st_mode))
      error_set (err, REASON_USAGE, _("%s is not a regular file"), path);
  }
  if (!error_is_set (err))
    return 0;
  err->reason = REASON_USAGE;
  return -1;
}
