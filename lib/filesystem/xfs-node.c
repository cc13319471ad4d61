/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reads and checks blocks of the btrees of XFS's free space, many at once.
 * What they say is left to xfs-tree.c.
 */

#include <config.h>

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/xfs-node.h"

#define MAGIC_4 UINT32_C (0x41425442) /* ABTB */
#define MAGIC_5 UINT32_C (0x41423342) /* AB3B */

/* Where the members of a block are: the first five in version 4, too. */
enum {
  BT_LEVEL = 4,
  BT_COUNT = 6,
  BT_LEFT = 8,
  BT_RIGHT = 12,
  BT_HEADER_4 = 16,
  BT_ADDRESS = 16,
  BT_LSN = 24,
  BT_UUID = 32,
  BT_OWNER = 48,
  BT_CRC = 52,
  BT_HEADER_5 = 56,
};

/* Bytes of blocks, and how much more may be read with them.  What comes in 10
 * ms through a fast link, divided by the requests in flight there.
 */
#define READ_AT_ONCE (READER_PREFETCH_MAX / 2)
#define NEAR (UINT64_C (32) << 10)

void
xfs_walk_init (struct xfs_walk *ret, const struct xfs *xfs, uint32_t first,
               struct xfs_group *groups, unsigned char *block)
{
  const uint32_t header = xfs->crc ? BT_HEADER_5 : BT_HEADER_4;
  const uint32_t content = xfs->block_size - header;

  *ret = (struct xfs_walk) {
    .xfs = xfs, .first = first, .groups = groups, .block = block,
    .header = header,
    .in_leaf = content / XFS_RECORD_SIZE,
    .in_node = content / (XFS_RECORD_SIZE + XFS_CHILD_SIZE),
  };
}

int
xfs_walk_damaged (const struct xfs_walk *walk, uint32_t group,
                  struct error *err)
{
  return XFS_DOUBT (walk->xfs, err,
                    _("the free space metadata of allocation group %u is "
                      "damaged"), walk->first + group);
}

static uint64_t
node_at (const struct xfs_walk *walk, const struct xfs_node *node)
{
  return xfs_block_at (walk->xfs, walk->first + node->group, node->block);
}

/* What only version 5 has. */
static bool
header_5_valid (const struct xfs_walk *walk, const struct xfs_node *node)
{
  const struct xfs *xfs = walk->xfs;
  const unsigned char *p = walk->block;

  return be64 (p + BT_ADDRESS) == node_at (walk, node) / XFS_BB_SIZE &&
    xfs_lsn_valid (xfs, be64 (p + BT_LSN)) &&
    memcmp (p + BT_UUID, xfs->meta_uuid, XFS_UUID_SIZE) == 0 &&
    be32 (p + BT_OWNER) == walk->first + node->group &&
    xfs_crc_valid (xfs, walk->block, xfs->block_size, BT_CRC);
}

static bool
header_valid (const struct xfs_walk *walk, const struct xfs_node *node)
{
  const unsigned char *p = walk->block;
  const uint32_t count = be16 (p + BT_COUNT);
  const uint32_t most = node->level == 0 ? walk->in_leaf : walk->in_node;
  const struct xfs_group *group = &walk->groups[node->group];
  /* Only a group without free space has an empty btree. */
  const bool may_be_empty = node->level == 0 && group->levels == 1;

  return be32 (p) == (walk->xfs->crc ? MAGIC_5 : MAGIC_4) &&
    be16 (p + BT_LEVEL) == node->level &&
    count <= most && (count > 0 || may_be_empty) &&
    (!walk->xfs->crc || header_5_valid (walk, node));
}

/* The root may have come with the headers of its group. */
static const unsigned char *
kept_block (const struct xfs_walk *walk, const struct xfs_node *node)
{
  const struct xfs_group *group = &walk->groups[node->group];

  return node->block == group->root ? group->root_block : NULL;
}

static int
get_block (struct xfs_walk *walk, const struct xfs_node *node,
           struct error *err)
{
  const unsigned char *kept = kept_block (walk, node);
  const uint32_t size = walk->xfs->block_size;

  if (kept == NULL)
    return reader_pread (walk->xfs->volume, walk->block, size,
                         node_at (walk, node), err);
  memcpy (walk->block, kept, size);
  return 0;
}

/* Each level of a btree is a list, too. */
static bool
follows (const struct xfs_walk *walk, const struct xfs_node *node,
         struct xfs_left *left)
{
  const unsigned char *p = walk->block;
  const uint32_t before = left->group == node->group
    ? left->block : XFS_NULL_BLOCK;
  const bool valid = be32 (p + BT_LEFT) == before &&
    (before == XFS_NULL_BLOCK || left->right == node->block);

  *left = (struct xfs_left) { node->group, node->block, be32 (p + BT_RIGHT) };
  return valid;
}

int
xfs_walk_check_last (const struct xfs_walk *walk,
                     const struct xfs_left *left, struct error *err)
{
  return left->right == XFS_NULL_BLOCK ? 0
    : xfs_walk_damaged (walk, left->group, err);
}

int
xfs_walk_read (struct xfs_walk *walk, const struct xfs_node *node,
               struct xfs_left *left, struct error *err)
{
  struct xfs_group *group = &walk->groups[node->group];

  if (get_block (walk, node, err) == -1)
    return -1;
  if (left->group != node->group && left->right != XFS_NULL_BLOCK)
    return xfs_walk_check_last (walk, left, err);
  if (!header_valid (walk, node) || !follows (walk, node, left) ||
      ++group->visited > group->visits)
    return xfs_walk_damaged (walk, node->group, err);
  if (node->key != 0 && be32 (walk->block + walk->header) != node->key)
    return xfs_walk_damaged (walk, node->group, err);
  walk->count = be16 (walk->block + BT_COUNT);
  return 0;
}

/* Read what is between two blocks too, if that is cheaper than another
 * request.  The blocks of a btree lie near each other, as they come to be
 * together with those of others.
 */
static void
join_near (struct ranges *ranges, uint64_t spare)
{
  size_t last = 0;

  if (ranges->len == 0)
    return;
  ranges_sort (ranges);
  for (size_t i = 1; i < ranges->len; i++) {
    struct range *before = &ranges->ptr[last];
    const struct range *next = &ranges->ptr[i];
    const uint64_t end = before->offset + before->len;
    const uint64_t gap = next->offset > end ? next->offset - end : 0;

    if (gap > NEAR || gap > spare) {
      ranges->ptr[++last] = *next;
      continue;
    }
    spare -= gap;
    /* Damaged btrees have a block twice. */
    if (next->offset + next->len > end)
      before->len = next->offset + next->len - before->offset;
  }
  ranges->len = last + 1;
}

int
xfs_walk_prefetch (const struct xfs_walk *walk, const struct xfs_node *nodes,
                   size_t n, uint32_t level, struct error *err)
{
  struct ranges ranges = { .ptr = NULL };
  int r = 0;

  for (size_t i = 0; i < n && r == 0; i++)
    if (nodes[i].level >= level && kept_block (walk, &nodes[i]) == NULL)
      r = ranges_append (&ranges, (struct range) {
          node_at (walk, &nodes[i]), walk->xfs->block_size });
  join_near (&ranges, READER_PREFETCH_MAX - READ_AT_ONCE);
  r = r == -1 ? error_nomem (err)
    : reader_prefetch (walk->xfs->volume, &ranges, err);
  ranges_reset (&ranges);
  return r;
}

size_t
xfs_walk_at_once (const struct xfs_walk *walk)
{
  return READ_AT_ONCE / walk->xfs->block_size;
}

