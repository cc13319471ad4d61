/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What all formats need, and what is asked of an image that was examined.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/i18n.h"
#include "image/image-format.h"
#include "io/reader.h"

const struct image_format image_raw = {
  .name = "raw", .what = N_("a raw disk"),
};

/* Other names of a format, as users and metadata write them. */
static const struct { const char *name, *in_qemu; } aliases[] = {
  { "aio", "raw" },             /* Xen's tap:aio: a plain file */
  { "iso", "raw" },
  { "vhd", "vpc" },
  { "avhd", "vpc" },            /* of a Hyper-V checkpoint */
  { "avhdx", "vhdx" },
};

const char *const image_format_names[] = {
  "parallels", "qcow", "qcow2", "qed", "raw", "vdi", "vhd", "vhdx", "vmdk",
  NULL
};

bool
image_format_known (const char *name)
{
  /* What qemu reads besides. */
  static const char *const others[] = { "bochs", "cloop", "dmg", "luks" };

  for (size_t i = 0; i < ARRAY_LEN (others); i++)
    if (strcmp (others[i], name) == 0)
      return true;
  for (size_t i = 0; image_format_names[i] != NULL; i++)
    if (strcmp (image_format_names[i], name) == 0)
      return true;
  for (size_t i = 0; i < ARRAY_LEN (aliases); i++)
    if (strcmp (aliases[i].name, name) == 0 ||
        strcmp (aliases[i].in_qemu, name) == 0)
      return true;
  return false;
}

const char *
image_format_in_qemu (const char *name)
{
  for (size_t i = 0; i < ARRAY_LEN (aliases); i++)
    if (strcasecmp (name, aliases[i].name) == 0)
      return aliases[i].in_qemu;
  return name;
}

const char *
image_format_for_people (const char *name)
{
  return strcmp (name, "vpc") == 0 ? "vhd" : name;
}

const char *
image_format_name (const struct image *image)
{
  return image->other_format != NULL ? image->other_format
                                     : image->format->name;
}

const char *
image_driver (const struct image *image)
{
  return image->plain ? image_raw.name : image_format_name (image);
}

bool
image_is_raw (const struct image *image)
{
  return image->format == &image_raw;
}

bool
image_is_container (const struct image *image)
{
  return image->format->instead != NULL;
}

void
image_hint_incomplete (struct error *err)
{
  error_hint (err, _("was a download or a copy interrupted?  complete it, "
                     "and compare the size or the checksum with the "
                     "original"));
}

int
image_pread (struct reader *reader, void *buf, size_t len, uint64_t offset,
             struct error *err)
{
  if (offset > reader->size || len > reader->size - offset)
    return error_set (err, REASON_UNSUPPORTED,
                      _("it is incomplete or damaged: %zu bytes of its "
                        "tables should be at offset %" PRIu64 ", but the "
                        "file has only %" PRIu64 " bytes"), len, offset,
                      reader->size);
  return reader_pread (reader, buf, len, offset, err);
}

int
image_add_file (struct image *image, const char *name, size_t len,
                struct error *err)
{
  struct image_file file = {
    .name = name == NULL ? NULL : strndup (name, len),
  };

  if ((file.name != NULL || name == NULL) &&
      image_files_append (&image->files, file) == 0)
    return 0;
  free (file.name);
  return error_nomem (err);
}

const struct image_file *
image_find_file (const struct image *image, const char *option)
{
  for (size_t i = 0; i < image->files.len; i++) {
    const struct image_file *file = &image->files.ptr[i];

    if (file->option != NULL && strcmp (file->option, option) == 0)
      return file;
  }
  return NULL;
}

void
image_reset (struct image *image)
{
  for (size_t i = 0; i < image->files.len; i++)
    free (image->files.ptr[i].name);
  image_files_reset (&image->files);
  for (size_t i = 0; i < image->head.len; i++)
    free (image->head.ptr[i].bytes);
  image_head_reset (&image->head);
  free (image->other_format);
  free (image->parent);
  *image = (struct image) { .format = &image_raw };
}
