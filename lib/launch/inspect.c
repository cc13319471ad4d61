/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a served disk is: the image's own words (lib/image), held against those
 * of the user and of the guest's metadata.
 */

#include <config.h>

#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "guest/guest.h"
#include "image/image.h"
#include "input/input-request.h"
#include "launch/inspect.h"
#include "nbdkit/caps.h"

/* What is compressed can also be read through a filter of nbdkit's, if that is
 * installed.
 */
static void
hint_filter (const struct image *image, const struct nbdkit_caps *caps,
             struct error *err)
{
  static const struct { const char *filter, *hint; } filters[] = {
    { "bzip2", N_("or add -io filter=bzip2") },
    { "gzip", N_("or add -io filter=gzip") },
    { "xz", N_("or add -io filter=xz") },
  };
  const char *found = image_format_name (image);

  for (size_t i = 0; i < ARRAY_LEN (filters); i++)
    if (strcmp (found, filters[i].filter) == 0 &&
        nbdkit_caps_has_filter (caps, found))
      error_add_hint (err, _(filters[i].hint));
}

/* Metadata calls it raw, and it is not: a guest would see the image's header
 * where its boot sector should be.  Only the user can know better.
 */
static int
refuse_not_raw (const struct image *image, const char *name,
                struct error *err)
{
  const char *found = image_format_name (image);
  CLEANUP_FREE char *what = image_describe (image, err);

  if (what == NULL)
    return -1;
  error_set (err, REASON_UNSUPPORTED,
             _("%s is %s where a raw disk is expected"), name, what);
  error_hint (err, _("read it as the image that it is with -if %s, or as the "
                     "disk itself with -if raw"), found);
  return -1;
}

/* A descriptor of one file of plain sectors, beside it: that file is the disk
 * itself.
 */
static void
add_flat_hint (const struct disk *disk, const struct image *image,
               struct error *err)
{
  const struct image_file *file = image->files.ptr;
  const char *path = location_local_path (&disk->location);
  CLEANUP_FREE char *flat = NULL, *hint = NULL;

  if (path == NULL || image->files.len != 1 ||
      file->kind != IMAGE_FILE_FLAT || file->name == NULL ||
      file->offset != 0 || strchr (file->name, '/') != NULL)
    return;
  flat = input_path_beside (path, file->name, err);
  if (flat == NULL || access (flat, F_OK) == -1)
    return;
  hint = format (err, _("or give the disk itself, %s, with -if raw"), flat);
  if (hint != NULL)
    error_add_hint (err, hint);
}

/* Raw is what nothing else is, so that a disk that should be raw is looked at
 * without that expectation.
 */
static int
examine (struct reader *reader, const struct disk *disk,
         const struct nbdkit_caps *caps, const char *name, struct image *ret,
         struct error *err)
{
  const bool expect_raw = !disk->format_given && disk->format != NULL &&
    disk_is_raw (disk);

  if (image_examine (reader, name, expect_raw ? NULL : disk->format, ret,
                     err) == -1)
    return -1;
  if (image_check (ret, name, disk->allow_backing, err) == -1) {
    hint_filter (ret, caps, err);
    add_flat_hint (disk, ret, err);
    return -1;
  }
  return expect_raw && !image_is_raw (ret)
    ? refuse_not_raw (ret, name, err) : 0;
}

int
inspect_image (struct reader *reader, const struct disk *disk,
               const struct nbdkit_caps *caps, const char *name,
               struct image *ret, struct error *err)
{
  if (examine (reader, disk, caps, name, ret, err) == 0)
    return 0;
  image_reset (ret);
  return -1;
}
