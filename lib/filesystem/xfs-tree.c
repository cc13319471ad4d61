/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The btrees of XFS's free space, each of them sorted by the place of the free
 * runs.  Those of many allocation groups are read together, so that a slow
 * link is crossed once a level, and not once a block: first down to the nodes
 * above the leaves, which are kept as a list; then the leaves, as many at once
 * as the reader keeps.  No block is read twice, as levels only go down and no
 * more blocks are visited than the group's header counts.
 */

#include <config.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/xfs-internal.h"
#include "filesystem/xfs-node.h"

/*--- Nodes. ---*/

/* Append the children of NODE, which is in walk->block. */
static int
add_children (const struct xfs_walk *walk, const struct xfs_node *node,
              struct xfs_nodes *ret, struct error *err)
{
  const unsigned char *keys = walk->block + walk->header;
  const unsigned char *children =
    keys + (size_t) walk->in_node * XFS_RECORD_SIZE;
  const uint32_t length =
    xfs_group_length (walk->xfs, walk->first + node->group);
  uint32_t before = 0;

  for (uint32_t i = 0; i < walk->count; i++) {
    const struct xfs_node child = {
      .group = node->group, .level = node->level - 1,
      .block = be32 (children + i * XFS_CHILD_SIZE),
      .key = be32 (keys + i * XFS_RECORD_SIZE),
    };

    if (child.key <= before || child.block == 0 || child.block >= length)
      return xfs_walk_damaged (walk, node->group, err);
    before = child.key;
    if (xfs_nodes_append (ret, child) == -1)
      return error_nomem (err);
  }
  return 0;
}

/* Append the children of those NODES that are at LEVEL, and the others, which
 * are below it, as they are.
 */
static int
expand_some (struct xfs_walk *walk, const struct xfs_node *nodes, size_t n,
             uint32_t level, struct xfs_left *left, struct xfs_nodes *ret,
             struct error *err)
{
  int r = xfs_walk_prefetch (walk, nodes, n, level, err);

  for (size_t i = 0; i < n && r == 0; i++) {
    if (nodes[i].level < level) {
      r = xfs_nodes_append (ret, nodes[i]) == -1 ? error_nomem (err) : 0;
      continue;
    }
    r = xfs_walk_read (walk, &nodes[i], left, err);
    if (r == 0)
      r = add_children (walk, &nodes[i], ret, err);
  }
  return r;
}

/* All of NODES that are at LEVEL, likewise. */
static int
expand_level (struct xfs_walk *walk, struct xfs_nodes *nodes, uint32_t level,
              struct error *err)
{
  const size_t at_once = xfs_walk_at_once (walk);
  struct xfs_nodes ret = { .ptr = NULL };
  struct xfs_left left = XFS_NO_LEFT;
  int r = 0;

  for (size_t i = 0, n; i < nodes->len && r == 0; i += n) {
    n = nodes->len - i < at_once ? nodes->len - i : at_once;
    r = expand_some (walk, nodes->ptr + i, n, level, &left, &ret, err);
  }
  if (r == 0)
    r = xfs_walk_check_last (walk, &left, err);
  xfs_nodes_reset (nodes);
  *nodes = ret;
  return r;
}

/*--- Leaves. ---*/

static bool
overlaps_log (const struct xfs_walk *walk, const struct xfs_node *node,
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
run_valid (const struct xfs_walk *walk, const struct xfs_node *node,
           uint32_t start, uint32_t len)
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
add_runs (const struct xfs_walk *walk, const struct xfs_node *node,
          struct error *err)
{
  const struct xfs *xfs = walk->xfs;
  struct xfs_group *group = &walk->groups[node->group];

  for (uint32_t i = 0; i < walk->count; i++) {
    const unsigned char *record =
      walk->block + walk->header + (size_t) i * XFS_RECORD_SIZE;
    const uint32_t start = be32 (record), len = be32 (record + 4);

    if (!run_valid (walk, node, start, len))
      return xfs_walk_damaged (walk, node->group, err);
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
read_leaves (struct xfs_walk *walk, const struct xfs_nodes *leaves,
             struct xfs_left *left, struct error *err)
{
  const size_t at_once = xfs_walk_at_once (walk);
  int r = 0;

  for (size_t i = 0; i < leaves->len && r == 0; i++) {
    const size_t n = leaves->len - i < at_once ? leaves->len - i : at_once;

    if (i % at_once == 0)
      r = xfs_walk_prefetch (walk, leaves->ptr + i, n, 0, err);
    if (r == 0)
      r = xfs_walk_read (walk, &leaves->ptr[i], left, err);
    if (r == 0)
      r = add_runs (walk, &leaves->ptr[i], err);
  }
  return r;
}

/* The leaves of NODES, which are at level 1, or leaves themselves.  So many
 * nodes at once have less than a million and a half of them.
 */
static int
read_all_leaves (struct xfs_walk *walk, const struct xfs_nodes *nodes,
                 struct error *err)
{
  const size_t at_once = xfs_walk_at_once (walk);
  struct xfs_left left_node = XFS_NO_LEFT, left_leaf = XFS_NO_LEFT;
  int r = 0;

  for (size_t i = 0, n; i < nodes->len && r == 0; i += n) {
    struct xfs_nodes leaves = { .ptr = NULL };

    n = nodes->len - i < at_once ? nodes->len - i : at_once;
    r = expand_some (walk, nodes->ptr + i, n, 1, &left_node, &leaves, err);
    if (r == 0)
      r = read_leaves (walk, &leaves, &left_leaf, err);
    xfs_nodes_reset (&leaves);
  }
  if (r == 0)
    r = xfs_walk_check_last (walk, &left_node, err);
  if (r == 0)
    r = xfs_walk_check_last (walk, &left_leaf, err);
  return r;
}

/*--- Groups. ---*/

static int
add_groups (const struct xfs_walk *walk, uint32_t count, struct xfs_nodes *ret,
            struct error *err)
{
  for (uint32_t i = 0; i < count; i++)
    if (xfs_nodes_append (ret, (struct xfs_node) {
          .group = i, .block = walk->groups[i].root,
          .level = walk->groups[i].levels - 1 }) == -1)
      return error_nomem (err);
  return 0;
}

static uint32_t
highest (const struct xfs_nodes *nodes)
{
  uint32_t ret = 0;

  for (size_t i = 0; i < nodes->len; i++)
    if (nodes->ptr[i].level > ret)
      ret = nodes->ptr[i].level;
  return ret;
}

static int
compare (const struct xfs_walk *walk, uint32_t count, struct error *err)
{
  for (uint32_t i = 0; i < count; i++) {
    const struct xfs_group *group = &walk->groups[i];

    if (group->found_blocks != group->free_blocks ||
        group->found_longest != group->longest)
      return XFS_DOUBT (walk->xfs, err,
                        _("allocation group %u has %u free blocks by its "
                          "header, %u in its btree"),
                        walk->first + i, group->free_blocks,
                        group->found_blocks);
  }
  return 0;
}

int
xfs_read_trees (const struct xfs *xfs, uint32_t first, uint32_t count,
                struct xfs_group *groups, struct error *err)
{
  CLEANUP_BYTES unsigned char *block = alloc_zero (xfs->block_size, err);
  struct xfs_walk walk;
  struct xfs_nodes nodes = { .ptr = NULL };
  int r;

  if (block == NULL)
    return -1;
  xfs_walk_init (&walk, xfs, first, groups, block);
  r = add_groups (&walk, count, &nodes, err);
  for (uint32_t level = highest (&nodes); level > 1 && r == 0; level--)
    r = expand_level (&walk, &nodes, level, err);
  if (r == 0)
    r = read_all_leaves (&walk, &nodes, err);
  if (r == 0)
    r = compare (&walk, count, err);
  xfs_nodes_reset (&nodes);
  return r;
}
