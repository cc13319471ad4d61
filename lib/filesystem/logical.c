/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Looks at logical volumes when all disks have been looked at: they may lie on
 * several.  Where they are is left to lvm.c.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "filesystem/found.h"
#include "filesystem/logical.h"
#include "filesystem/volume.h"
#include "io/reader.h"

bool
physical_is (const char *kind)
{
  return kind != NULL && strcmp (kind, "LVM2_member") == 0;
}

int
physical_add (struct physical *pvs, struct lvm_pv pv, struct error *err)
{
  char *name = alloc_copy (pv.name, err);

  pv.name = name;
  if (name != NULL && physical_append (pvs, pv) == 0)
    return 0;
  free (name);
  return error_nomem (err);
}

void
physical_release (struct physical *pvs)
{
  for (size_t i = 0; i < pvs->len; i++)
    free ((char *) pvs->ptr[i].name);
  physical_reset (pvs);
}

/* MAPS: no ranges, for each disk. */
static int
map_unused (const struct lvm_volume *volume, const struct filesystem *fs,
            const struct ranges *unused, struct ranges *maps,
            struct filesystems *ret, struct error *err)
{
  for (size_t i = 0; i < unused->len; i++) {
    if (lvm_map (volume, unused->ptr[i], maps, err) == -1)
      return -1;
    for (unsigned disk = 0; disk < ret->n; disk++) {
      for (size_t k = 0; k < maps[disk].len; k++)
        if (found_unused (ret, fs, disk, maps[disk].ptr[k], err) == -1)
          return -1;
      maps[disk].len = 0;
    }
  }
  return 0;
}

static int
map_volume (const struct lvm_volume *volume, const struct filesystem *fs,
            const struct ranges *unused, struct filesystems *ret,
            struct error *err)
{
  struct ranges *maps = alloc_zero ((ret->n + 1) * sizeof *maps, err);
  int r;

  if (maps == NULL)
    return -1;
  r = map_unused (volume, fs, unused, maps, ret, err);
  for (unsigned disk = 0; disk < ret->n; disk++)
    ranges_reset (&maps[disk]);
  free (maps);
  return r;
}

/* What has no reader is not looked at. */
static int
examine (const struct lvm_volume *volume, struct filesystem *fs,
         struct usage *usage, struct error *err)
{
  if (volume->reader != NULL)
    return volume_examine (volume->reader, fs, usage, err);
  return alloc_set (&fs->kind, volume->kind, err) == -1 ||
    alloc_set (&fs->why_not, volume->why_not, err) == -1 ? -1 : 0;
}

static int
add_volume (const struct lvm_volume *volume, struct filesystems *ret,
            struct error *err)
{
  CLEANUP_FILESYSTEM struct filesystem fs = {
    .disk = volume->disk, .size = volume->size,
  };
  struct usage usage = { .why_not = NULL };
  int r;

  fs.name = alloc_copy (volume->name, err);
  if (fs.name == NULL)
    return -1;
  r = examine (volume, &fs, &usage, err);
  if (r == 0 && usage.unused.len > 0)
    r = map_volume (volume, &fs, &usage.unused, ret, err);
  usage_reset (&usage);
  return r == -1 ? -1 : found_add (ret, &fs, err);
}

int
logical_find (struct reader *const *disks, const struct physical *pvs,
              struct filesystems *ret, struct error *err)
{
  CLEANUP_LVM struct lvm_volumes volumes = { .ptr = NULL };

  if (pvs->len == 0)
    return 0;
  if (lvm_find (disks, pvs->ptr, pvs->len, &volumes, err) == -1)
    return -1;
  for (size_t i = 0; i < volumes.len; i++)
    if (add_volume (&volumes.ptr[i], ret, err) == -1) {
      error_wrap (err, "%s", volumes.ptr[i].name);
      return -1;
    }
  return 0;
}
