/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Where the name leads that an image has for another file, as qemu takes it.
 * Nothing is opened here.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "guest/location.h"
#include "image/image.h"
#include "launch/named-path.h"

/* qemu's rule (path_has_protocol in block.c): "nbd:..." and "json:..." are no
 * file names.
 */
bool
named_path_is_file (const char *name)
{
  return name[strcspn (name, ":/")] != ':';
}

const char *
named_path_plain (const char *name)
{
  return strncmp (name, "file:", 5) == 0 ? name + 5 : name;
}

char *
named_path (const char *dir, const char *name, struct error *err)
{
  name = named_path_plain (name);
  if (*name == '/')
    return alloc_copy (name, err);
  return *name == '\0' || !named_path_is_file (name) || dir == NULL ? NULL
    : format (err, "%s%s", dir, name);
}

char *
named_path_directory (const struct location *location, struct error *err)
{
  const char *local = location_local_path (location);
  CLEANUP_FREE char *path = NULL;

  if (local == NULL || location->origin.name != NULL ||
      location->origin.path != NULL || location->part.tar_entry != NULL ||
      location->part.offset != 0)
    return NULL;
  path = location_absolute_path (local, err);
  if (path != NULL)
    strrchr (path, '/')[1] = '\0';
  return STEAL (path);
}

bool
named_paths_known (const struct image *image,
                   const struct location *location)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *dir = named_path_directory (location, &ignored);

  for (size_t i = 0; i < image->files.len; i++) {
    const char *name = image->files.ptr[i].name;
    CLEANUP_FREE char *path = name == NULL || dir == NULL ? NULL
      : named_path (dir, name, &ignored);

    if (name != NULL && path == NULL)
      return false;
  }
  return true;
}
