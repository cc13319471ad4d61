/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Does the superblock of an ext2, ext3 or ext4 file system allow to rely on
 * what the block bitmaps say?  libext2fs opens file systems to repair them,
 * too, and so it asks for less.  The numbers are those of the kernel (fs/ext4
 * of Linux 6.12: ext4.h, super.c).
 */

#include <config.h>

#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/ext-internal.h"
#include "filesystem/usage.h"

/* Features are named here because older headers of libext2fs lack some. */
#define COMPAT_KNOWN                            \
  (0x0001 /* dir_prealloc */                    \
   | 0x0002 /* imagic_inodes */                 \
   | 0x0004 /* has_journal */                   \
   | 0x0008 /* ext_attr */                      \
   | 0x0010 /* resize_inode: it has its blocks, and the bitmaps have them */ \
   | 0x0020 /* dir_index */                     \
   | 0x0200 /* sparse_super2 */                 \
   | 0x0400 /* fast_commit: blocks of the journal */ \
   | 0x0800 /* stable_inodes */                 \
   | 0x1000 /* orphan_file: an inode like others */)

#define INCOMPAT_RECOVER 0x0004
#define INCOMPAT_JOURNAL_DEV 0x0008
#define INCOMPAT_KNOWN                          \
  (0x0002 /* filetype */                        \
   | INCOMPAT_RECOVER                           \
   | INCOMPAT_JOURNAL_DEV                       \
   | 0x0010 /* meta_bg */                       \
   | 0x0040 /* extents */                       \
   | 0x0080 /* 64bit */                         \
   | 0x0100 /* mmp */                           \
   | 0x0200 /* flex_bg */                       \
   | 0x0400 /* ea_inode: an inode like others */ \
   | 0x2000 /* csum_seed */                     \
   | 0x4000 /* large_dir */                     \
   | 0x8000 /* inline_data: files without blocks */ \
   | 0x10000 /* encrypt */                      \
   | 0x20000 /* casefold */)

/* Not has_snapshot, replica and shared_blocks, which the kernel never had. */
#define RO_COMPAT_KNOWN                         \
  (0x0001 /* sparse_super */                    \
   | 0x0002 /* large_file */                    \
   | 0x0004 /* btree_dir: never used */         \
   | 0x0008 /* huge_file */                     \
   | 0x0010 /* gdt_csum, also called uninit_bg */         \
   | 0x0020 /* dir_nlink */                     \
   | 0x0040 /* extra_isize */                   \
   | 0x0100 /* quota: inodes like others */     \
   | 0x0200 /* bigalloc */                      \
   | 0x0400 /* metadata_csum */                 \
   | 0x1000 /* read-only */                     \
   | 0x2000 /* project */                       \
   | 0x8000 /* verity */                        \
   | 0x10000 /* orphan_present */)

/* mke2fs makes no smaller groups, and with them the number of bitmaps is
 * bounded by the size of the volume.
 */
#define BLOCKS_PER_GROUP_MIN 256
/* All group descriptors are in memory at once, and of a hostile volume up to
 * 64 bytes for each group that ext_find_metadata finds.  128 TiB of 4 KiB
 * blocks have so many.
 */
#define GROUPS_MAX (UINT64_C (1) << 20)
#define DESCRIPTORS_MAX (UINT64_C (64) << 20)

/*--- What was done with it. ---*/

static bool
is_mounted (const struct ext2_super_block *super)
{
  return (super->s_feature_incompat & INCOMPAT_RECOVER) != 0 ||
    (super->s_state & EXT2_VALID_FS) == 0;
}

/* Files that were deleted while they were open (s_last_orphan, orphan_present)
 * are no doubt: the bitmaps have their blocks in use until the next mount
 * frees them.  A file system that was frozen for a snapshot has such files
 * often.
 */
static const char *
not_clean (struct ext2_super_block *super)
{
  if (super->s_feature_incompat & INCOMPAT_RECOVER)
    return _("it was not cleanly unmounted");
  if (super->s_state & EXT2_ERROR_FS || super->s_error_count != 0)
    return _("errors are recorded in it: it needs e2fsck");
  if (super->s_state != EXT2_VALID_FS)
    return _("it was not cleanly unmounted");
  return NULL;
}

static int
check_features (struct ext2_super_block *super, struct usage *usage,
                struct error *err)
{
  const uint32_t compat = super->s_feature_compat;
  const uint32_t incompat = super->s_feature_incompat;
  const uint32_t ro_compat = super->s_feature_ro_compat;

  if (super->s_rev_level > EXT2_DYNAMIC_REV)
    return usage_doubt (usage, err, _("its revision %u is not known"),
                        super->s_rev_level);
  if (compat & ~COMPAT_KNOWN || incompat & ~INCOMPAT_KNOWN ||
      ro_compat & ~RO_COMPAT_KNOWN)
    return usage_doubt (usage, err,
                        _("it has unknown features (compat %#x, incompat "
                          "%#x, ro_compat %#x)"), compat & ~COMPAT_KNOWN,
                        incompat & ~INCOMPAT_KNOWN,
                        ro_compat & ~RO_COMPAT_KNOWN);
  if (incompat & INCOMPAT_JOURNAL_DEV)
    return usage_doubt (usage, err,
                        _("it is the journal of another file system"));
  if (super->s_rev_level == EXT2_GOOD_OLD_REV &&
      (compat | incompat | ro_compat) != 0)
    return usage_doubt (usage, err,
                        _("it has features that its revision cannot have"));
  return 0;
}

/*--- How it is laid out. ---*/

static bool
has_feature (uint32_t features, uint32_t feature)
{
  return (features & feature) != 0;
}

static bool
is_power_of_2 (uint32_t n)
{
  return n != 0 && (n & (n - 1)) == 0;
}

/* Shifts to come are safe. */
static bool
sizes_are_sane (struct ext2_super_block *super)
{
  const uint32_t block = super->s_log_block_size;
  const uint32_t cluster = super->s_log_cluster_size;

  return block <= EXT2_MAX_BLOCK_LOG_SIZE - EXT2_MIN_BLOCK_LOG_SIZE &&
    cluster <= EXT2_MAX_CLUSTER_LOG_SIZE - EXT2_MIN_CLUSTER_LOG_SIZE &&
    cluster >= block && super->s_log_groups_per_flex <= 31 &&
    (cluster == block || has_feature (super->s_feature_ro_compat,
                                      EXT4_FEATURE_RO_COMPAT_BIGALLOC));
}

static bool
groups_are_sane (struct ext2_super_block *super)
{
  const uint32_t block = UINT32_C (1024) << super->s_log_block_size;
  const uint32_t bits = super->s_log_cluster_size - super->s_log_block_size;
  const uint32_t clusters = super->s_clusters_per_group;
  const uint32_t blocks = super->s_blocks_per_group;

  return super->s_first_data_block == (block == 1024 && bits == 0) &&
    super->s_first_data_block <
    ext2fs_blocks_count (super) &&
    clusters % 8 == 0 && clusters <= 8 * block &&
    blocks >= BLOCKS_PER_GROUP_MIN && blocks == (uint64_t) clusters << bits &&
    super->s_reserved_gdt_blocks <= block / 4;
}

static bool
inodes_are_sane (struct ext2_super_block *super, uint64_t groups)
{
  const uint32_t block = UINT32_C (1024) << super->s_log_block_size;
  const uint32_t size = EXT2_INODE_SIZE (super);
  const uint64_t inodes = super->s_inodes_per_group;

  return is_power_of_2 (size) && size >= EXT2_GOOD_OLD_INODE_SIZE &&
    size <= block && inodes > 0 && inodes <= 8 * (uint64_t) block &&
    /* The library adds a block less one to the product, in 32 bits. */
    inodes * size <= UINT32_MAX - block &&
    groups * inodes == super->s_inodes_count;
}

static bool
descriptors_are_sane (struct ext2_super_block *super)
{
  const uint32_t size = super->s_desc_size;

  return !has_feature (super->s_feature_incompat,
                       EXT4_FEATURE_INCOMPAT_64BIT) ||
    (is_power_of_2 (size) && size >= EXT2_MIN_DESC_SIZE_64BIT &&
     size <= EXT2_MIN_BLOCK_SIZE);
}

static int
check_layout (struct ext2_super_block *super, uint64_t size,
              struct usage *usage, struct error *err)
{
  const char *bad = _("its superblock contradicts itself");
  uint64_t blocks, groups, descriptors;

  if (!sizes_are_sane (super) || !groups_are_sane (super) ||
      !descriptors_are_sane (super))
    return usage_doubt (usage, err, "%s", bad);
  blocks = ext2fs_blocks_count (super);
  if (blocks > size >> (EXT2_MIN_BLOCK_LOG_SIZE + super->s_log_block_size))
    return usage_doubt (usage, err, _("it is larger than its partition or "
                                      "volume"));
  groups = (blocks - super->s_first_data_block +
            super->s_blocks_per_group - 1) / super->s_blocks_per_group;
  if (groups > GROUPS_MAX ||
      groups > DESCRIPTORS_MAX / EXT2_DESC_SIZE (super))
    return usage_doubt (usage, err, _("it has too many block groups"));
  descriptors = (groups + EXT2_DESC_PER_BLOCK (super) - 1) /
    EXT2_DESC_PER_BLOCK (super);
  if (!inodes_are_sane (super, groups) ||
      (has_feature (super->s_feature_incompat,
                    EXT2_FEATURE_INCOMPAT_META_BG) &&
       super->s_first_meta_bg > descriptors))
    return usage_doubt (usage, err, "%s", bad);
  return 0;
}

int
ext_check_super (struct ext2_super_block *super, uint64_t size,
                 struct usage *usage, struct error *err)
{
  const char *why_not;

  if (super->s_magic != EXT2_SUPER_MAGIC)
    return usage_doubt (usage, err, _("its superblock cannot be found"));
  if (is_mounted (super))
    usage->state = GUEST_IN_USE;
  if (check_features (super, usage, err) == -1)
    return -1;
  why_not = not_clean (super);
  if (why_not != NULL && usage_doubt (usage, err, "%s", why_not) == -1)
    return -1;
  return usage->why_not != NULL ? 0 : check_layout (super, size, usage, err);
}
