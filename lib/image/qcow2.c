/* SPDX-License-Identifier: GPL-2.0-or-later */

/* qcow2 images (docs/interop/qcow2.rst of qemu): the header and its
 * extensions.
 */

#include <config.h>

#include <limits.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "image/head.h"
#include "image/image-format.h"
#include "image/qcow2-internal.h"
#include "io/reader.h"

/* Offsets of fields, which are big endian. */
#define VERSION_AT 4
#define BACKING 8               /* offset of the name: 8 bytes */
#define BACKING_LEN 16          /* of the name: 4 bytes */
#define CLUSTER_BITS 20         /* 4 bytes */
#define SIZE 24
#define CRYPT_METHOD 32         /* 4 bytes */
#define L1_LEN 36               /* 4 bytes */
#define L1_TABLE 40
#define REFCOUNT_TABLE 48
#define REFCOUNT_CLUSTERS 56    /* 4 bytes */
/* From version 3 on: */
#define INCOMPATIBLE 72         /* 8 bytes */
#define AUTOCLEAR 88
#define REFCOUNT_ORDER 96       /* 4 bytes */
#define HEADER_LEN 100          /* 4 bytes */

#define VERSION_2_REFCOUNT_ORDER 4

#define FEATURE_DIRTY 0x01
#define FEATURE_CORRUPT 0x02
#define FEATURE_DATA_FILE 0x04
#define FEATURE_COMPRESSION 0x08 /* another one than zlib's */
#define FEATURE_EXTENDED_L2 0x10
#define AUTOCLEAR_RAW 0x02      /* the data file is a raw disk, too */

/* Extensions of the header, each with its type and its length (4 bytes
 * each).
 */
#define EXTENSION_END 0
#define EXTENSION_DATA_FILE 0x44415441
#define EXTENSION_HEADER_LEN 8
/* They are in the first cluster, which for qemu has at most 2 MiB. */
#define CLUSTER_BITS_MAX 21

#define NAME_MAX_LEN 1023       /* so the specification says */

bool
qcow_has_magic (const struct image_ends *ends)
{
  return memcmp (ends->start, "QFI\xfb", 4) == 0;
}

static size_t
first_cluster (const struct image_ends *ends)
{
  const uint32_t bits = be32 (ends->start + CLUSTER_BITS);

  return bits <= CLUSTER_BITS_MAX ? (size_t) 1 << bits : IMAGE_START;
}

/* The name of the data file is in an extension of the header, and that of the
 * backing file behind them: qemu takes neither from elsewhere.
 */
static int
want_head (const struct image_ends *ends, struct image_head *ret,
           struct error *err)
{
  return image_head_want (ret, ends, 0, first_cluster (ends), err);
}

static bool
is_qcow2 (const struct image_ends *ends)
{
  return qcow_has_magic (ends) && be32 (ends->start + VERSION_AT) >= 2;
}

static int
add_file (struct image *image, const char *name, size_t len,
          const char *option, struct error *err)
{
  if (image_add_file (image, name, len, err) == -1)
    return -1;
  image->files.ptr[image->files.len - 1].option = option;
  return 0;
}

int
qcow_want_head (const struct image_ends *ends, uint64_t offset, uint32_t len,
                struct image_head *ret, struct error *err)
{
  if (image_head_want (ret, ends, 0, IMAGE_START, err) == -1)
    return -1;
  return offset == 0 || len > NAME_MAX_LEN ? 0
    : image_head_want (ret, ends, offset, len, err);
}

int
qcow_add_backing (struct reader *reader, uint64_t offset, uint32_t len,
                  struct image *ret, struct error *err)
{
  char name[NAME_MAX_LEN + 1] = "";

  if (offset == 0)
    return 0;
  if (len > NAME_MAX_LEN)
    return error_set (err, REASON_UNTRUSTED_IMAGE,
                      _("the name of its backing file is too long"));
  if (image_pread (reader, name, len, offset, err) == -1)
    return -1;
  return add_file (ret, name, strlen (name), "backing", err);
}

/* Find an extension among LEN bytes of them.  NULL: there is none. */
static const unsigned char *
find_extension (const unsigned char *p, size_t len, uint32_t type,
                size_t *ret)
{
  while (len >= EXTENSION_HEADER_LEN && be32 (p) != EXTENSION_END) {
    const size_t n = be32 (p + 4), padded = (n + 7) & ~(size_t) 7;

    if (n > len - EXTENSION_HEADER_LEN)
      return NULL;
    if (be32 (p) == type) {
      *ret = n;
      return p + EXTENSION_HEADER_LEN;
    }
    if (padded > len - EXTENSION_HEADER_LEN)
      return NULL;
    p += EXTENSION_HEADER_LEN + padded;
    len -= EXTENSION_HEADER_LEN + padded;
  }
  return NULL;
}

static int
add_data_file (struct reader *reader, const struct image_ends *ends,
               struct image *ret, struct error *err)
{
  const size_t header_len = be32 (ends->start + HEADER_LEN);
  const size_t cluster = first_cluster (ends);
  const size_t len = ends->size < cluster ? (size_t) ends->size : cluster;
  CLEANUP_BYTES unsigned char *start = alloc_zero (cluster, err);
  const unsigned char *name;
  size_t name_len = 0;

  if (start == NULL || image_pread (reader, start, len, 0, err) == -1)
    return -1;
  name = header_len > len ? NULL
    : find_extension (start + header_len, len - header_len,
                      EXTENSION_DATA_FILE, &name_len);
  if (name == NULL || name_len >= PATH_MAX)
    name = NULL;
  return add_file (ret, (const char *) name, name_len, "data-file", err);
}

/* What the data file, the first one, has to have.  Only one of an image of
 * this host can be found.
 */
static int
measure_data_file (struct reader *reader, const unsigned char *header,
                   const struct qcow2_layout *layout, struct image *ret,
                   struct error *err)
{
  uint64_t *length = &ret->files.ptr[0].length;

  if (be64 (header + AUTOCLEAR) & AUTOCLEAR_RAW)
    *length = ret->size;
  else if (!reader->remote && ret->needed <= reader->size)
    return qcow2_find_end_of_data (reader, layout, ret, length, err);
  return 0;
}

static struct qcow2_layout
layout_of (const unsigned char *header, uint64_t features)
{
  const bool version_2 = be32 (header + VERSION_AT) < 3;

  return (struct qcow2_layout) {
    .size = be64 (header + SIZE),
    .cluster_bits = be32 (header + CLUSTER_BITS),
    .l1_offset = be64 (header + L1_TABLE),
    .l1_entries = be32 (header + L1_LEN),
    .refcount_offset = be64 (header + REFCOUNT_TABLE),
    .refcount_clusters = be32 (header + REFCOUNT_CLUSTERS),
    .refcount_order = version_2 ? VERSION_2_REFCOUNT_ORDER
                                : be32 (header + REFCOUNT_ORDER),
    .extended = (features & FEATURE_EXTENDED_L2) != 0,
    .deflated = (features & FEATURE_COMPRESSION) == 0,
    .data_elsewhere = (features & FEATURE_DATA_FILE) != 0,
    .refcounts_lag = (features & (FEATURE_DIRTY|FEATURE_CORRUPT)) != 0,
  };
}

static int
examine (struct reader *reader, const struct image_ends *ends,
         struct image *ret, struct error *err)
{
  const unsigned char *header = ends->start;
  const uint64_t features = be32 (header + VERSION_AT) >= 3
    ? be64 (header + INCOMPATIBLE) : 0;
  const struct qcow2_layout layout = layout_of (header, features);

  ret->size = layout.size;
  ret->state = (features & FEATURE_DIRTY ? IMAGE_DIRTY : 0) |
    (features & FEATURE_CORRUPT ? IMAGE_CORRUPT : 0) |
    (be32 (header + CRYPT_METHOD) != 0 ? IMAGE_ENCRYPTED : 0);
  if (features & FEATURE_DATA_FILE &&
      add_data_file (reader, ends, ret, err) == -1)
    return -1;
  if (qcow_add_backing (reader, be64 (header + BACKING),
                        be32 (header + BACKING_LEN), ret, err) == -1)
    return -1;
  if (qcow2_find_end (reader, &layout, ret, err) == -1)
    return -1;
  return layout.data_elsewhere
    ? measure_data_file (reader, header, &layout, ret, err) : 0;
}

const struct image_format image_qcow2 = {
  .name = "qcow2",
  .what = N_("a qcow2 image"),
  .probe = is_qcow2,
  .head = want_head,
  .examine = examine,
};
