/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Is there nothing to replay in the journal of an ext3 or ext4 file system?
 * The superblock says so (needs_recovery), but that flag can be taken away,
 * and e2fsck then still asks the journal.  What is in it may be in use by
 * blocks that the bitmaps have free.
 */

#include <config.h>

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/ext-internal.h"
#include "filesystem/usage.h"
#include "io/reader.h"

/* A node of a tree of extents: a header, and entries of the same size. */
#define EXTENT_MAGIC 0xf30a
#define NODE_ENTRIES 2          /* how many there are: 2 bytes */
#define NODE_DEPTH 6            /* of the nodes below: 2 bytes */
#define NODE_FIRST 12           /* the first entry */
#define NODE_MIN 24
#define DEPTH_MAX 5
/* Of an entry, both begin with the block of the file. */
#define INDEX_LEAF 4            /* 4 bytes, and 2 that are higher */
#define EXTENT_LEN 4            /* 2 bytes */
#define EXTENT_START_HI 6
#define EXTENT_START 8
#define EXTENT_LEN_MAX 32768    /* longer ones are unwritten */

/* The superblock of a journal, which is big endian. */
#define JOURNAL_MAGIC UINT32_C (0xc03b3998)
#define JOURNAL_TYPE 4
#define JOURNAL_SUPER_V1 3
#define JOURNAL_SUPER_V2 4
#define JOURNAL_START 28        /* the first block to replay; 0: none */
#define JOURNAL_SUPER_LEN 1024

static int
no_journal (struct usage *usage, struct error *err)
{
  return usage_doubt (usage, err, _("its journal cannot be found"));
}

/* Where the first block of a file is, by a leaf of its tree; 0: nowhere. */
static uint64_t
first_of_leaf (const unsigned char *entry)
{
  const uint16_t len = le16 (entry + EXTENT_LEN);

  return len == 0 || len > EXTENT_LEN_MAX ? 0
    : (uint64_t) le16 (entry + EXTENT_START_HI) << 32 |
    le32 (entry + EXTENT_START);
}

static bool
node_is_sane (const unsigned char *node, unsigned depth)
{
  return le16 (node) == EXTENT_MAGIC && le16 (node + NODE_ENTRIES) > 0 &&
    le16 (node + NODE_DEPTH) == depth && le32 (node + NODE_FIRST) == 0;
}

/* Where the first block of a file with extents is.  The first entry of each
 * node leads there.  0: nowhere, or -1.
 */
static int
first_by_extents (const struct ext_io *io, ext2_filsys fs,
                  const struct ext2_inode *inode, uint64_t *block,
                  struct error *err)
{
  unsigned char node[NODE_MIN];
  unsigned depth;

  memcpy (node, inode->i_block, sizeof node);
  *block = 0;
  depth = le16 (node + NODE_DEPTH);
  if (depth > DEPTH_MAX || !node_is_sane (node, depth))
    return 0;
  for (; depth > 0; depth--) {
    const unsigned char *entry = node + NODE_FIRST;
    const uint64_t leaf = (uint64_t) le16 (entry + INDEX_LEAF + 4) << 32 |
      le32 (entry + INDEX_LEAF);

    if (leaf == 0 || leaf >= ext2fs_blocks_count (fs->super))
      return 0;
    if (reader_pread (io->volume, node, sizeof node, leaf * fs->blocksize,
                      err) == -1)
      return -1;
    if (!node_is_sane (node, depth - 1))
      return 0;
  }
  *block = first_of_leaf (node + NODE_FIRST);
  return 0;
}

static int
first_block (const struct ext_io *io, ext2_filsys fs, uint64_t *block,
             struct error *err)
{
  struct ext2_inode inode;
  const errcode_t r = ext2fs_read_inode (fs, fs->super->s_journal_inum,
                                         &inode);

  if (error_is_set (err))
    return -1;
  *block = 0;
  if (r != 0 || inode.i_links_count == 0)
    return 0;
  if (inode.i_flags & EXT4_EXTENTS_FL)
    return first_by_extents (io, fs, &inode, block, err);
  *block = inode.i_block[0];
  return 0;
}

int
ext_check_journal (const struct ext_io *io, ext2_filsys fs,
                   struct usage *usage, struct error *err)
{
  unsigned char super[JOURNAL_SUPER_LEN];
  uint64_t block;
  uint32_t type;

  if (!ext2fs_has_feature_journal (fs->super))
    return 0;
  if (fs->super->s_journal_inum == 0)
    return usage_doubt (usage, err, _("its journal is on another device"));
  if (first_block (io, fs, &block, err) == -1)
    return -1;
  if (block == 0 || block >= ext2fs_blocks_count (fs->super))
    return no_journal (usage, err);
  if (reader_pread (io->volume, super, sizeof super, block * fs->blocksize,
                    err) == -1)
    return -1;
  type = be32 (super + JOURNAL_TYPE);
  if (be32 (super) != JOURNAL_MAGIC ||
      (type != JOURNAL_SUPER_V1 && type != JOURNAL_SUPER_V2))
    return no_journal (usage, err);
  if (be32 (super + JOURNAL_START) == 0)
    return 0;
  usage->state = GUEST_IN_USE;
  return usage_doubt (usage, err, _("its journal needs recovery"));
}
