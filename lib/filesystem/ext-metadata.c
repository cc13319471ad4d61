/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which blocks of an ext2, ext3 or ext4 file system are in use whatever its
 * block bitmaps say.
 */

#include <config.h>

#include <inttypes.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/ext-internal.h"
#include "filesystem/usage.h"

struct search {
  ext2_filsys fs;
  uint64_t blocks;              /* of it */
  struct usage *usage;
  struct ranges *found;         /* blocks */
};

/* N blocks from BLOCK on hold metadata. */
static int
add_metadata (struct search *s, uint64_t block, uint64_t n, struct error *err)
{
  if (block < s->fs->super->s_first_data_block || block > s->blocks ||
      n > s->blocks - block)
    return usage_doubt (s->usage, err,
                        _("its metadata is outside of it (block %" PRIu64
                          ")"), block);
  return ranges_add (s->found, (struct range) { block, n }) == -1
    ? error_nomem (err) : 0;
}

/* The superblock of a group or its copy, and the group descriptors behind it
 * with the blocks that are reserved for more of them.
 */
static int
add_super (struct search *s, dgrp_t number, struct error *err)
{
  struct ext2_super_block *super = s->fs->super;
  blk64_t super_at, old_at, new_at;
  uint64_t n;

  ext2fs_super_and_bgd_loc2 (s->fs, number, &super_at, &old_at, &new_at,
                             NULL);
  n = ext2fs_has_feature_meta_bg (s->fs->super) ? super->s_first_meta_bg
    : (uint64_t) s->fs->desc_blocks + super->s_reserved_gdt_blocks;
  if ((super_at != 0 || number == 0) &&
      add_metadata (s, super_at, 1, err) == -1)
    return -1;
  if (old_at != 0 && add_metadata (s, old_at, n, err) == -1)
    return -1;
  return new_at != 0 ? add_metadata (s, new_at, 1, err) : 0;
}

static int
add_bitmap (struct search *s, dgrp_t number, struct error *err)
{
  return add_metadata (s, ext2fs_block_bitmap_loc (s->fs, number), 1, err);
}

static int
add_inode_bitmap (struct search *s, dgrp_t number, struct error *err)
{
  return add_metadata (s, ext2fs_inode_bitmap_loc (s->fs, number), 1, err);
}

static int
add_inode_table (struct search *s, dgrp_t number, struct error *err)
{
  return add_metadata (s, ext2fs_inode_table_loc (s->fs, number),
                       s->fs->inode_blocks_per_group, err);
}

/* With flex_bg the metadata of neighbours are adjacent, each kind with its
 * like.
 */
static int
add_all (struct search *s, struct error *err)
{
  static int (*const add[]) (struct search *, dgrp_t, struct error *) = {
    add_super, add_bitmap, add_inode_bitmap, add_inode_table,
  };
  const dgrp_t n = s->fs->group_desc_count;

  for (size_t i = 0; i < ARRAY_LEN (add); i++)
    for (dgrp_t g = 0; g < n && s->usage->why_not == NULL; g++)
      if (add[i] (s, g, err) == -1)
        return -1;
  return 0;
}

static int
check_overlaps (const struct ranges *found, struct usage *usage,
                struct error *err)
{
  for (size_t i = 1; i < found->len; i++) {
    const struct range *before = &found->ptr[i - 1];

    if (before->offset + before->len > found->ptr[i].offset)
      return usage_doubt (usage, err,
                          _("its metadata overlaps at block %" PRIu64),
                          found->ptr[i].offset);
  }
  return 0;
}

int
ext_find_metadata (ext2_filsys fs, struct ranges *ret, struct usage *usage,
                   struct error *err)
{
  struct search s = {
    .fs = fs, .blocks = ext2fs_blocks_count (fs->super), .usage = usage,
    .found = ret,
  };

  /* With bigalloc the boot block is in the first group. */
  if (fs->super->s_first_data_block == 0 && fs->blocksize == 1024 &&
      add_metadata (&s, 0, 1, err) == -1)
    return -1;
  if (ext2fs_has_feature_mmp (fs->super) &&
      add_metadata (&s, fs->super->s_mmp_block, 1, err) == -1)
    return -1;
  if (add_all (&s, err) == -1)
    return -1;
  ranges_sort (ret);
  return check_overlaps (ret, usage, err);
}
