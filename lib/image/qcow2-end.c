/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Where the part of a qcow2 image that is used ends.  The refcounts tell the
 * last cluster that has a use, in two reads whatever the size of the disk, and
 * most files have all of it.  Where one ends before or within it the tables
 * must tell which use it is: qemu writes the table of the first level and
 * compressed data without the rest of the cluster, and clusters that were
 * allocated and not written before a crash may lie behind the end.  Data in a
 * file of their own have no refcounts.
 */

#include <config.h>

#include <stdbool.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "image/deflate.h"
#include "image/image-format.h"
#include "image/qcow2-internal.h"
#include "image/tables.h"
#include "io/reader.h"

#define SECTOR 512
#define ENTRY_LEN 8             /* of L1, refcount table and plain L2 */
#define EXTENDED_LEN 16
#define SUBCLUSTERS 32

#define OFFSET_MASK UINT64_C (0x00fffffffffffe00)
#define COMPRESSED (UINT64_C (1) << 62)
#define COPIED (UINT64_C (1) << 63)
#define ZERO 1

/* As in qemu (QCOW_MAX_REFTABLE_SIZE). */
#define REFCOUNT_TABLE_MAX (8 << 20)
/* Blocks that count nothing, at the end: qemu leaves a few at most. */
#define EMPTY_BLOCKS_MAX 16
/* So many tables of images on other hosts are looked at, where it has to be:
 * with clusters of 64 KiB those of 512 GiB.  It is the last part of the file
 * that counts.
 */
#define L2_MAX 1024

struct qcow2_tables {
  struct tables base;
  const struct qcow2_layout *layout;
};

/*--- The tables. ---*/

static uint64_t
l2_offset (const unsigned char *l1_entry)
{
  return be64 (l1_entry) & OFFSET_MASK;
}

static uint64_t
compressed_start (uint64_t entry, unsigned cluster_bits)
{
  return entry & ((UINT64_C (1) << (62 - (cluster_bits - 8))) - 1);
}

/* The entry tells the sectors in which the data are, not where in the last of
 * these they end, and the file need not have the rest of that.
 */
static struct extent
compressed_extent (uint64_t entry, unsigned cluster_bits)
{
  const unsigned sectors_bits = cluster_bits - 8;
  const uint64_t start = compressed_start (entry, cluster_bits);
  const uint64_t more = (entry >> (62 - sectors_bits)) &
    ((UINT64_C (1) << sectors_bits) - 1);
  const uint64_t last = start / SECTOR * SECTOR + more * SECTOR;

  return (struct extent) {
    .end = last + SECTOR, .needed = (more == 0 ? start : last) + 1,
  };
}

/* The file ends in the last sector of compressed data.  qemu takes zeroes for
 * the rest, and mostly unpacks them without an error.
 */
static int
measure (struct reader *reader, const struct tables *base,
         const unsigned char *p, struct extent *extent, struct error *err)
{
  const struct qcow2_layout *layout =
    ((const struct qcow2_tables *) base)->layout;
  const uint64_t entry = be64 (p);
  const uint64_t start = compressed_start (entry, layout->cluster_bits);
  const uint64_t len = reader->size - start;
  CLEANUP_BYTES unsigned char *data = NULL;
  bool whole;

  if (!(entry & COMPRESSED) || !layout->deflated)
    return 0;
  data = alloc_zero (len, err);
  if (data == NULL || image_pread (reader, data, len, start, err) == -1 ||
      deflate_unpacks_to (data, len, base->cluster, &whole, err) == -1)
    return -1;
  if (!whole)
    extent->needed = extent->end;
  return 0;
}

/* Up to the end of the last subcluster that is allocated. */
static uint64_t
length_of_subclusters (const unsigned char *bitmap, uint64_t cluster)
{
  const uint32_t allocated = be64 (bitmap) & UINT32_MAX;

  return allocated == 0 ? 0
    : (uint64_t) (SUBCLUSTERS - __builtin_clz (allocated)) *
      (cluster / SUBCLUSTERS);
}

static struct extent
find_extent (const struct tables *base, const unsigned char *p,
             uint64_t length)
{
  const struct qcow2_layout *layout =
    ((const struct qcow2_tables *) base)->layout;
  const uint64_t entry = be64 (p), offset = entry & OFFSET_MASK;

  if (entry & COMPRESSED)
    return compressed_extent (entry, layout->cluster_bits);
  /* Another file may have data in its first cluster. */
  if (offset == 0 && !(layout->data_elsewhere && entry & COPIED))
    return (struct extent) { .end = 0 };
  if (layout->extended) {
    const uint64_t used = length_of_subclusters (p + ENTRY_LEN,
                                                 base->cluster);

    length = used < length ? used : length;
  }
  else if (entry & ZERO)
    length = 0;
  return (struct extent) {
    .end = offset + base->cluster, .needed = length > 0 ? offset + length : 0,
  };
}

static struct qcow2_tables
tables_of (const struct qcow2_layout *layout)
{
  const size_t len = layout->extended ? EXTENDED_LEN : ENTRY_LEN;
  const uint64_t cluster = UINT64_C (1) << layout->cluster_bits;
  const uint64_t l2_covers = cluster / len * cluster;
  const uint64_t entries = layout->size / l2_covers +
    (layout->size % l2_covers != 0);

  return (struct qcow2_tables) {
    .base = {
      .disk_size = layout->size, .cluster = cluster,
      .l1_offset = layout->l1_offset,
      .l1_entries = entries < layout->l1_entries ? entries
                                                 : layout->l1_entries,
      .l2_entries = cluster / len, .l2_entry_len = len,
      .l2_offset = l2_offset, .extent = find_extent,
      .measure = measure, .l2_max = L2_MAX,
    },
    .layout = layout,
  };
}

/*--- The refcounts. ---*/

/* Number I of a block of them: of less than a byte in the order of bits. */
static uint64_t
refcount_at (const unsigned char *block, uint64_t i, unsigned order)
{
  switch (order) {
  case 3: return block[i];
  case 4: return be16 (block + i * 2);
  case 5: return be32 (block + i * 4);
  case 6: return be64 (block + i * 8);
  default:
    return (block[(i << order) / 8] >> ((i << order) % 8)) &
      ((1U << (1U << order)) - 1);
  }
}

/* By one block of refcounts, in bytes of the file. */
static uint64_t
covered_by_block (const struct qcow2_layout *layout)
{
  const unsigned bits = layout->cluster_bits;

  return UINT64_C (1) << (bits + 3 - layout->refcount_order + bits);
}

/* Look for the last cluster among those that block number INDEX counts.  There
 * may be none.
 */
static int
find_in_block (struct reader *reader, const struct qcow2_layout *layout,
               uint64_t index, uint64_t offset, struct last_cluster *ret,
               struct error *err)
{
  const uint64_t cluster = UINT64_C (1) << layout->cluster_bits;
  const uint64_t n = cluster * 8 >> layout->refcount_order;
  CLEANUP_BYTES unsigned char *block = alloc_zero (cluster, err);

  if (block == NULL || image_pread (reader, block, cluster, offset, err) == -1)
    return -1;
  for (uint64_t i = n; i-- > 0 && ret->uses == 0;) {
    uint64_t start;

    ret->uses = refcount_at (block, i, layout->refcount_order);
    if (ret->uses > 0) {
      if (__builtin_mul_overflow (index * n + i, cluster, &start))
        start = INT64_MAX;
      *ret = (struct last_cluster) {
        start, tables_end_of (start, cluster), ret->uses,
      };
    }
  }
  return 0;
}

/* Look for it in TABLE, the entries from number FIRST on: what is counted by
 * those before is in the file.  There is a block only where it counts
 * something, so that one that is not in the file is enough: so much is used,
 * *END, as it takes itself, and at least one of the clusters that it counts.
 */
static int
find_in_table (struct reader *reader, const struct qcow2_layout *layout,
               const unsigned char *table, uint64_t first, uint64_t n,
               struct last_cluster *ret, uint64_t *end, struct error *err)
{
  const uint64_t cluster = UINT64_C (1) << layout->cluster_bits;
  unsigned empty = 0;

  for (uint64_t i = n; i-- > 0 && ret->uses == 0;) {
    const uint64_t offset = be64 (table + i * ENTRY_LEN) & ~UINT64_C (0x1ff);

    if (offset == 0)
      continue;
    if (tables_end_of (offset, cluster) > reader->size) {
      const uint64_t counts = (first + i) * covered_by_block (layout);

      *end = tables_end_of (offset > counts ? offset : counts, cluster);
      return 0;
    }
    if (empty++ == EMPTY_BLOCKS_MAX) {
      ret->end = UINT64_MAX;
      return 0;
    }
    if (find_in_block (reader, layout, first + i, offset, ret, err) == -1)
      return -1;
  }
  return 0;
}

/* The last cluster that has a use, if it may not be all in the file: it ends
 * at UINT64_MAX if it was not found.  *END: the refcounts themselves are not.
 */
static int
find_last (struct reader *reader, const struct qcow2_layout *layout,
           struct last_cluster *ret, uint64_t *end, struct error *err)
{
  const uint64_t cluster = UINT64_C (1) << layout->cluster_bits;
  const uint64_t len = (uint64_t) layout->refcount_clusters * cluster;
  const uint64_t n = len / ENTRY_LEN;
  const uint64_t first = reader->size / covered_by_block (layout);
  CLEANUP_BYTES unsigned char *table = NULL;

  *ret = (struct last_cluster) { .end = 0 };
  *end = tables_end_of (layout->refcount_offset, len);
  if (*end > reader->size)
    return 0;
  *end = 0;
  if (first >= n || len > REFCOUNT_TABLE_MAX)
    return 0;
  table = alloc_zero (len, err);
  if (table == NULL ||
      image_pread (reader, table, (n - first) * ENTRY_LEN,
                   layout->refcount_offset + first * ENTRY_LEN, err) == -1)
    return -1;
  return find_in_table (reader, layout, table, first, n - first, ret, end,
                        err);
}

/*--- Both. ---*/

/* What no qemu opens is not looked at either. */
static bool
is_sensible (const struct qcow2_layout *layout)
{
  return layout->cluster_bits >= 9 && layout->cluster_bits <= 21 &&
    layout->refcount_order <= 6 &&
    layout->l1_entries <= TABLES_L1_MAX / ENTRY_LEN &&
    (!layout->extended || layout->cluster_bits >= 14);
}

int
qcow2_find_end (struct reader *reader, const struct qcow2_layout *layout,
                struct image *ret, struct error *err)
{
  struct last_cluster last;
  struct qcow2_tables tables;

  if (!is_sensible (layout))
    return 0;
  if (find_last (reader, layout, &last, &ret->needed, err) == -1)
    return -1;
  if (ret->needed > reader->size ||
      (!layout->refcounts_lag && last.end <= reader->size))
    return 0;
  /* Some uses are not counted, which must not end the search. */
  if (layout->refcounts_lag)
    last.uses = 0;
  tables = tables_of (layout);
  /* Data that are elsewhere say nothing about this file. */
  if (layout->data_elsewhere)
    tables.base.extent = NULL;
  return tables_find_end (reader, &tables.base, &last, ret, err);
}

int
qcow2_find_end_of_data (struct reader *reader,
                        const struct qcow2_layout *layout, struct image *ret,
                        uint64_t *end, struct error *err)
{
  const struct qcow2_tables tables = tables_of (layout);

  *end = 0;
  return !is_sensible (layout) ? 0
    : tables_find_end_elsewhere (reader, &tables.base, ret, end, err);
}
