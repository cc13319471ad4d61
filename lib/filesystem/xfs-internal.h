/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the files of the XFS reader tell each other.
 *
 * Each step returns 0: so far there is no doubt; 1: a doubt, of which the
 * usage has been told; -1: an error.
 */

#ifndef V2V_XFS_INTERNAL_H
#define V2V_XFS_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filesystem/usage.h"
#include "io/reader.h"

#define XFS_UUID_SIZE 16
/* What the log counts in ("basic blocks"), and disk addresses of metadata. */
#define XFS_BB_SIZE 512
/* The block that is meant where there is none. */
#define XFS_NULL_BLOCK UINT32_MAX

/* A volume's geometry, once xfs_read_super has checked it. */
struct xfs {
  struct reader *volume;
  struct usage *usage;
  bool crc;                     /* version 5: metadata have checksums */
  bool log2;                    /* the log's records may have long headers */
  bool rmap, refcount;          /* groups have these btrees */
  bool lazy;                    /* groups count the blocks of their btrees */
  uint32_t block_size, sector_size; /* bytes, powers of 2 */
  uint64_t blocks;              /* of the file system */
  uint32_t group_count;         /* allocation groups */
  uint32_t group_blocks;        /* of each of them but the last */
  uint32_t log_group, log_block, log_blocks; /* all in one group */
  uint64_t free_blocks;         /* as the superblock counts them */
  unsigned char uuid[XFS_UUID_SIZE]; /* the log's */
  unsigned char meta_uuid[XFS_UUID_SIZE]; /* that of all other metadata */
  uint64_t clean_lsn;           /* of the record of the unmounting, which is
                                   the log's last: from xfs_check_log */
};

/* For steps: tell the usage of a doubt, and what the step returns then. */
#define XFS_DOUBT(xfs, err, ...)                                \
  (usage_doubt ((xfs)->usage, (err), __VA_ARGS__) == -1 ? -1 : 1)

/* Blocks of this allocation group. */
extern uint32_t xfs_group_length (const struct xfs *, uint32_t group);
/* Where a block of a group is in the volume, in bytes. */
extern uint64_t xfs_block_at (const struct xfs *, uint32_t group,
                              uint32_t block);
/* If the LEN bytes at P are what their checksum says, which is in them at
 * CRC_AT, and counted as zero.  Without checksums (version 4), they are.
 */
extern bool xfs_crc_valid (const struct xfs *, unsigned char *p, size_t len,
                           size_t crc_at);
/* If metadata that were last written with the log at LSN can be in a file
 * system with such a log.
 */
extern bool xfs_lsn_valid (const struct xfs *, uint64_t lsn);

/* Set all but clean_lsn. */
extern int xfs_read_super (struct xfs *, struct error *err);
/* If the file system was unmounted, and nothing written since. */
extern int xfs_check_log (struct xfs *, struct error *err);

/* An allocation group, as its headers describe it. */
struct xfs_group {
  uint32_t free_blocks;         /* in all of its free runs */
  uint32_t longest;             /* of these runs */
  uint32_t list_blocks;         /* free, but set aside for the btrees */
  uint32_t tree_blocks;         /* of the btrees but their roots: also free, as
                                   the superblock counts */
  uint32_t root;                /* of the free runs by their place */
  uint32_t levels;              /* of that btree: at least 1, the leaves */
  unsigned char *root_block;    /* the root, if it was read with the headers */
  uint32_t *used;               /* blocks that cannot be free, sorted */
  size_t used_len;
  uint32_t visits;              /* blocks that the btree may have */
  /* While its btree is read. */
  uint32_t visited;             /* blocks of the btree */
  uint32_t end;                 /* of the last free run */
  size_t used_done;             /* of `used', below `end' */
  uint32_t found_blocks, found_longest;
};

/* Read the headers of COUNT groups from FIRST on, at once. */
extern int xfs_read_groups (const struct xfs *, uint32_t first,
                            uint32_t count, struct xfs_group *groups,
                            struct error *err);
/* How many groups' headers may be read at once. */
extern uint32_t xfs_groups_at_once (const struct xfs *);
/* Tell the usage of the free runs of these groups, and compare them with what
 * the headers say.
 */
extern int xfs_read_trees (const struct xfs *, uint32_t first,
                           uint32_t count, struct xfs_group *groups,
                           struct error *err);

#endif /* V2V_XFS_INTERNAL_H */
