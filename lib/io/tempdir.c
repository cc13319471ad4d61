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
  char *path;
  char *exposed;                /* tempdir_exposed */
  int owner;                    /* holds the owner file's lock, or -1 */
  struct guard *guard;
};

static void
handle_free (struct tempdir *dir)
{
  close_if_open (dir->owner);
  free (dir->exposed);
  free (dir->path);
  free (dir);
}

static struct tempdir *
handle_new (const char *path, struct guard *guard, struct error *err)
{
  struct tempdir *dir = alloc_zero (sizeof *dir, err);

  if (dir == NULL)
    return NULL;
  dir->guard = guard;
  dir->owner = -1;
  dir->path = alloc_copy (path, err);
  if (dir->path != NULL)
    return dir;
  handle_free (dir);
  return NULL;
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
check (const char *path, char **exposed, struct error *err)
{
  CLEANUP_FD int fd = open (path, O_PATH|O_DIRECTORY|O_NOFOLLOW|O_CLOEXEC);

  /* What is wrong with one that is gone is found out by who reads it. */
  return fd == -1 ||
    (check_own (fd, path, err) == 0 &&
     check_place (fd, path, exposed, err) == 0) ? 0 : -1;
}

int
tempdir_check (const char *path, struct error *err)
{
  CLEANUP_FREE char *exposed = NULL;

  return check (path, &exposed, err);
}

struct tempdir *
tempdir_adopt (const char *path, struct guard *guard, struct error *err)
{
  struct tempdir *dir = handle_new (path, guard, err);

  if (dir == NULL)
    return NULL;
  dir->owner = owner_take_over (path);
  if (check (path, &dir->exposed, err) == 0)
    return dir;
  handle_free (dir);
  return NULL;
}

static struct tempdir *
cannot_create (const char *parent, struct error *err)
{
  if (!error_is_set (err))
    error_errno (err, errno == ENOSPC || errno == EDQUOT
                 ? REASON_SPACE : REASON_INTERNAL,
                 _("cannot create a directory in %s"), parent);
  error_hint (err, err->reason == REASON_SPACE
              ? _("free some space there, or name another directory with "
                  "--overlay-dir DIR or in the variable TMPDIR")
              : _("name a directory that can be written to with "
                  "--overlay-dir DIR, or in the variable TMPDIR"));
  return NULL;
}

/* The path of the directory PARENT, which may be used. */
static char *
open_parent (const char *parent, char **exposed, struct error *err)
{
  CLEANUP_FD int fd = -1;
  char *path;

  if (walk_to_directory (parent, &fd, err) == -1) {
    err->reason = REASON_INTERNAL;
    return NULL;
  }
  if (fd != -1 && check_place (fd, parent, exposed, err) == -1)
    return NULL;
  path = fd == -1 ? NULL : directory_path (fd);
  if (path == NULL)
    cannot_create (parent, err);
  return path;
}

struct tempdir *
tempdir_new (const char *parent, struct guard *guard, struct error *err)
{
  CLEANUP_FREE char *exposed = NULL;
  CLEANUP_FREE char *absolute = open_parent (parent, &exposed, err);
  CLEANUP_FREE char *path = absolute == NULL ? NULL
    : format (err, "%s/" OWNER_TEMPLATE, absolute);
  struct tempdir *dir;

  if (path == NULL)
    return NULL;
  owner_sweep (absolute);
  if (mkdtemp (path) == NULL)
    return cannot_create (parent, err);
  guard_path (guard, path);
  dir = handle_new (path, guard, err);
  if (dir == NULL) {
    rmdir (path);
    return NULL;
  }
  dir->exposed = STEAL (exposed);
  dir->owner = owner_claim (path, err);
  if (!error_is_set (err))
    return dir;
  tempdir_free (dir);
  return cannot_create (parent, err);
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

  guard_forget (dir->guard, dir->path);
  free (dir->path);
  dir->path = NULL;
  return r;
}

void
tempdir_free (struct tempdir *dir)
{
  if (dir == NULL)
    return;
  if (dir->path != NULL) {
    owner_remove (dir->path);
    /* What we had no memory to remove is left to the guard. */
    if (access (dir->path, F_OK) == -1)
      guard_forget (dir->guard, dir->path);
  }
  handle_free (dir);
}
