/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reads a table of blocks: 4 bytes for each MiB of the disk, as a rule.  qemu
 * reads all of it, too, when it opens the image.
 */

#include <config.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "image/block-map.h"
#include "image/image-format.h"
#include "image/tables.h"
#include "io/reader.h"

#define ENTRY_LEN 4
/* One read; a disk of 256 GiB. */
#define PIECE (1 << 20)
/* A disk of 16 TiB, four times as much as VirtualBox makes. */
#define TABLE_MAX (64 << 20)

/* The end of what entry I, with the value N, needs. */
static uint64_t
end_of_block (const struct block_map *map, uint64_t i, uint32_t n)
{
  const uint64_t at = i * map->block, left = map->disk_size - at;
  uint64_t start;

  if (n < map->least || n > map->most)
    return 0;
  if (__builtin_mul_overflow (n, map->unit, &start))
    return INT64_MAX;
  return tables_end_of (tables_end_of (map->first, start),
                        left < map->block ? left : map->block);
}

/* Entries that a disk of this size has. */
static uint64_t
count_entries (const struct block_map *map)
{
  const uint64_t n = map->disk_size / map->block +
    (map->disk_size % map->block != 0);

  return n < map->entries ? n : map->entries;
}

static int
read_pieces (struct reader *reader, const struct block_map *map,
             uint64_t entries, uint64_t *ret, struct error *err)
{
  CLEANUP_BYTES unsigned char *piece = alloc_zero (PIECE, err);

  if (piece == NULL)
    return -1;
  for (uint64_t first = 0; first < entries; first += PIECE / ENTRY_LEN) {
    const uint64_t left = entries - first;
    const size_t n = left < PIECE / ENTRY_LEN ? (size_t) left
                                              : PIECE / ENTRY_LEN;

    if (image_pread (reader, piece, n * ENTRY_LEN,
                     map->offset + first * ENTRY_LEN, err) == -1)
      return -1;
    for (size_t i = 0; i < n; i++) {
      const uint64_t end = end_of_block (map, first + i,
                                         le32 (piece + i * ENTRY_LEN));

      if (end > *ret)
        *ret = end;
    }
  }
  return 0;
}

int
block_map_find_end (struct reader *reader, const struct block_map *map,
                    uint64_t *ret, struct error *err)
{
  const uint64_t entries = count_entries (map);

  *ret = 0;
  if (entries > TABLE_MAX / ENTRY_LEN)
    return 0;
  *ret = tables_end_of (map->offset, entries * ENTRY_LEN);
  return *ret > reader->size ? 0
    : read_pieces (reader, map, entries, ret, err);
}
