/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Private directories that are gone with the run, also when the run is
 * killed: the guard is told of each, and owner.c lets later runs know.
 */

#include <config.h>

#include <limits.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "io/guard.h"
#include "io/owner.h"
#include "io/tempdir.h"

struct tempdir {
  char *path;
  int owner;                    /* holds the owner file's lock, or -1 */
  struct guard *guard;
};

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
  free (dir);
  return NULL;
}

struct tempdir *
tempdir_adopt (const char *path, struct guard *guard, struct error *err)
{
  struct tempdir *dir = handle_new (path, guard, err);

  if (dir != NULL)
    dir->owner = owner_take_over (path);
  return dir;
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

struct tempdir *
tempdir_new (const char *parent, struct guard *guard, struct error *err)
{
  CLEANUP_FREE char *absolute = realpath (parent, NULL);
  CLEANUP_FREE char *path = absolute == NULL ? NULL
    : format (err, "%s/" OWNER_TEMPLATE, absolute);
  struct tempdir *dir;

  if (absolute != NULL && path == NULL)
    return NULL;
  if (absolute != NULL)
    owner_sweep (absolute);
  if (path == NULL || mkdtemp (path) == NULL)
    return cannot_create (parent, err);
  guard_path (guard, path);
  dir = handle_new (path, guard, err);
  if (dir == NULL) {
    rmdir (path);
    return NULL;
  }
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
  close_if_open (dir->owner);
  free (dir->path);
  free (dir);
}
