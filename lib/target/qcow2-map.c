/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The tables of a qcow2 image while it is written.  They are kept in memory
 * and stored when the target is flushed; those that were not used since the
 * last time are then dropped, and read again if need be, so that a copy needs
 * memory for what it writes at the moment, 64 KiB for 512 MiB of the disk, and
 * not for all of it.
 */

#include <config.h>

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/lock.h"
#include "target/qcow2-map-internal.h"
#include "target/qcow2-map.h"
#include "target/target-internal.h"

/* As in qemu (QCOW_MAX_L1_SIZE), in bytes. */
#define L1_MAX (UINT64_C (32) << 20)

struct qcow2_map *
qcow2_map_new (struct target_fd *file, uint64_t size, bool packs,
               struct error *err)
{
  struct qcow2_map *map = alloc_zero (sizeof *map, err);

  if (map == NULL)
    return NULL;
  map->file = file;
  map->packs = packs;
  pthread_mutex_init (&map->storing, NULL);
  pthread_mutex_init (&map->lock, NULL);
  map->clusters = size / QCOW2_CLUSTER + (size % QCOW2_CLUSTER != 0);
  if (map->clusters > L1_MAX / sizeof (uint64_t) * L2_ENTRIES) {
    error_set (err, REASON_WRITE, _("%s: a file cannot be that large"),
               file->path);
    qcow2_map_free (map);
    return NULL;
  }
  map->n = (uint32_t) (map->clusters / L2_ENTRIES +
                       (map->clusters % L2_ENTRIES != 0));
  map->next = qcow2_map_begin (map) / QCOW2_CLUSTER;
  map->tables = alloc_zero ((map->n + 1) * sizeof *map->tables, err);
  if (map->tables != NULL)
    return map;
  qcow2_map_free (map);
  return NULL;
}

void
qcow2_map_free (struct qcow2_map *map)
{
  if (map == NULL)
    return;
  for (uint32_t i = 0; map->tables != NULL && i < map->n; i++)
    free (map->tables[i].entries);
  free (map->tables);
  pthread_mutex_destroy (&map->lock);
  pthread_mutex_destroy (&map->storing);
  free (map);
}

uint32_t
qcow2_map_l1_entries (const struct qcow2_map *map)
{
  return map->n;
}

uint64_t
qcow2_map_begin (const struct qcow2_map *map)
{
  return QCOW2_L1_AT + ((uint64_t) map->n + L2_ENTRIES - 1) / L2_ENTRIES *
    QCOW2_CLUSTER;
}

/*--- Places. ---*/

static uint64_t
take (struct qcow2_map *map, uint64_t n)
{
  const uint64_t ret = map->next * QCOW2_CLUSTER;

  map->next += n;
  return ret;
}

uint64_t
qcow2_map_take (struct qcow2_map *map, uint64_t n)
{
  LOCK_SCOPE (&map->lock);

  return take (map, n);
}

/* Behind the last ones, if these fill their cluster in part, and what does not
 * fit there can have the next cluster.
 */
uint64_t
qcow2_map_take_bytes (struct qcow2_map *map, uint64_t len)
{
  const uint64_t mask = QCOW2_CLUSTER - 1;
  LOCK_SCOPE (&map->lock);
  const uint64_t ends = (map->bytes + mask) & ~mask;
  uint64_t ret = map->bytes;

  if (ret == ends || (ret + len > ends && ends != map->next * QCOW2_CLUSTER))
    ret = map->next * QCOW2_CLUSTER;
  map->bytes = ret + len;
  if (map->bytes > map->next * QCOW2_CLUSTER)
    map->next = (map->bytes + mask) / QCOW2_CLUSTER;
  return ret;
}

uint64_t
qcow2_map_end (struct qcow2_map *map)
{
  LOCK_SCOPE (&map->lock);

  return map->next * QCOW2_CLUSTER;
}

/*--- Entries. ---*/

int
qcow2_map_read (const struct qcow2_map *map, void *buf, uint32_t len,
                uint64_t offset, struct error *err)
{
  uint32_t done = 0;

  while (done < len) {
    const ssize_t n = pread (map->file->fd, (char *) buf + done, len - done,
                             (off_t) (offset + done));

    if (n == -1 && errno == EINTR)
      continue;
    if (n == -1)
      return error_errno (err, REASON_WRITE, "%s", map->file->path);
    if (n == 0) {
      memset ((char *) buf + done, 0, len - done);
      return 0;
    }
    done += (uint32_t) n;
  }
  return 0;
}

int
qcow2_map_read_table (struct qcow2_map *map, uint32_t i, struct error *err)
{
  struct table *table = &map->tables[i];

  if (table->entries != NULL)
    return 0;
  table->entries = alloc_zero (QCOW2_CLUSTER, err);
  if (table->entries == NULL)
    return -1;
  if (table->at == 0)
    return 0;
  if (qcow2_map_read (map, table->entries, QCOW2_CLUSTER, table->at,
                      err) == -1) {
    free (table->entries);
    table->entries = NULL;
    return -1;
  }
  for (size_t k = 0; k < L2_ENTRIES; k++)
    table->entries[k] = be64toh (table->entries[k]);
  return 0;
}

static void
decode (uint64_t entry, struct qcow2_run *ret)
{
  const bool packed = (entry & COMPRESSED) != 0;

  ret->host = entry & (packed ? PACKED_MASK : OFFSET_MASK);
  ret->kind = packed ? QCOW2_PACKED : entry & ZERO ? QCOW2_ZEROED
    : ret->host != 0 ? QCOW2_DATA : QCOW2_NOTHING;
}

/* Do clusters with this entry go on with RUN? */
static bool
goes_on (const struct qcow2_run *run, uint64_t entry)
{
  struct qcow2_run next;

  decode (entry, &next);
  return next.kind == run->kind && next.kind != QCOW2_PACKED &&
    next.host == (run->host == 0 ? 0 : run->host + run->n * QCOW2_CLUSTER);
}

int
qcow2_map_find (struct qcow2_map *map, uint64_t first, uint64_t n,
                struct qcow2_run *ret, struct error *err)
{
  const uint32_t i = (uint32_t) (first / L2_ENTRIES);
  const uint64_t k = first % L2_ENTRIES, max = MIN (n, L2_ENTRIES - k);
  struct table *table = &map->tables[i];
  LOCK_SCOPE (&map->lock);

  *ret = (struct qcow2_run) { .kind = QCOW2_NOTHING, .n = max };
  if (table->at == 0 && table->entries == NULL)
    return 0;
  if (qcow2_map_read_table (map, i, err) == -1)
    return -1;
  table->used = true;
  decode (table->entries[k], ret);
  for (ret->n = 1; ret->n < max; ret->n++)
    if (!goes_on (ret, table->entries[k + ret->n]))
      break;
  return 0;
}

static int
set_entry (struct qcow2_map *map, uint64_t index, uint64_t entry,
           struct error *err)
{
  const uint32_t i = (uint32_t) (index / L2_ENTRIES);
  struct table *table = &map->tables[i];

  if (qcow2_map_read_table (map, i, err) == -1)
    return -1;
  if (table->at == 0)
    table->at = take (map, 1);

  table->entries[index % L2_ENTRIES] = entry;
  table->dirty = table->used = true;
  return 0;
}

int
qcow2_map_set (struct qcow2_map *map, uint64_t first,
               const struct qcow2_run *run, struct error *err)
{
  const uint64_t zero = run->kind == QCOW2_ZEROED ? ZERO : 0;
  LOCK_SCOPE (&map->lock);

  for (uint64_t i = 0; i < run->n; i++) {
    const uint64_t place = run->host == 0 ? 0
      : COPIED | (run->host + i * QCOW2_CLUSTER);

    if (set_entry (map, first + i, place | zero, err) == -1)
      return -1;
  }
  return 0;
}

int
qcow2_map_set_packed (struct qcow2_map *map, uint64_t index, uint64_t host,
                      uint64_t len, struct error *err)
{
  const uint64_t more = (host + len - 1) / QCOW2_SECTOR - host / QCOW2_SECTOR;
  LOCK_SCOPE (&map->lock);

  return set_entry (map, index, COMPRESSED | more << PACKED_BITS | host, err);
}

/*--- Storing them. ---*/

/* What others set meanwhile makes the table dirty again. */
static void
take_table (struct qcow2_map *map, struct table *table, uint64_t *buf)
{
  LOCK_SCOPE (&map->lock);

  for (size_t k = 0; k < L2_ENTRIES; k++)
    buf[k] = htobe64 (table->entries[k]);
  table->dirty = false;
}

static bool
is_dirty (struct qcow2_map *map, const struct table *table)
{
  LOCK_SCOPE (&map->lock);

  return table->dirty;
}

static void
drop_unused (struct qcow2_map *map, struct table *table)
{
  LOCK_SCOPE (&map->lock);

  if (table->entries == NULL)
    return;
  if (!table->used && !table->dirty) {
    free (table->entries);
    table->entries = NULL;
  }
  table->used = false;
}

/* *NEW becomes true if L1 does not know it yet. */
static int
store_table (struct qcow2_map *map, struct table *table, uint64_t *buf,
             bool *new, struct error *err)
{
  take_table (map, table, buf);
  if (target_fd_write (&map->file->target, buf, QCOW2_CLUSTER, table->at,
                       err) == -1)
    return -1;
  *new |= !table->stored;
  table->stored = true;
  return 0;
}

static int
store_tables (struct qcow2_map *map, uint64_t *buf, bool *new,
              struct error *err)
{
  for (uint32_t i = 0; i < map->n; i++) {
    struct table *table = &map->tables[i];

    if (is_dirty (map, table) && store_table (map, table, buf, new, err) == -1)
      return -1;
    drop_unused (map, table);
  }
  return 0;
}

/* One cluster of L1, from table number FIRST on. */
static int
store_l1_cluster (const struct qcow2_map *map, uint32_t first, uint64_t *buf,
                  struct error *err)
{
  const uint32_t n = MIN (map->n - first, (uint32_t) L2_ENTRIES);

  memset (buf, 0, QCOW2_CLUSTER);
  for (uint32_t i = 0; i < n; i++)
    if (map->tables[first + i].stored)
      buf[i] = htobe64 (map->tables[first + i].at | COPIED);
  return target_fd_write (&map->file->target, buf, QCOW2_CLUSTER,
                          QCOW2_L1_AT + (uint64_t) first * sizeof *buf, err);
}

/* Where a table is to be there may be data of a run that was interrupted: L1
 * names it only when that is gone for certain.
 */
static int
store_l1 (const struct qcow2_map *map, uint64_t *buf, struct error *err)
{
  if (fsync (map->file->fd) == -1)
    return target_errno (err, map->file->path);
  for (uint32_t i = 0; i < map->n; i += (uint32_t) L2_ENTRIES)
    if (store_l1_cluster (map, i, buf, err) == -1)
      return -1;
  return 0;
}

int
qcow2_map_store (struct qcow2_map *map, struct error *err)
{
  bool new = false;
  LOCK_SCOPE (&map->storing);
  uint64_t *buf = alloc_zero (QCOW2_CLUSTER, err);
  int r;

  if (buf == NULL)
    return -1;
  r = store_tables (map, buf, &new, err);
  if (r == 0 && new)
    r = store_l1 (map, buf, err);
  free (buf);
  return r;
}

static int
store_table_again (struct qcow2_map *map, uint32_t i, uint64_t *buf,
                   struct error *err)
{
  struct table *table = &map->tables[i];
  bool new = false;             /* L1 is written in any case */

  if (table->at == 0)
    return 0;
  if (qcow2_map_read_table (map, i, err) == -1 ||
      store_table (map, table, buf, &new, err) == -1)
    return -1;
  table->used = false;
  drop_unused (map, table);
  return 0;
}

int
qcow2_map_store_again (struct qcow2_map *map, struct error *err)
{
  LOCK_SCOPE (&map->storing);
  uint64_t *buf = alloc_zero (QCOW2_CLUSTER, err);
  int r = buf != NULL ? 0 : -1;

  for (uint32_t i = 0; r == 0 && i < map->n; i++)
    r = store_table_again (map, i, buf, err);
  if (r == 0)
    r = store_l1 (map, buf, err);
  free (buf);
  return r;
}
