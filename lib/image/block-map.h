/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Images that find a block of the disk through one table of numbers (VDI,
 * Parallels): how much of the file does it use?
 */

#ifndef V2V_BLOCK_MAP_H
#define V2V_BLOCK_MAP_H

#include <stdint.h>

struct error;
struct reader;

struct block_map {
  uint64_t disk_size, block;    /* in bytes */
  uint64_t offset, entries;     /* of the table; an entry has 4 bytes, little
                                   endian */
  uint64_t unit, first;         /* number N is at FIRST + N * UNIT ... */
  uint32_t least, most;         /* ... if it is one of these; otherwise the
                                   block is not in the file */
};

/* Find where the part of the file that is used ends: behind the file's own end
 * if it is not whole.  0: it was not looked for, as the table is too large.
 */
extern int block_map_find_end (struct reader *, const struct block_map *,
                               uint64_t *ret, struct error *err);

#endif /* V2V_BLOCK_MAP_H */
