/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The map of a disk: cells of equal size, with the number of bytes that came
 * from each place.  All threads of a copy add to it.
 */

#ifndef V2V_MAP_H
#define V2V_MAP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct error;

enum copy_map_kind {
  COPY_MAP_DATA,                /* read from the source */
  COPY_MAP_OVERLAY,             /* read from the overlay */
  COPY_MAP_ZERO,                /* listed as zero, or read and zero */
  COPY_MAP_UNUSED,              /* not read: the guest does not use it */
  COPY_MAP_KINDS,
};

struct copy_map_cell {
  _Atomic uint64_t bytes[COPY_MAP_KINDS];
  atomic_bool retried;          /* a request failed and was tried again */
};

struct copy_map {
  struct copy_map_cell *cells;
  unsigned n;
  uint64_t cell_size, size;     /* bytes: of a cell, of the disk */
};

extern int copy_map_init (struct copy_map *, uint64_t size,
                          struct error *err);
/* LEN > 0 bytes at OFFSET of the disk have been copied. */
extern void copy_map_add (struct copy_map *, enum copy_map_kind,
                          uint64_t offset, uint64_t len);
extern void copy_map_retried (struct copy_map *, uint64_t offset);
extern void copy_map_reset (struct copy_map *);

#endif /* V2V_MAP_H */
