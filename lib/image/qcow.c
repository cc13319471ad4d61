/* SPDX-License-Identifier: GPL-2.0-or-later */

/* qcow images of version 1, qcow2's predecessor (block/qcow.c of qemu):
 * without refcounts, so that the tables alone tell what is used.
 */

#include <config.h>

#include "base/bytes.h"
#include "base/i18n.h"
#include "image/image-format.h"
#include "image/qcow2-internal.h"
#include "image/tables.h"

/* Offsets of fields, which are big endian. */
#define VERSION_AT 4
#define BACKING 8
#define BACKING_LEN 16          /* 4 bytes */
#define SIZE 24
#define CLUSTER_BITS 32         /* 1 byte */
#define L2_BITS 33              /* 1 byte */
#define CRYPT_METHOD 36         /* 4 bytes */
#define L1_TABLE 40

#define ENTRY_LEN 8
#define COMPRESSED (UINT64_C (1) << 63)
/* With its usual clusters of 4 KiB a table is for 2 MiB of the disk only. */
#define L2_MAX 16

struct qcow_tables {
  struct tables base;
  unsigned cluster_bits;
};

static uint64_t
l2_offset (const unsigned char *l1_entry)
{
  return be64 (l1_entry);
}

static struct extent
find_extent (const struct tables *base, const unsigned char *p,
             uint64_t length)
{
  const unsigned bits = ((const struct qcow_tables *) base)->cluster_bits;
  uint64_t entry = be64 (p), end;

  if (entry == 0)
    return (struct extent) { .end = 0 };
  if (entry & COMPRESSED) {     /* the offset, and above it the length */
    length = (entry & ~COMPRESSED) >> (63 - bits);
    entry &= (UINT64_C (1) << (63 - bits)) - 1;
  }
  end = tables_end_of (entry, length);
  return (struct extent) { .end = end, .needed = end };
}

static int
examine (struct reader *reader, const struct image_ends *ends,
         struct image *ret, struct error *err)
{
  const unsigned char *header = ends->start;
  const unsigned bits = header[CLUSTER_BITS], l2_bits = header[L2_BITS];
  struct qcow_tables tables = { .cluster_bits = bits };

  ret->size = be64 (header + SIZE);
  if (be32 (header + CRYPT_METHOD) != 0)
    ret->state |= IMAGE_ENCRYPTED;
  if (qcow_add_backing (reader, be64 (header + BACKING),
                        be32 (header + BACKING_LEN), ret, err) == -1)
    return -1;
  if (bits < 9 || bits > 16 || l2_bits < 6 || l2_bits > 13 ||
      ret->size > (uint64_t) (TABLES_L1_MAX / ENTRY_LEN) << (bits + l2_bits))
    return 0;                   /* qemu does not open it */
  tables.base = (struct tables) {
    .disk_size = ret->size, .cluster = UINT64_C (1) << bits,
    .l1_offset = be64 (header + L1_TABLE),
    .l1_entries = (ret->size + (UINT64_C (1) << (bits + l2_bits)) - 1)
      >> (bits + l2_bits),
    .l2_entries = (size_t) 1 << l2_bits, .l2_entry_len = ENTRY_LEN,
    .l2_offset = l2_offset, .extent = find_extent, .l2_max = L2_MAX,
  };
  return tables_find_end (reader, &tables.base, NULL, ret, err);
}

static int
want_head (const struct image_ends *ends, struct image_head *ret,
           struct error *err)
{
  const unsigned char *header = ends->start;

  return qcow_want_head (ends, be64 (header + BACKING),
                         be32 (header + BACKING_LEN), ret, err);
}

static bool
is_qcow (const struct image_ends *ends)
{
  return qcow_has_magic (ends) && be32 (ends->start + VERSION_AT) < 2;
}

const struct image_format image_qcow = {
  .name = "qcow",
  .what = N_("a qcow image (version 1)"),
  .probe = is_qcow,
  .head = want_head,
  .examine = examine,
};
