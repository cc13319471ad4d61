/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The btrees of XFS's free space, each of them sorted by the place of the free
 * runs.  Those of many allocation groups are read together, so that a slow
 * link is crossed once a level, and not once a block: first down to the nodes
 * above the leaves, which are kept as a list; then the leaves, as many at once
 * as the reader keeps.  No block is read twice, as levels only go down and no
 * more blocks are visited than the group's header counts.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/xfs-internal.h"

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
/* A leaf has records: the first block, and how many.  A node has keys, as the
 * records that its children begin with, and the children's blocks.
 */
#define RECORD_SIZE 8
#define CHILD_SIZE 4

/* A block of a btree that is to be read. */
struct node {
  uint32_t group;               /* counted from the first that is read */
  uint32_t block, level;        /* leaves have level 0 */
  uint32_t key;                 /* what it must begin with; 0: anything */
};
DEFINE_VECTOR (struct nodes, nodes, struct node);

/* The block that was read before, of the same level. */
struct left {
  uint32_t group, block, right;
};
#define NO_LEFT ((struct left) { XFS_NULL_BLOCK, 0, XFS_NULL_BLOCK })

struct walk {
  const struct xfs *xfs;
  uint32_t first;               /* group */
  struct xfs_group *groups;
  uint32_t header, in_leaf, in_node; /* bytes, records, children */
  unsigned char *block;
};

static int
damaged (const struct walk *walk, const struct node *node, struct error *err)
{
  return XFS_DOUBT (walk->xfs, err,
                    _("the list of free space of allocation group %u is "
                      "damaged"), walk->first + node->group);
}

/*--- Blocks. ---*/

static uint64_t
node_at (const struct walk *walk, const struct node *node)
{
  return xfs_block_at (walk->xfs, walk->first + node->group, node->block);
}

/* What only version 5 has. */
static bool
header_5_valid (const struct walk *walk, const struct node *node)
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
header_valid (const struct walk *walk, const struct node *node)
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

/* Each level of a btree is a list, too. */
static bool
follows (const struct walk *walk, const struct node *node, struct left *left)
{
  const unsigned char *p = walk->block;
  const uint32_t before = left->group == node->group
    ? left->block : XFS_NULL_BLOCK;
  const bool valid = be32 (p + BT_LEFT) == before &&
    (before == XFS_NULL_BLOCK || left->right == node->block);

  *left = (struct left) { node->group, node->block, be32 (p + BT_RIGHT) };
  return valid;
}

/* The last block of each level has none on its right. */
static int
check_last (const struct walk *walk, const struct left *left,
            struct error *err)
{
  return left->right == XFS_NULL_BLOCK ? 0
    : damaged (walk, &(struct node) { .group = left->group }, err);
}

/* Read NODE, which is within its group, into walk->block. */
static int
read_node (struct walk *walk, const struct node *node, struct left *left,
           struct error *err)
{
  struct xfs_group *group = &walk->groups[node->group];

  if (reader_pread (walk->xfs->volume, walk->block, walk->xfs->block_size,
                    node_at (walk, node), err) == -1)
    return -1;
  if (left->group != node->group && left->right != XFS_NULL_BLOCK)
    return check_last (walk, left, err);
  if (!header_valid (walk, node) || !follows (walk, node, left) ||
      ++group->visited > group->visits)
    return damaged (walk, node, err);
  if (node->key != 0 && be32 (walk->block + walk->header) != node->key)
    return damaged (walk, node, err);
  return 0;
}

/* Those of N nodes that are at LEVEL or above. */
static int
prefetch_nodes (const struct walk *walk, const struct node *nodes, size_t n,
                uint32_t level, struct error *err)
{
  struct ranges ranges = { .ptr = NULL };
  int r = 0;

  for (size_t i = 0; i < n && r == 0; i++)
    if (nodes[i].level >= level)
      r = ranges_add (&ranges, (struct range) {
          node_at (walk, &nodes[i]), walk->xfs->block_size });
  r = r == -1 ? error_nomem (err)
    : reader_prefetch (walk->xfs->volume, &ranges, err);
  ranges_reset (&ranges);
  return r;
}

static size_t
blocks_at_once (const struct walk *walk)
{
  return READER_PREFETCH_MAX / walk->xfs->block_size;
}

/*--- Nodes. ---*/

/* Append the children of NODE, which is in walk->block. */
static int
add_children (const struct walk *walk, const struct node *node,
              struct nodes *ret, struct error *err)
{
  const unsigned char *keys = walk->block + walk->header;
  const unsigned char *children = keys + (size_t) walk->in_node * RECORD_SIZE;
  const uint32_t count = be16 (walk->block + BT_COUNT);
  const uint32_t length =
    xfs_group_length (walk->xfs, walk->first + node->group);
  uint32_t before = 0;

  for (uint32_t i = 0; i < count; i++) {
    const struct node child = {
      .group = node->group, .level = node->level - 1,
      .block = be32 (children + i * CHILD_SIZE),
      .key = be32 (keys + i * RECORD_SIZE),
    };

    if (child.key <= before || child.block == 0 || child.block >= length)
      return damaged (walk, node, err);
    before = child.key;
    if (nodes_append (ret, child) == -1)
      return error_nomem (err);
  }
  return 0;
}

/* Append the children of those NODES that are at LEVEL, and the others, which
 * are below it, as they are.
 */
static int
expand_some (struct walk *walk, const struct node *nodes, size_t n,
             uint32_t level, struct left *left, struct nodes *ret,
             struct error *err)
{
  int r = prefetch_nodes (walk, nodes, n, level, err);

  for (size_t i = 0; i < n && r == 0; i++) {
    if (nodes[i].level < level) {
      r = nodes_append (ret, nodes[i]) == -1 ? error_nomem (err) : 0;
      continue;
    }
    r = read_node (walk, &nodes[i], left, err);
    if (r == 0)
      r = add_children (walk, &nodes[i], ret, err);
  }
  return r;
}

/* All of NODES that are at LEVEL, likewise. */
static int
expand_level (struct walk *walk, struct nodes *nodes, uint32_t level,
              struct error *err)
{
  const size_t at_once = blocks_at_once (walk);
  struct nodes ret = { .ptr = NULL };
  struct left left = NO_LEFT;
  int r = 0;

  for (size_t i = 0, n; i < nodes->len && r == 0; i += n) {
    n = nodes->len - i < at_once ? nodes->len - i : at_once;
    r = expand_some (walk, nodes->ptr + i, n, level, &left, &ret, err);
  }
  if (r == 0)
    r = check_last (walk, &left, err);
  nodes_reset (nodes);
  *nodes = ret;
  return r;
}

/*--- Leaves. ---*/

static bool
overlaps_log (const struct walk *walk, const struct node *node,
              uint32_t start, uint32_t len)
{
  const struct xfs *xfs = walk->xfs;

  return walk->first + node->group == xfs->log_group &&
    start < xfs->log_block + xfs->log_blocks &&
    xfs->log_block < start + len;
}

/* If a free run can be where it is; no sum here overflows, as groups have
 * fewer than 2^31 blocks.
 */
static bool
run_valid (const struct walk *walk, const struct node *node, uint32_t start,
           uint32_t len)
{
  struct xfs_group *group = &walk->groups[node->group];
  const uint32_t length =
    xfs_group_length (walk->xfs, walk->first + node->group);

  if (len == 0 || start < group->end || start >= length ||
      len > length - start || overlaps_log (walk, node, start, len))
    return false;
  while (group->used_done < group->used_len &&
         group->used[group->used_done] < start)
    group->used_done++;
  return group->used_done == group->used_len ||
    group->used[group->used_done] >= start + len;
}

/* Tell the usage of the runs of a leaf, which is in walk->block. */
static int
add_runs (const struct walk *walk, const struct node *node,
          struct error *err)
{
  const struct xfs *xfs = walk->xfs;
  struct xfs_group *group = &walk->groups[node->group];
  const uint32_t count = be16 (walk->block + BT_COUNT);

  for (uint32_t i = 0; i < count; i++) {
    const unsigned char *record =
      walk->block + walk->header + (size_t) i * RECORD_SIZE;
    const uint32_t start = be32 (record), len = be32 (record + 4);

    if (!run_valid (walk, node, start, len))
      return damaged (walk, node, err);
    group->end = start + len;
    group->found_blocks += len;
    if (len > group->found_longest)
      group->found_longest = len;
    if (usage_free (xfs->usage,
                    xfs_block_at (xfs, walk->first + node->group, start),
                    (uint64_t) len * xfs->block_size, err) == -1)
      return -1;
  }
  return 0;
}

static int
read_leaves (struct walk *walk, const struct nodes *leaves, struct left *left,
             struct error *err)
{
  const size_t at_once = blocks_at_once (walk);
  int r = 0;

  for (size_t i = 0; i < leaves->len && r == 0; i++) {
    const size_t n = leaves->len - i < at_once ? leaves->len - i : at_once;

    if (i % at_once == 0)
      r = prefetch_nodes (walk, leaves->ptr + i, n, 0, err);
    if (r == 0)
      r = read_node (walk, &leaves->ptr[i], left, err);
    if (r == 0)
      r = add_runs (walk, &leaves->ptr[i], err);
  }
  return r;
}

/* The leaves of NODES, which are at level 1, or leaves themselves: as many
 * nodes at once as have about so many leaves as the reader keeps.
 */
static int
read_all_leaves (struct walk *walk, const struct nodes *nodes,
                 struct error *err)
{
  const size_t fitting = blocks_at_once (walk) / walk->in_node;
  const size_t at_once = fitting > 0 ? fitting : 1;
  struct left left_node = NO_LEFT, left_leaf = NO_LEFT;
  int r = 0;

  for (size_t i = 0, n; i < nodes->len && r == 0; i += n) {
    struct nodes leaves = { .ptr = NULL };

    n = nodes->len - i < at_once ? nodes->len - i : at_once;
    r = expand_some (walk, nodes->ptr + i, n, 1, &left_node, &leaves, err);
    if (r == 0)
      r = read_leaves (walk, &leaves, &left_leaf, err);
    nodes_reset (&leaves);
  }
  if (r == 0)
    r = check_last (walk, &left_node, err);
  if (r == 0)
    r = check_last (walk, &left_leaf, err);
  return r;
}

/*--- Groups. ---*/

static int
add_groups (const struct walk *walk, uint32_t count, struct nodes *ret,
            struct error *err)
{
  for (uint32_t i = 0; i < count; i++)
    if (nodes_append (ret, (struct node) {
          .group = i, .block = walk->groups[i].root,
          .level = walk->groups[i].levels - 1 }) == -1)
      return error_nomem (err);
  return 0;
}

static uint32_t
highest (const struct nodes *nodes)
{
  uint32_t ret = 0;

  for (size_t i = 0; i < nodes->len; i++)
    if (nodes->ptr[i].level > ret)
      ret = nodes->ptr[i].level;
  return ret;
}

static int
compare (const struct walk *walk, uint32_t count, struct error *err)
{
  for (uint32_t i = 0; i < count; i++) {
    const struct xfs_group *group = &walk->groups[i];

    if (group->found_blocks != group->free_blocks ||
        group->found_longest != group->longest)
      return XFS_DOUBT (walk->xfs, err,
                        _("allocation group %u counts %u free blocks, and "
                          "lists %u"),
                        walk->first + i, group->free_blocks,
                        group->found_blocks);
  }
  return 0;
}

static void
set_sizes (struct walk *walk)
{
  const struct xfs *xfs = walk->xfs;

  walk->header = xfs->crc ? BT_HEADER_5 : BT_HEADER_4;
  walk->in_leaf = (xfs->block_size - walk->header) / RECORD_SIZE;
  walk->in_node = (xfs->block_size - walk->header) /
    (RECORD_SIZE + CHILD_SIZE);
}

int
xfs_read_trees (const struct xfs *xfs, uint32_t first, uint32_t count,
                struct xfs_group *groups, struct error *err)
{
  CLEANUP_BYTES unsigned char *block = alloc_zero (xfs->block_size, err);
  struct walk walk = {
    .xfs = xfs, .first = first, .groups = groups, .block = block,
  };
  struct nodes nodes = { .ptr = NULL };
  int r = block == NULL ? -1 : add_groups (&walk, count, &nodes, err);

  set_sizes (&walk);
  for (uint32_t level = highest (&nodes); level > 1 && r == 0; level--)
    r = expand_level (&walk, &nodes, level, err);
  if (r == 0)
    r = read_all_leaves (&walk, &nodes, err);
  if (r == 0)
    r = compare (&walk, count, err);
  nodes_reset (&nodes);
  return r;
}
