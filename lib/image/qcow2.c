/* SPDX-License-Identifier: GPL-2.0-or-later */

/* qcow2 images (docs/interop/qcow2.txt of qemu), and of their predecessor
 * what they have in common with it.
 */

#include <config.h>

#include <string.h>

#include "base/error.h"
#include "base/i18n.h"
#include "image/bytes.h"
#include "image/image-format.h"
#include "image/qcow2.h"
#include "io/reader.h"

/* Offsets of fields, which are big endian. */
#define HEADER_LEN 104
#define VERSION_AT 4
#define BACKING 8               /* offset of the name: 8 bytes */
#define BACKING_LEN 16          /* of the name: 4 bytes */
#define SIZE 24
#define CRYPT_METHOD 32         /* 4 bytes */
#define QCOW_CRYPT_METHOD 36    /* in the predecessor */
#define INCOMPATIBLE 72         /* from version 3 on: 8 bytes */

#define FEATURE_DIRTY 0x01
#define FEATURE_CORRUPT 0x02
#define FEATURE_DATA_FILE 0x04

#define NAME_MAX_LEN 1023       /* so the specification says */

static void
parse_header (const unsigned char *header, struct qcow2_header *ret)
{
  const uint32_t version = be32 (header + VERSION_AT);
  const uint64_t features = version >= 3 ? be64 (header + INCOMPATIBLE) : 0;

  if (memcmp (header, QCOW2_MAGIC, strlen (QCOW2_MAGIC)) != 0)
    return;
  *ret = (struct qcow2_header) {
    .valid = true,
    .has_backing = be64 (header + BACKING) != 0,
    .has_data_file = (features & FEATURE_DATA_FILE) != 0,
    .encrypted = be32 (header + CRYPT_METHOD) != 0,
    .dirty = (features & FEATURE_DIRTY) != 0,
    .corrupt = (features & FEATURE_CORRUPT) != 0,
  };
}

int
qcow2_read_header (struct reader *reader, struct qcow2_header *ret,
                   struct error *err)
{
  unsigned char header[HEADER_LEN] = { 0 };
  const size_t len = reader->size < sizeof header ? (size_t) reader->size
                                                  : sizeof header;

  *ret = (struct qcow2_header) { .valid = false };
  if (reader_pread (reader, header, len, 0, err) == -1)
    return -1;
  parse_header (header, ret);
  return 0;
}

/*--- As a format. ---*/

static bool
has_magic (const struct image_ends *ends)
{
  return memcmp (ends->start, QCOW2_MAGIC, strlen (QCOW2_MAGIC)) == 0;
}

static bool
is_qcow2 (const struct image_ends *ends)
{
  return has_magic (ends) && be32 (ends->start + VERSION_AT) >= 2;
}

static bool
is_qcow (const struct image_ends *ends)
{
  return has_magic (ends) && be32 (ends->start + VERSION_AT) < 2;
}

/* The name of the backing file.  The length is not believed. */
static int
add_backing (struct reader *reader, const struct image_ends *ends,
             struct image *ret, struct error *err)
{
  char name[NAME_MAX_LEN + 1] = "";
  const uint64_t offset = be64 (ends->start + BACKING);
  const uint32_t len = be32 (ends->start + BACKING_LEN);

  if (offset == 0)
    return 0;
  if (len > NAME_MAX_LEN)
    return error_set (err, REASON_UNTRUSTED_IMAGE,
                      _("the name of its backing file is too long"));
  if (image_pread (reader, name, len, offset, err) == -1)
    return -1;
  return image_add_file (ret, name, strlen (name), err);
}

static int
examine_qcow (struct reader *reader, const struct image_ends *ends,
              struct image *ret, struct error *err)
{
  ret->size = be64 (ends->start + SIZE);
  if (be32 (ends->start + QCOW_CRYPT_METHOD) != 0)
    ret->state |= IMAGE_ENCRYPTED;
  return add_backing (reader, ends, ret, err);
}

static int
examine_qcow2 (struct reader *reader, const struct image_ends *ends,
               struct image *ret, struct error *err)
{
  struct qcow2_header header;

  parse_header (ends->start, &header);
  ret->size = be64 (ends->start + SIZE);
  ret->state = (header.dirty ? IMAGE_DIRTY : 0) |
    (header.corrupt ? IMAGE_CORRUPT : 0) |
    (header.encrypted ? IMAGE_ENCRYPTED : 0);
  if (header.has_data_file && image_add_file (ret, NULL, 0, err) == -1)
    return -1;
  return add_backing (reader, ends, ret, err);
}

const struct image_format image_qcow = {
  .name = "qcow",
  .what = N_("a qcow image (version 1)"),
  .probe = is_qcow,
  .examine = examine_qcow,
};

const struct image_format image_qcow2 = {
  .name = "qcow2",
  .what = N_("a qcow2 image"),
  .probe = is_qcow2,
  .examine = examine_qcow2,
};
