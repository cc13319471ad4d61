/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Private directories that are gone with the run, also when the run is
 * killed: the guard is told of each, and owner.c lets later runs know.
 */

#include <config.h>

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/ownership.h"
#include "base/trust.h"
#include "base/walk.h"
#include "io/guard.h"
#include "io/owner.h"
#include "io/tempdir.h"

struct tempdir {
  char *path;                   /* NULL: it is kept */
  char *exposed;                /* tempdir_exposed */
  int parent_fd, fd;            /* O_PATH; -1 if it was gone already */
  int owner;                    /* holds the owner file's lock, or -1 */
  struct guard *guard;
};

static void
handle_free (struct tempdir *dir)
{
  close_if_open (dir->owner);
  close_if_open (dir->fd);
  close_if_open (dir->parent_fd);
  free (dir->exposed);
  free (dir->path);
  free (dir);
}

static struct tempdir *
handle_new (struct guard *guard, struct error *err)
{
  struct tempdir *dir = alloc_zero (sizeof *dir, err);

  if (dir == NULL)
    return NULL;
  dir->guard = guard;
  dir->parent_fd = dir->fd = dir->owner = -1;
  return dir;
}

static const char *
name_of (const struct tempdir *dir)
{
  return strrchr (dir->path, '/') + 1;
}

/* Would it be safe with it? */
static bool
lacks_sticky_bit (const char *dir)
{
  struct stat st;

  return stat (dir, &st) == 0 && (st.st_mode & S_ISVTX) == 0 &&
    st.st_uid == geteuid ();
}

/* Whoever can rename the directory can have us, and the programs that we tell
 * its path, open what is in another one.  Root is refused that; a plain user
 * often cannot change the volume of a container (Kubernetes' emptyDir has mode
 * 0777 without the sticky bit), and risks less.
 */
static int
check_place (int fd, const char *parent, char **exposed, struct error *err)
{
  CLEANUP_FREE char *path = trusted_path_of (fd, exposed);

  if (path != NULL || (*exposed != NULL && geteuid () != 0))
    return 0;
  if (*exposed == NULL)
    return error_errno (err, REASON_INTERNAL, "%s", parent);
  error_set (err, REASON_INTERNAL,
             _("%s is not safe for private files: other users could exchange "
               "them, because they can write to %s"), parent, *exposed);
  error_hint (err, lacks_sticky_bit (*exposed)
              ? _("set the sticky bit, as /tmp has it (chmod +t), or name "
                  "another directory with --overlay-dir DIR and in the "
                  "variable TMPDIR")
              : _("name another directory with --overlay-dir DIR and in the "
                  "variable TMPDIR"));
  return -1;
}

/* Is it what tempdir_new makes, and of this user? */
static int
check_own (int fd, const char *path, struct error *err)
{
  struct stat st;

  if (fstat (fd, &st) == -1)
    return error_errno (err, REASON_INTERNAL, "%s", path);
  return ownership_problem (fd, &st) == NULL ? 0
    : error_set (err, REASON_TARGET_CHANGED,
                 _("%s is not a private directory of this user"), path);
}

static int
check (int fd, const char *path, char **exposed, struct error *err)
{
  return check_own (fd, path, err) == -1 ? -1
    : check_place (fd, path, exposed, err);
}

/* What is wrong with one that is gone is found out by who reads it. */
static int
open_left (const char *path)
{
  return open (path, O_PATH|O_DIRECTORY|O_NOFOLLOW|O_CLOEXEC);
}

int
tempdir_check (const char *path, struct error *err)
{
  CLEANUP_FREE char *exposed = NULL;
  CLEANUP_FD int fd = open_left (path);

  return fd == -1 ? 0 : check (fd, path, &exposed, err);
}

struct tempdir *
tempdir_adopt (const char *path, struct guard *guard, struct error *err)
{
  struct tempdir *dir = handle_new (guard, err);

  if (dir == NULL)
    return NULL;
  dir->path = alloc_copy (path, err);
  dir->owner = owner_take_over (path);
  dir->fd = open_left (path);
  if (dir->fd != -1)
    dir->parent_fd = openat (dir->fd, "..", O_PATH|O_DIRECTORY|O_CLOEXEC);
  if (dir->path != NULL &&
      (dir->fd == -1 || check (dir->fd, path, &dir->exposed, err) == 0))
    return dir;
  handle_free (dir);
  return NULL;
}

static void
cannot_create (const char *parent, struct error *err)
{
  if (!error_is_set (err))
    error_errno (err, errno == ENOSPC || errno == EDQUOT
                 ? REASON_SPACE : REASON_INTERNAL,
                 _("cannot create a directory in %s"), parent);
  error_hint (err, err->reason == REASON_SPACE
              ? _("free some space there, or set TMPDIR to another directory "
                  "(--overlay-dir DIR is for the overlays alone)")
              : _("set TMPDIR to a directory that can be written to "
                  "(--overlay-dir DIR is for the overlays alone)"));
}

/* Open the directory PARENT, which may be used.  Returns its path. */
static char *
open_parent (struct tempdir *dir, const char *parent, struct error *err)
{
  char *path = NULL;

  if (walk_to_directory (parent, &dir->parent_fd, err) == -1) {
    err->reason = REASON_INTERNAL;
    return NULL;
  }
  if (dir->parent_fd != -1) {
    if (check_place (dir->parent_fd, parent, &dir->exposed, err) == -1)
      return NULL;
    path = directory_path (dir->parent_fd);
  }
  if (path == NULL)
    cannot_create (parent, err);
  return path;
}

/* mkdtemp is for paths.  This one leads to the directory that is open. */
static int
make (struct tempdir *dir, const char *absolute, struct error *err)
{
  char path[64];

  snprintf (path, sizeof path, "/proc/self/fd/%d/" OWNER_TEMPLATE,
            dir->parent_fd);
  if (mkdtemp (path) == NULL)
    return -1;
  dir->path = format (err, "%s/%s", absolute, strrchr (path, '/') + 1);
  if (dir->path == NULL) {
    rmdir (path);
    return -1;
  }
  guard_at (dir->guard, dir->parent_fd, name_of (dir));
  dir->fd = openat (dir->parent_fd, name_of (dir),
                    O_PATH|O_DIRECTORY|O_NOFOLLOW|O_CLOEXEC);
  if (dir->fd == -1)
    return -1;
  dir->owner = owner_claim (dir->path, err);
  return error_is_set (err) ? -1 : 0;
}

struct tempdir *
tempdir_new (const char *parent, struct guard *guard, struct error *err)
{
  struct tempdir *dir = handle_new (guard, err);
  CLEANUP_FREE char *absolute = dir == NULL ? NULL
    : open_parent (dir, parent, err);

  if (absolute != NULL) {
    owner_sweep (absolute);
    if (make (dir, absolute, err) == 0)
      return dir;
    cannot_create (parent, err);
  }
  tempdir_free (dir);
  return NULL;
}

const char *
tempdir_path (const struct tempdir *dir)
{
  return dir->path;
}

const char *
tempdir_exposed (const struct tempdir *dir)
{
  return dir->exposed;
}

int
tempdir_keep (struct tempdir *dir, struct error *err)
{
  const int r = owner_keep (dir->path, err);

  guard_forget_at (dir->guard, dir->parent_fd, name_of (dir));
  free (dir->path);
  dir->path = NULL;
  return r;
}

void
tempdir_free (struct tempdir *dir)
{
  if (dir == NULL)
    return;
  if (dir->path != NULL && dir->parent_fd != -1) {
    owner_remove_at (dir->parent_fd, name_of (dir), dir->fd);
    /* What we had no memory to remove is left to the guard. */
    if (faccessat (dir->parent_fd, name_of (dir), F_OK,
                   AT_SYMLINK_NOFOLLOW) == -1)
      guard_forget_at (dir->guard, dir->parent_fd, name_of (dir));
  }
  handle_free (dir);
}
