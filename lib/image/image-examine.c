/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Finds out what a file is, by asking one format after the other.  What a
 * format's headers and tables say is left to its own file, and what follows
 * from it to image-check.c.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/i18n.h"
#include "image/head.h"
#include "image/image-format.h"
#include "io/reader.h"

/* One that the user names; qemu may know it. */
static const struct image_format other = {
  .name = NULL, .what = N_("an image in another format"),
};

/* In this order: a raw disk may have anything behind its first sector. */
static const struct image_format *const formats[] = {
  &image_qcow2, &image_qcow, &image_vmdk, &image_vdi, &image_vhdx,
  &image_vhd, &image_parallels, &image_qed,
};

static int
read_ends (struct reader *reader, struct image_ends *ret, struct error *err)
{
  const uint64_t size = reader->size;
  const size_t start = size < IMAGE_START ? (size_t) size : IMAGE_START;

  *ret = (struct image_ends) { .size = size };
  if (reader_pread (reader, ret->start, start, 0, err) == -1)
    return -1;
  return size < IMAGE_END ? 0
    : reader_pread (reader, ret->end, IMAGE_END, size - IMAGE_END, err);
}

/* Go through all formats: format number I, or NULL behind the last one. */
static const struct image_format *
format_at (size_t i)
{
  static const struct image_format *const tables[] = {
    image_others, image_archives, image_texts,
  };

  if (i < ARRAY_LEN (formats))
    return formats[i];
  i -= ARRAY_LEN (formats);
  for (size_t t = 0; t < ARRAY_LEN (tables); t++)
    for (const struct image_format *at = tables[t]; at->name != NULL; at++)
      if (i-- == 0)
        return at;
  return NULL;
}

static const struct image_format *
find (const struct image_ends *ends)
{
  const struct image_format *format;

  for (size_t i = 0; (format = format_at (i)) != NULL; i++)
    if (format->probe (ends))
      return format;
  /* The only one that is told by its end, where others may have anything. */
  return image_vhd_fixed.probe (ends) ? &image_vhd_fixed : &image_raw;
}

/* The format that the image has to have.  What is no disk at all is not taken
 * for one.
 */
static const struct image_format *
find_named (const struct image_ends *ends, const char *name,
            struct error *err)
{
  const struct image_format *found = find (ends), *format;

  if (strcmp (found->name, name) == 0 || found->instead != NULL)
    return found;
  for (size_t i = 0; (format = format_at (i)) != NULL; i++)
    if (strcmp (format->name, name) == 0) {
      error_set (err, REASON_UNSUPPORTED, _("it is not %s, but %s"),
                 _(format->what), _(found->what));
      error_hint (err, _("give the right format with -if FORMAT"));
      return NULL;
    }
  return &other;
}

static void
take_raw (const struct reader *reader, struct image *ret)
{
  ret->plain = true;
  ret->size = reader->size;
}

/* A disk like any other, for whoever has its passphrase: the guest, or the
 * host that it was on.
 */
static void
look_for_luks (const struct image_ends *ends, struct image *ret)
{
  static const char magic[] = "LUKS\xba\xbe";

  if (memcmp (ends->start, magic, sizeof magic - 1) != 0)
    return;
  ret->variant = "LUKS";
  ret->state |= IMAGE_ENCRYPTED;
}

/* What can name other files is read before anything is decided by it, and
 * not again.
 */
static int
examine_as (struct reader *reader, const struct image_ends *ends,
            struct image *ret, struct error *err)
{
  const struct image_format *format = ret->format;
  CLEANUP_READER struct reader *kept = NULL;

  if (format->examine == NULL)
    return 0;
  if (format->head == NULL)
    return format->examine (reader, ends, ret, err);
  if (format->head (ends, &ret->head, err) == -1 ||
      image_head_read (&ret->head, ends, reader, err) == -1)
    return -1;
  kept = image_head_reader (&ret->head, reader, err);
  return kept == NULL ? -1 : format->examine (kept, ends, ret, err);
}

static int
examine (struct reader *reader, const char *as, struct image *ret,
         struct error *err)
{
  struct image_ends ends;

  if (read_ends (reader, &ends, err) == -1)
    return -1;
  ret->format = as == NULL ? find (&ends) : find_named (&ends, as, err);
  if (ret->format == NULL)
    return -1;
  if (ret->format == &image_raw) {
    take_raw (reader, ret);
    look_for_luks (&ends, ret);
  }
  if (ret->format == &other && alloc_set (&ret->other_format, as, err) == -1)
    return -1;
  if (ret->format == &other && strcmp (as, "luks") == 0)
    ret->state |= IMAGE_ENCRYPTED;
  return examine_as (reader, &ends, ret, err);
}

int
image_examine (struct reader *reader, const char *name, const char *as,
               struct image *ret, struct error *err)
{
  *ret = (struct image) {
    .format = &image_raw, .file_size = reader->size, .remote = reader->remote,
  };
  if (as != NULL)
    as = image_format_in_qemu (as);
  if (as != NULL && strcmp (as, image_raw.name) == 0) {
    take_raw (reader, ret);
    return 0;
  }
  if (examine (reader, as, ret, err) == 0)
    return 0;
  error_wrap (err, "%s", name);
  image_reset (ret);
  return -1;
}
