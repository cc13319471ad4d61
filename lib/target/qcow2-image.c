/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Headers and refcounts of qcow2 images (docs/interop/qcow2.rst of qemu).
 * Their tables are left to qcow2-map.c.
 */

#include <config.h>

#include <endian.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/i18n.h"
#include "target/qcow2-image.h"
#include "target/qcow2-map.h"
#include "target/target-internal.h"

#define MAGIC UINT32_C (0x514649fb)
#define HEADER_VERSION 3
#define FEATURE_DIRTY 1
#define FEATURE_COMPRESSION 8   /* it is not zlib's */
#define COMPRESSION_ZSTD 1
/* Refcounts of 2 bytes. */
#define REFCOUNT_ORDER 4
#define COUNTS (QCOW2_CLUSTER / sizeof (uint16_t))
#define BLOCKS (QCOW2_CLUSTER / sizeof (uint64_t))

const char qcow2_zeroes[QCOW2_CLUSTER];

/* As it is in the image, big endian. */
struct header {
  uint32_t magic, version;
  uint64_t backing;
  uint32_t backing_len, cluster_bits;
  uint64_t size;
  uint32_t crypt, l1_entries;
  uint64_t l1, refcounts;
  uint32_t refcounts_clusters, n_snapshots;
  uint64_t snapshots;
  uint64_t incompatible, compatible, autoclear;
  uint32_t refcount_order, len;
  uint8_t compression, padding[7]; /* 0: zlib's */
  uint64_t end_of_extensions;
};
_Static_assert (sizeof (struct header) == 120, "without gaps");
#define HEADER_LEN 112

/* Where the refcounts are. */
struct refcounts {
  uint64_t table;
  uint32_t clusters;            /* of it */
};
static const struct refcounts none = { QCOW2_REFCOUNTS_AT, 1 };

static struct header
make_header (const struct target_fd *file, const struct qcow2_map *map,
             enum target_compression compression,
             const struct refcounts *refcounts, bool dirty)
{
  const uint64_t size = file->target.size;
  const bool zstd = compression == TARGET_ZSTD;

  return (struct header) {
    .magic = htobe32 (MAGIC), .version = htobe32 (HEADER_VERSION),
    .cluster_bits = htobe32 (QCOW2_CLUSTER_BITS),
    /* qemu knows whole sectors only. */
    .size = htobe64 ((size + QCOW2_SECTOR - 1) / QCOW2_SECTOR * QCOW2_SECTOR),
    .l1_entries = htobe32 (qcow2_map_l1_entries (map)),
    .l1 = htobe64 (QCOW2_L1_AT),
    .refcounts = htobe64 (refcounts->table),
    .refcounts_clusters = htobe32 (refcounts->clusters),
    .incompatible = htobe64 ((dirty ? FEATURE_DIRTY : 0) |
                             (zstd ? FEATURE_COMPRESSION : 0)),
    .refcount_order = htobe32 (REFCOUNT_ORDER),
    .len = htobe32 (HEADER_LEN),
    .compression = zstd ? COMPRESSION_ZSTD : 0,
  };
}

static int
write_header (struct target_fd *file, const struct header *header,
              struct error *err)
{
  return target_fd_write (&file->target, header, sizeof *header, 0, err);
}

static int
sync_file (const struct target_fd *file, struct error *err)
{
  return fsync (file->fd) == -1 ? target_errno (err, file->path) : 0;
}

/*--- Beginning, and going on. ---*/

/* A new file, which is empty, reads as zeroes. */
static int
reserve_tables (const struct target_fd *file, const struct qcow2_map *map,
                struct error *err)
{
  return ftruncate (file->fd, (off_t) qcow2_map_begin (map)) == -1
    ? target_errno (err, file->path) : 0;
}

int
qcow2_image_begin (struct target_fd *file, const struct qcow2_map *map,
                   enum target_compression compression, struct error *err)
{
  const struct header header = make_header (file, map, compression, &none,
                                            true);

  /* The journal may soon tell that the copy can go on. */
  return reserve_tables (file, map, err) == -1 ||
    write_header (file, &header, err) == -1 ? -1 : sync_file (file, err);
}

/* But for where its refcounts are, and whether it is complete. */
static bool
is_ours (const struct header *found, const struct header *ours)
{
  struct header same = *found;

  same.refcounts = ours->refcounts;
  same.refcounts_clusters = ours->refcounts_clusters;
  same.incompatible |= htobe64 (FEATURE_DIRTY);
  return memcmp (&same, ours, sizeof same) == 0;
}

/* What is written from now on may take the place of the refcounts, and then
 * nobody may read them.
 */
static int
make_dirty (struct target_fd *file, const struct header *header,
            struct error *err)
{
  return write_header (file, header, err) == -1 ||
    sync_file (file, err) == -1 ? -1
    : target_fd_write (&file->target, qcow2_zeroes, QCOW2_CLUSTER,
                       QCOW2_REFCOUNTS_AT, err);
}

int
qcow2_image_go_on (struct target_fd *file, struct qcow2_map *map,
                   enum target_compression compression, struct error *err)
{
  const struct header header = make_header (file, map, compression, &none,
                                            true);
  const off_t file_size = lseek (file->fd, 0, SEEK_END);
  struct header found;

  if (file_size == -1 ||
      pread (file->fd, &found, sizeof found, 0) == -1)
    return error_errno (err, REASON_WRITE, _("cannot open %s"), file->path);
  if ((uint64_t) file_size < qcow2_map_begin (map) ||
      !is_ours (&found, &header))
    return error_set (err, REASON_TARGET_CHANGED,
                      _("%s is not the file that the interrupted copy was "
                        "writing"), file->path);
  return qcow2_map_load (map, (uint64_t) file_size, err) == -1 ||
    qcow2_map_store_again (map, err) == -1 ? -1
    : make_dirty (file, &header, err);
}

/*--- Refcounts. ---*/

/* They follow all else: first their blocks, then their table, if the place
 * that it has is too small for that.
 */
struct counting {
  struct qcow2_uses uses;
  uint64_t blocks, table_clusters; /* 0: in its place */
};

static uint64_t
end_of (const struct counting *counting)
{
  return counting->uses.n + counting->blocks + counting->table_clusters;
}

/* They count themselves. */
static void
measure (struct counting *counting)
{
  while (counting->blocks * COUNTS < end_of (counting)) {
    counting->blocks++;
    counting->table_clusters = counting->blocks <= BLOCKS ? 0
      : (counting->blocks + BLOCKS - 1) / BLOCKS;
  }
}

static uint16_t
count_of (const struct counting *counting, uint64_t i)
{
  if (i < counting->uses.n)
    return counting->uses.counts[i] & (uint16_t) ~QCOW2_WHOLE;
  return i < end_of (counting);
}

static int
write_blocks (struct target_fd *file, const struct counting *counting,
              struct error *err)
{
  uint16_t *block = alloc_zero (QCOW2_CLUSTER, err);
  int r = block != NULL ? 0 : -1;

  for (uint64_t i = 0; r == 0 && i < counting->blocks; i++) {
    for (size_t k = 0; k < COUNTS; k++)
      block[k] = htobe16 (count_of (counting, i * COUNTS + k));
    r = target_fd_write (&file->target, block, QCOW2_CLUSTER,
                         (counting->uses.n + i) * QCOW2_CLUSTER, err);
  }
  free (block);
  return r;
}

static int
write_table (struct target_fd *file, const struct counting *counting,
             struct refcounts *ret, struct error *err)
{
  const uint64_t first = counting->uses.n;
  uint64_t *table;
  int r;

  if (counting->table_clusters > 0)
    *ret = (struct refcounts) {
      (first + counting->blocks) * QCOW2_CLUSTER,
      (uint32_t) counting->table_clusters };
  table = alloc_zero ((size_t) ret->clusters * QCOW2_CLUSTER, err);
  if (table == NULL)
    return -1;
  for (uint64_t i = 0; i < counting->blocks; i++)
    table[i] = htobe64 ((first + i) * QCOW2_CLUSTER);
  r = target_fd_write (&file->target, table, ret->clusters * QCOW2_CLUSTER,
                       ret->table, err);
  free (table);
  return r;
}

/* What was written and is not used, of runs that were interrupted. */
static int
cut (const struct target_fd *file, const struct counting *counting,
     struct error *err)
{
  return ftruncate (file->fd,
                    (off_t) (end_of (counting) * QCOW2_CLUSTER)) == -1
    ? target_errno (err, file->path) : 0;
}

static int
write_refcounts (struct target_fd *file, struct qcow2_map *map,
                 struct refcounts *ret, struct error *err)
{
  struct counting counting = { .blocks = 0 };
  int r = qcow2_map_count (map, &counting.uses, err);

  if (r == 0) {
    measure (&counting);
    /* The usual place of the table is free then. */
    if (counting.table_clusters > 0)
      counting.uses.counts[QCOW2_REFCOUNTS_AT / QCOW2_CLUSTER] = 0;
    r = write_blocks (file, &counting, err);
  }
  if (r == 0)
    r = write_table (file, &counting, ret, err);
  if (r == 0)
    r = cut (file, &counting, err);
  qcow2_uses_reset (&counting.uses);
  return r;
}

int
qcow2_image_end (struct target_fd *file, struct qcow2_map *map,
                 enum target_compression compression, struct error *err)
{
  struct refcounts refcounts = none;
  struct header header;

  if (write_refcounts (file, map, &refcounts, err) == -1 ||
      sync_file (file, err) == -1)
    return -1;
  header = make_header (file, map, compression, &refcounts, false);
  return write_header (file, &header, err) == -1 ? -1 : sync_file (file, err);
}
