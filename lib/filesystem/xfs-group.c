/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The headers of XFS's allocation groups.  Each group begins with four
 * sectors: a copy of the superblock, the header of the free space (AGF), that
 * of the inodes, and the free list (AGFL): blocks that are set aside for the
 * btrees of the group, and are not in the btree of free space.  They count as
 * used, although nothing is in them yet.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/xfs-internal.h"

#define AGF_MAGIC UINT32_C (0x58414746)  /* XAGF */
#define AGFL_MAGIC UINT32_C (0x5841464c) /* XAFL */
#define AGF_VERSION 1
#define HEADER_SECTORS 4

/* More levels than any btree can have: with the smallest blocks, 512 bytes,
 * and groups of 1 TiB, it has 8.
 */
#define LEVELS_MAX 9

#define GROUPS_AT_ONCE 1024

/* The root of the btree is behind the headers, where mkfs.xfs puts it, until
 * there are too many free runs for one block.  Blocks of this size, and
 * smaller ones, are read with the headers, and kept.
 */
#define ROOT_KEPT_MAX 4096

/* Where the members of the AGF are. */
enum {
  AGF_VERSION_AT = 4,
  AGF_NUMBER = 8,
  AGF_LENGTH = 12,
  AGF_ROOTS = 16,               /* by place, by size, reverse mapping */
  AGF_LEVELS = 28,
  AGF_LIST_FIRST = 40,
  AGF_LIST_LAST = 44,
  AGF_LIST_COUNT = 48,
  AGF_FREE_BLOCKS = 52,
  AGF_LONGEST = 56,
  AGF_TREE_BLOCKS = 60,
  AGF_UUID = 64,
  AGF_REFCOUNT_ROOT = 88,
  AGF_LSN = 208,
  AGF_CRC = 216,
};

/* And those of the AGFL, in version 5; before, it was nothing but numbers. */
enum {
  AGFL_NUMBER = 4,
  AGFL_UUID = 8,
  AGFL_LSN = 24,
  AGFL_CRC = 32,
  AGFL_BLOCKS = 36,
};

/* Blocks that are taken by the headers of each group. */
static uint32_t
header_blocks (const struct xfs *xfs)
{
  return (HEADER_SECTORS * xfs->sector_size + xfs->block_size - 1) /
    xfs->block_size;
}

/* Bytes that are read of each group. */
static uint32_t
read_size (const struct xfs *xfs)
{
  return xfs->block_size > ROOT_KEPT_MAX ? HEADER_SECTORS * xfs->sector_size
    : (header_blocks (xfs) + 1) * xfs->block_size;
}

uint32_t
xfs_groups_at_once (const struct xfs *xfs)
{
  const uint64_t fitting = READER_PREFETCH_MAX / read_size (xfs);
  const uint32_t most = fitting < GROUPS_AT_ONCE
    ? (uint32_t) fitting : GROUPS_AT_ONCE;

  return most < xfs->group_count ? most : xfs->group_count;
}

static int
damaged (const struct xfs *xfs, uint32_t number, struct error *err)
{
  return XFS_DOUBT (xfs, err, _("the headers of allocation group %u are "
                                "damaged"), number);
}

static int
compare_blocks (const void *a, const void *b)
{
  const uint32_t *x = a, *y = b;

  return (*x > *y) - (*x < *y);
}

/* A block of the group that is in use, as a header says. */
static bool
add_used (const struct xfs *xfs, uint32_t number, struct xfs_group *group,
          uint32_t block)
{
  group->used[group->used_len++] = block;
  return block >= header_blocks (xfs) &&
    block < xfs_group_length (xfs, number);
}

static bool
agf_valid (const struct xfs *xfs, uint32_t number, unsigned char *agf)
{
  return be32 (agf) == AGF_MAGIC &&
    be32 (agf + AGF_VERSION_AT) == AGF_VERSION &&
    be32 (agf + AGF_NUMBER) == number &&
    be32 (agf + AGF_LENGTH) == xfs_group_length (xfs, number) &&
    xfs_lsn_valid (xfs, be64 (agf + AGF_LSN)) &&
    (!xfs->crc ||
     memcmp (agf + AGF_UUID, xfs->meta_uuid, XFS_UUID_SIZE) == 0) &&
    xfs_crc_valid (xfs, agf, xfs->sector_size, AGF_CRC);
}

static bool
agfl_valid (const struct xfs *xfs, uint32_t number, unsigned char *agfl)
{
  return !xfs->crc ||
    (be32 (agfl) == AGFL_MAGIC &&
     be32 (agfl + AGFL_NUMBER) == number &&
     memcmp (agfl + AGFL_UUID, xfs->meta_uuid, XFS_UUID_SIZE) == 0 &&
     xfs_lsn_valid (xfs, be64 (agfl + AGFL_LSN)) &&
     xfs_crc_valid (xfs, agfl, xfs->sector_size, AGFL_CRC));
}

static bool
read_counters (const struct xfs *xfs, uint32_t number,
               const unsigned char *agf, struct xfs_group *group)
{
  const uint32_t length = xfs_group_length (xfs, number);

  group->free_blocks = be32 (agf + AGF_FREE_BLOCKS);
  group->longest = be32 (agf + AGF_LONGEST);
  group->tree_blocks = be32 (agf + AGF_TREE_BLOCKS);
  group->root = be32 (agf + AGF_ROOTS);
  group->levels = be32 (agf + AGF_LEVELS);
  group->list_blocks = be32 (agf + AGF_LIST_COUNT);
  /* The root is not counted.  Without lazy counters, xfs_repair counts none,
   * nor did Linux before 2.6.22: then the superblock counts others.
   */
  group->visits = xfs->lazy ? group->tree_blocks + 1 : length;
  return group->free_blocks <= length && group->tree_blocks <= length &&
    group->longest <= group->free_blocks &&
    group->levels >= 1 && group->levels <= LEVELS_MAX;
}

/* The roots of its btree and of others. */
static bool
add_roots (const struct xfs *xfs, uint32_t number, const unsigned char *agf,
           struct xfs_group *group)
{
  return add_used (xfs, number, group, be32 (agf + AGF_ROOTS)) &&
    add_used (xfs, number, group, be32 (agf + AGF_ROOTS + 4)) &&
    (!xfs->rmap ||
     add_used (xfs, number, group, be32 (agf + AGF_ROOTS + 8))) &&
    (!xfs->refcount ||
     add_used (xfs, number, group, be32 (agf + AGF_REFCOUNT_ROOT)));
}

/* The free list is a ring.  Linux before 4.5 took it as one entry longer or
 * shorter on some machines; later kernels then empty it, and here it is a
 * doubt.
 */
static bool
add_list (const struct xfs *xfs, uint32_t number, const unsigned char *agf,
          const unsigned char *agfl, struct xfs_group *group)
{
  const uint32_t begin = xfs->crc ? AGFL_BLOCKS : 0;
  const uint32_t size = (xfs->sector_size - begin) / 4;
  const uint32_t first = be32 (agf + AGF_LIST_FIRST);
  const uint32_t last = be32 (agf + AGF_LIST_LAST);

  if (first >= size || last >= size || group->list_blocks > size)
    return false;
  if (group->list_blocks == 0)
    return true;
  if ((last + size - first) % size + 1 != group->list_blocks)
    return false;
  for (uint32_t i = 0; i < group->list_blocks; i++)
    if (!add_used (xfs, number, group,
                   be32 (agfl + begin + (first + i) % size * 4)))
      return false;
  return true;
}

static int
keep_root (const struct xfs *xfs, const unsigned char *headers,
           struct xfs_group *group, struct error *err)
{
  if (xfs->block_size > ROOT_KEPT_MAX || group->root != header_blocks (xfs))
    return 0;
  group->root_block = alloc_zero (xfs->block_size, err);
  if (group->root_block == NULL)
    return -1;
  memcpy (group->root_block,
          headers + (size_t) group->root * xfs->block_size, xfs->block_size);
  return 0;
}

static int
read_group (const struct xfs *xfs, uint32_t number, unsigned char *headers,
            struct xfs_group *group, struct error *err)
{
  unsigned char *const agf = headers + xfs->sector_size;
  unsigned char *const agfl = headers + 3 * (size_t) xfs->sector_size;

  if (!agf_valid (xfs, number, agf) || !agfl_valid (xfs, number, agfl) ||
      !read_counters (xfs, number, agf, group) ||
      group->list_blocks > xfs->sector_size / 4)
    return damaged (xfs, number, err);
  /* Four roots at most. */
  group->used = alloc_zero ((4 + group->list_blocks) *
                            sizeof group->used[0], err);
  if (group->used == NULL)
    return -1;
  if (!add_roots (xfs, number, agf, group) ||
      !add_list (xfs, number, agf, agfl, group))
    return damaged (xfs, number, err);
  qsort (group->used, group->used_len, sizeof group->used[0],
         compare_blocks);
  for (size_t i = 1; i < group->used_len; i++)
    if (group->used[i - 1] == group->used[i])
      return damaged (xfs, number, err);
  group->end = header_blocks (xfs);
  return keep_root (xfs, headers, group, err);
}

static int
prefetch_groups (const struct xfs *xfs, uint32_t first, uint32_t count,
                 struct error *err)
{
  struct ranges ranges = { .ptr = NULL };
  int r = 0;

  for (uint32_t i = 0; i < count && r == 0; i++)
    r = ranges_append (&ranges, (struct range) {
        xfs_block_at (xfs, first + i, 0), read_size (xfs) });
  r = r == -1 ? error_nomem (err)
    : reader_prefetch (xfs->volume, &ranges, err);
  ranges_reset (&ranges);
  return r;
}

int
xfs_read_groups (const struct xfs *xfs, uint32_t first, uint32_t count,
                 struct xfs_group *groups, struct error *err)
{
  const size_t size = read_size (xfs);
  CLEANUP_BYTES unsigned char *headers = alloc_zero (size, err);
  int r = headers == NULL ? -1 : prefetch_groups (xfs, first, count, err);

  for (uint32_t i = 0; i < count && r == 0; i++) {
    r = reader_pread (xfs->volume, headers, size,
                      xfs_block_at (xfs, first + i, 0), err);
    if (r == 0)
      r = read_group (xfs, first + i, headers, &groups[i], err);
  }
  return r;
}
