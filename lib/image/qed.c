/* SPDX-License-Identifier: GPL-2.0-or-later */

/* QED images (docs/interop/qed_spec.rst of qemu). */

#include <config.h>

#include <string.h>

#include "base/bytes.h"
#include "base/i18n.h"
#include "image/image-format.h"
#include "image/qcow2-internal.h"
#include "image/tables.h"

/* Offsets of fields, which are little endian. */
#define CLUSTER 4               /* in bytes: 4 bytes */
#define TABLE 8                 /* in clusters: 4 bytes */
#define FEATURES 16
#define L1_TABLE 40
#define SIZE 48
#define BACKING 56              /* 4 bytes */
#define BACKING_LEN 60          /* 4 bytes */

#define FEATURE_BACKING 0x01
#define FEATURE_NEED_CHECK 0x02

#define ENTRY_LEN 8
#define ZERO_CLUSTER 1          /* as an entry */
/* A table is for 2 GiB of the disk, unless another size was asked for. */
#define L2_MAX 16
#define TABLE_MAX (4 << 20)     /* 16 clusters of the usual 64 KiB: 1 MiB */

static uint64_t
l2_offset (const unsigned char *l1_entry)
{
  return le64 (l1_entry);
}

/* All of the cluster, however little of it the disk has: of a file that ends
 * within a cluster qemu does not see that cluster at all.
 */
static struct extent
find_extent (const struct tables *tables, const unsigned char *p,
             uint64_t length)
{
  const uint64_t offset = le64 (p);
  const uint64_t end = tables_end_of (offset, tables->cluster);

  (void) length;
  return offset == 0 || offset == ZERO_CLUSTER
    ? (struct extent) { .end = 0 }
    : (struct extent) { .end = end, .needed = end };
}

static int
find_end (struct reader *reader, const unsigned char *header,
          struct image *ret, struct error *err)
{
  const uint64_t cluster = le32 (header + CLUSTER);
  const uint64_t table = cluster * le32 (header + TABLE);
  uint64_t covered, entries;

  if (cluster < 512 || table < cluster || table > TABLE_MAX ||
      ret->size > INT64_MAX)
    return 0;                   /* qemu does not open it, or knows better */
  covered = table / ENTRY_LEN * cluster;
  entries = (ret->size + covered - 1) / covered;
  return tables_find_end (reader, &(struct tables) {
      .disk_size = ret->size, .cluster = cluster,
      .l1_offset = le64 (header + L1_TABLE),
      .l1_entries = entries < table / ENTRY_LEN ? entries : table / ENTRY_LEN,
      .l2_entries = table / ENTRY_LEN, .l2_entry_len = ENTRY_LEN,
      .l2_offset = l2_offset, .extent = find_extent, .l2_max = L2_MAX,
    }, NULL, ret, err);
}

static int
examine (struct reader *reader, const struct image_ends *ends,
         struct image *ret, struct error *err)
{
  const unsigned char *header = ends->start;
  const uint64_t features = le64 (header + FEATURES);

  ret->size = le64 (header + SIZE);
  if (features & FEATURE_NEED_CHECK)
    ret->state |= IMAGE_DIRTY;
  if (features & FEATURE_BACKING &&
      qcow_add_backing (reader, le32 (header + BACKING),
                        le32 (header + BACKING_LEN), ret, err) == -1)
    return -1;
  return find_end (reader, header, ret, err);
}

static int
want_head (const struct image_ends *ends, struct image_head *ret,
           struct error *err)
{
  const unsigned char *header = ends->start;

  return qcow_want_head (ends, le32 (header + BACKING),
                         le32 (header + BACKING_LEN), ret, err);
}

static bool
is_qed (const struct image_ends *ends)
{
  return memcmp (ends->start, "QED\0", 4) == 0;
}

const struct image_format image_qed = {
  .name = "qed",
  .what = N_("a QED image"),
  .probe = is_qed,
  .head = want_head,
  .examine = examine,
};
