/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The blocks and the parent of a VHDX image, for vhdx.c. */

#ifndef V2V_VHDX_H
#define V2V_VHDX_H

#include <stddef.h>
#include <stdint.h>

struct error;
struct reader;

struct vhdx_blocks {
  uint64_t table;               /* where the block allocation table is */
  uint32_t table_len;           /* bytes */
  uint32_t block_size;          /* a power of two, 1 to 256 MiB */
  uint64_t disk_size;           /* not 0; the sectors have 512 bytes */
};

/* Raise *NEEDED to the end of the blocks that hold data. */
extern int vhdx_find_end (struct reader *, const struct vhdx_blocks *,
                          uint64_t *needed, struct error *err);

/* A name of the parent by the LEN bytes of a locator, for *RET, which stays
 * NULL if there is none.  The caller frees it.
 */
extern int vhdx_parent_name (const unsigned char *locator, size_t len,
                             char **ret, struct error *err);

#endif /* V2V_VHDX_H */
