/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The blocks of a VHD that is not fixed, for vhd.c. */

#ifndef V2V_VHD_H
#define V2V_VHD_H

#include <stdint.h>

struct error;
struct image;
struct reader;

struct vhd_blocks {
  uint64_t table;               /* where the block allocation table is */
  uint32_t entries;             /* of it, that stand for a part of the disk */
  uint32_t block_size;          /* a power of two, at least a sector */
};

/* Find out how much of the file the blocks use, and whether their bitmaps
 * leave out anything that qemu would read.  RET->size is known already.
 */
extern int vhd_look_at_blocks (struct reader *, const struct vhd_blocks *,
                               struct image *ret, struct error *err);

#endif /* V2V_VHD_H */
