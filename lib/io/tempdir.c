/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Private directories that are gone with the run, also when the run is
 * killed: the guard is told of each.
 */

#include <config.h>

#include <limits.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "io/guard.h"
#include "io/tempdir.h"

struct tempdir {
  char *path;
  struct guard *guard;
};

struct tempdir *
tempdir_adopt (const char *path, struct guard *guard, struct error *err)
{
  struct tempdir *dir = alloc_zero (sizeof *dir, err);

  if (dir == NULL)
    return NULL;
  dir->guard = guard;
  dir->path = alloc_copy (path, err);
  if (dir->path != NULL)
    return dir;
  free (dir);
  return NULL;
}

struct tempdir *
tempdir_new (const char *parent, struct guard *guard, struct error *err)
{
  CLEANUP_FREE char *absolute = realpath (parent, NULL);
  CLEANUP_FREE char *path = absolute == NULL ? NULL
    : format (err, "%s/v2v.XXXXXX", absolute);
  struct tempdir *dir;

  if (absolute != NULL && path == NULL)
    return NULL;
  if (path == NULL || mkdtemp (path) == NULL) {
    error_errno (err, REASON_INTERNAL,
                 _("cannot create a directory in %s"), parent);
    error_hint (err, _("name a directory that can be written to with "
                       "--overlay-dir DIR, or in the variable TMPDIR"));
    return NULL;
  }
  dir = tempdir_adopt (path, guard, err);
  if (dir != NULL)
    guard_path (guard, path);
  else
    rmdir (path);
  return dir;
}

const char *
tempdir_path (const struct tempdir *dir)
{
  return dir->path;
}

void
tempdir_keep (struct tempdir *dir)
{
  guard_forget (dir->guard, dir->path);
  free (dir->path);
  dir->path = NULL;
}

void
tempdir_free (struct tempdir *dir)
{
  if (dir == NULL)
    return;
  if (dir->path != NULL) {
    remove_tree (dir->path);
    /* What we had no memory to remove is left to the guard. */
    if (access (dir->path, F_OK) == -1)
      guard_forget (dir->guard, dir->path);
  }
  free (dir->path);
  free (dir);
}
