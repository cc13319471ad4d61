/* SPDX-License-Identifier: GPL-2.0-or-later */

/* All that a qcow2 image uses, by its tables: for its refcounts when it is
 * complete, and to find out where it goes on when an interrupted copy is
 * resumed.  Its tables have been in a file since then: nothing in them is
 * believed.
 */

#include <config.h>

#include <endian.h>
#include <stdlib.h>
#include <sys/param.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/i18n.h"
#include "target/qcow2-map-internal.h"
#include "target/qcow2-map.h"
#include "target/target-internal.h"

static int
damaged (const struct qcow2_map *map, struct error *err)
{
  return error_set (err, REASON_TARGET_CHANGED,
                    _("%s is not the file that the interrupted copy was "
                      "writing"), map->file->path);
}

/* The cluster is used by this alone. */
static int
count_whole (const struct qcow2_map *map, struct qcow2_uses *uses,
             uint64_t offset, struct error *err)
{
  const uint64_t i = offset / QCOW2_CLUSTER;

  if (offset % QCOW2_CLUSTER != 0 || i >= uses->n || uses->counts[i] != 0)
    return damaged (map, err);
  uses->counts[i] = QCOW2_WHOLE | 1;
  return 0;
}

/* Where the last sector of compressed data begins. */
static uint64_t
last_sector (uint64_t entry)
{
  const uint64_t start = (entry & PACKED_MASK) / QCOW2_SECTOR;

  return (start + ((entry & ~(COMPRESSED | COPIED)) >> PACKED_BITS)) *
    QCOW2_SECTOR;
}

/* Several compressed clusters may share one; they go to the end of a sector.
 */
static int
count_packed (const struct qcow2_map *map, struct qcow2_uses *uses,
              uint64_t entry, struct error *err)
{
  const uint64_t start = entry & PACKED_MASK, last = last_sector (entry);

  if (!map->packs || last / QCOW2_CLUSTER >= uses->n)
    return damaged (map, err);
  for (uint64_t i = start / QCOW2_CLUSTER; i <= last / QCOW2_CLUSTER; i++) {
    if (uses->counts[i] >= QCOW2_WHOLE - 1)
      return damaged (map, err);
    uses->counts[i]++;
  }
  return 0;
}

static int
count_entry (const struct qcow2_map *map, struct qcow2_uses *uses,
             uint64_t entry, struct error *err)
{
  if (entry & COMPRESSED)
    return count_packed (map, uses, entry, err);
  if ((entry & ~(COPIED | OFFSET_MASK | ZERO)) != 0)
    return damaged (map, err);
  return (entry & OFFSET_MASK) == 0 ? 0
    : count_whole (map, uses, entry & OFFSET_MASK, err);
}

/* Is it for data that a file of FILE_SIZE bytes has?  Compressed data may end
 * anywhere in their last sector.
 */
static bool
is_there (uint64_t entry, uint64_t file_size)
{
  return entry & COMPRESSED ? last_sector (entry) < file_size
    : (entry & OFFSET_MASK) + QCOW2_CLUSTER <= file_size;
}

static int
count_table (struct qcow2_map *map, uint32_t i, uint64_t file_size,
             struct qcow2_uses *uses, struct error *err)
{
  struct table *table = &map->tables[i];

  for (size_t k = 0; k < L2_ENTRIES; k++) {
    uint64_t *entry = &table->entries[k];

    /* No cluster of the disk. */
    if (i * L2_ENTRIES + k >= map->clusters && *entry != 0)
      return damaged (map, err);
    if (!is_there (*entry, file_size)) {
      *entry = 0;
      table->dirty = true;
    }
    if (count_entry (map, uses, *entry, err) == -1)
      return -1;
  }
  return 0;
}

static int
count_tables (struct qcow2_map *map, uint64_t file_size,
              struct qcow2_uses *uses, struct error *err)
{
  for (uint32_t i = 0; i < map->n; i++) {
    struct table *table = &map->tables[i];
    const bool was_there = table->entries != NULL;

    if (table->at == 0)
      continue;
    if (count_whole (map, uses, table->at, err) == -1 ||
        qcow2_map_read_table (map, i, err) == -1 ||
        count_table (map, i, file_size, uses, err) == -1)
      return -1;
    if (!was_there && !table->dirty) {
      free (table->entries);
      table->entries = NULL;
    }
  }
  return 0;
}

/* N is how many clusters of the image there are at most. */
static int
count (struct qcow2_map *map, uint64_t file_size, uint64_t n,
       struct qcow2_uses *ret, struct error *err)
{
  *ret = (struct qcow2_uses) {
    .counts = alloc_zero ((n + 1) * sizeof *ret->counts, err), .n = n };
  if (ret->counts == NULL)
    return -1;
  for (uint64_t at = 0; at < qcow2_map_begin (map); at += QCOW2_CLUSTER)
    if (count_whole (map, ret, at, err) == -1)
      return -1;
  return count_tables (map, file_size, ret, err);
}

int
qcow2_map_count (struct qcow2_map *map, struct qcow2_uses *ret,
                 struct error *err)
{
  return count (map, UINT64_MAX, map->next, ret, err);
}

void
qcow2_uses_reset (struct qcow2_uses *uses)
{
  free (uses->counts);
}

/*--- An image that is there. ---*/

static int
load_l1_cluster (struct qcow2_map *map, uint32_t first, uint64_t *buf,
                 struct error *err)
{
  const uint32_t n = MIN (map->n - first, (uint32_t) L2_ENTRIES);

  if (qcow2_map_read (map, buf, QCOW2_CLUSTER,
                      QCOW2_L1_AT + (uint64_t) first * sizeof *buf,
                      err) == -1)
    return -1;
  for (uint32_t i = 0; i < n; i++) {
    const uint64_t entry = be64toh (buf[i]);
    struct table *table = &map->tables[first + i];

    if ((entry & ~(COPIED | OFFSET_MASK)) != 0)
      return damaged (map, err);
    table->at = entry & OFFSET_MASK;
    table->stored = table->at != 0;
  }
  return 0;
}

static int
load_l1 (struct qcow2_map *map, struct error *err)
{
  uint64_t *buf = alloc_zero (QCOW2_CLUSTER, err);
  int r = buf != NULL ? 0 : -1;

  for (uint32_t i = 0; r == 0 && i < map->n; i += (uint32_t) L2_ENTRIES)
    r = load_l1_cluster (map, i, buf, err);
  free (buf);
  return r;
}

int
qcow2_map_load (struct qcow2_map *map, uint64_t file_size, struct error *err)
{
  /* The last data may end within a cluster. */
  const uint64_t n = file_size / QCOW2_CLUSTER + 1;
  struct qcow2_uses uses = { .counts = NULL };
  int r = load_l1 (map, err);

  if (r == 0)
    r = count (map, file_size, n, &uses, err);
  for (uint64_t i = 0; r == 0 && i < n; i++)
    if (uses.counts[i] != 0)
      map->next = i + 1;
  map->bytes = map->next * QCOW2_CLUSTER;
  qcow2_uses_reset (&uses);
  return r;
}
