/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Blocks of the btrees of XFS's free space. */

#ifndef V2V_XFS_NODE_H
#define V2V_XFS_NODE_H

#include <stddef.h>
#include <stdint.h>

#include "base/vector.h"
#include "filesystem/xfs-internal.h"

/* A leaf has records: the first block, and how many.  A node has keys, as the
 * records that its children begin with, and the children's blocks.
 */
#define XFS_RECORD_SIZE 8
#define XFS_CHILD_SIZE 4

/* A block of a btree that is to be read, and is within its group. */
struct xfs_node {
  uint32_t group;               /* counted from the first that is read */
  uint32_t block, level;        /* leaves have level 0 */
  uint32_t key;                 /* what it must begin with; 0: anything */
};
DEFINE_VECTOR (struct xfs_nodes, xfs_nodes, struct xfs_node);

/* The block that was read before, of the same level. */
struct xfs_left {
  uint32_t group, block, right;
};
#define XFS_NO_LEFT                                             \
  ((struct xfs_left) { XFS_NULL_BLOCK, 0, XFS_NULL_BLOCK })

/* The btrees of some groups, while they are read. */
struct xfs_walk {
  const struct xfs *xfs;
  uint32_t first;               /* group */
  struct xfs_group *groups;
  uint32_t header, in_leaf, in_node; /* bytes, records, children */
  unsigned char *block;         /* the one that was read */
  uint32_t count;               /* its records or children */
};

/* *RET reads with BLOCK, which has the size of the file system's. */
extern void xfs_walk_init (struct xfs_walk *ret, const struct xfs *,
                           uint32_t first, struct xfs_group *groups,
                           unsigned char *block);
/* That group's btree is damaged. */
extern int xfs_walk_damaged (const struct xfs_walk *, uint32_t group,
                             struct error *err);
/* How many blocks may be read at once. */
extern size_t xfs_walk_at_once (const struct xfs_walk *);
/* Have those of N nodes read that are at LEVEL or above. */
extern int xfs_walk_prefetch (const struct xfs_walk *,
                              const struct xfs_node *nodes, size_t n,
                              uint32_t level, struct error *err);
/* Read a block, which follows LEFT, and check all of it but its content. */
extern int xfs_walk_read (struct xfs_walk *, const struct xfs_node *,
                          struct xfs_left *left, struct error *err);
/* LEFT was the last block of its level. */
extern int xfs_walk_check_last (const struct xfs_walk *,
                                const struct xfs_left *left,
                                struct error *err);

#endif /* V2V_XFS_NODE_H */
