/* SPDX-License-Identifier: GPL-2.0-or-later */

/* How the engine fills in the map of a disk.  Drawing it is left to the
 * command.
 */

#include <config.h>

#include <stdlib.h>

#include "base/alloc.h"
#include "copy/map.h"

#define CELLS 1024
/* Smaller cells would show single blocks of a small disk. */
#define CELL_MIN (UINT64_C (64) << 10)

int
copy_map_init (struct copy_map *map, uint64_t size, struct error *err)
{
  const uint64_t even = size / CELLS + (size % CELLS != 0);

  map->size = size;
  map->cell_size = even > CELL_MIN ? even : CELL_MIN;
  map->n = (unsigned) (size / map->cell_size + (size % map->cell_size != 0));
  map->cells = alloc_zero ((map->n + 1) * sizeof *map->cells, err);
  return map->cells != NULL ? 0 : -1;
}

void
copy_map_add (struct copy_map *map, enum copy_map_kind kind, uint64_t offset,
              uint64_t len)
{
  while (len > 0) {
    const uint64_t index = offset / map->cell_size;
    const uint64_t room = (index + 1) * map->cell_size - offset;
    const uint64_t part = len < room ? len : room;

    if (index >= map->n)
      return;
    atomic_fetch_add_explicit (&map->cells[index].bytes[kind], part,
                               memory_order_relaxed);
    offset += part;
    len -= part;
  }
}

void
copy_map_retried (struct copy_map *map, uint64_t offset)
{
  const uint64_t index = offset / map->cell_size;

  if (index < map->n)
    atomic_store (&map->cells[index].retried, true);
}

void
copy_map_reset (struct copy_map *map)
{
  free (map->cells);
  *map = (struct copy_map) { .cells = NULL };
}
