/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which blocks of an ext2, ext3 or ext4 file system are free.  libext2fs
 * knows where everything is, and the checksums.  The block bitmaps are read
 * here: many at once, and without keeping them.  Every block of metadata
 * (ext-metadata.c) must be in use by them, and what they have free must be
 * what the descriptors of the groups and the superblock count.
 */

#include <config.h>

#include <endian.h>
#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/ext-internal.h"
#include "filesystem/usage.h"
#include "io/reader.h"

struct walk {
  const struct ext_io *io;
  struct reader *volume;
  struct usage *usage;
  ext2_filsys fs;
  unsigned ratio_bits;          /* 2^n blocks to a cluster */
  bool has_checksums;           /* the descriptors have */
  struct ranges metadata;       /* of ext_find_metadata */
  size_t next;                  /* the first that ends behind the last group */
  uint8_t *bitmap;              /* a bit is a cluster */
  uint64_t free;                /* clusters */
};

/* A group of blocks. */
struct group {
  dgrp_t number;
  uint64_t first, end;          /* blocks */
  uint32_t clusters;
};

static bool
in_doubt (const struct walk *w)
{
  return w->usage->why_not != NULL;
}

static struct group
group_of (const struct walk *w, dgrp_t number)
{
  struct group group = {
    .number = number,
    .first = ext2fs_group_first_block2 (w->fs, number),
    .end = ext2fs_group_last_block2 (w->fs, number) + 1,
  };

  group.clusters = (uint32_t)
    ((group.end - group.first + (UINT64_C (1) << w->ratio_bits) - 1)
     >> w->ratio_bits);
  return group;
}

/*--- The bitmap of a group. ---*/

/* Has GROUP no bitmap yet?  Then its blocks are free but for the metadata. */
static bool
is_uninit (const struct walk *w, const struct group *group)
{
  return ext2fs_bg_flags_test (w->fs, group->number, EXT2_BG_BLOCK_UNINIT);
}

/* Let each cluster of [BEGIN, END) be in use (MARK), or look whether it is. */
static bool
in_use (uint8_t *bitmap, uint64_t begin, uint64_t end, bool mark)
{
  for (uint64_t i = begin; i < end; i++) {
    const uint8_t bit = (uint8_t) (1 << i % 8);

    if (mark)
      bitmap[i / 8] |= bit;
    else if ((bitmap[i / 8] & bit) == 0)
      return false;
  }
  return true;
}

/* Let the metadata in GROUP be in use (MARK), or look whether all are. */
static bool
metadata_in_use (struct walk *w, const struct group *group, bool mark)
{
  const struct ranges *all = &w->metadata;

  while (w->next < all->len &&
         all->ptr[w->next].offset + all->ptr[w->next].len <= group->first)
    w->next++;
  for (size_t i = w->next; i < all->len && all->ptr[i].offset < group->end;
       i++) {
    const uint64_t from = all->ptr[i].offset;
    const uint64_t to = from + all->ptr[i].len;
    const uint64_t begin = from < group->first ? 0 : from - group->first;
    const uint64_t last = (to < group->end ? to : group->end) -
      group->first - 1;

    if (!in_use (w->bitmap, begin >> w->ratio_bits,
                 (last >> w->ratio_bits) + 1, mark))
      return false;
  }
  return true;
}

static size_t
bitmap_len (const struct walk *w)
{
  return EXT2_CLUSTERS_PER_GROUP (w->fs->super) / 8;
}

static uint64_t
bitmap_offset (const struct walk *w, dgrp_t number)
{
  return ext2fs_block_bitmap_loc (w->fs, number) * w->fs->blocksize;
}

static int
read_bitmap (struct walk *w, const struct group *group, struct error *err)
{
  const size_t len = bitmap_len (w);

  if (is_uninit (w, group)) {
    memset (w->bitmap, 0, len);
    metadata_in_use (w, group, true);
    return 0;
  }
  if (reader_pread (w->volume, w->bitmap, len,
                    bitmap_offset (w, group->number), err) == -1)
    return -1;
  if (!ext2fs_block_bitmap_csum_verify (w->fs, group->number,
                                        (char *) w->bitmap, (int) len))
    return usage_doubt (w->usage, err,
                        _("the checksum of the block bitmap of group %u is "
                          "wrong"), group->number);
  if (!metadata_in_use (w, group, false))
    return usage_doubt (w->usage, err,
                        _("the block bitmap of group %u marks metadata as "
                          "free"),
                        group->number);
  return 0;
}

/* The first cluster from AT on, below N, that is in use or not, as USED says;
 * N when there is none.
 */
static uint32_t
find (const uint8_t *bitmap, uint32_t at, uint32_t n, bool used)
{
  while (at < n) {
    uint64_t word;

    memcpy (&word, bitmap + at / 64 * 8, sizeof word);
    word = le64toh (used ? word : ~word) >> at % 64;
    if (word != 0) {
      at += (uint32_t) __builtin_ctzll (word);
      return at < n ? at : n;
    }
    at += 64 - at % 64;
  }
  return n;
}

/* Tell of the free blocks of GROUP. */
static int
tell_free (struct walk *w, const struct group *group, uint32_t *clusters,
           struct error *err)
{
  const uint32_t n = group->clusters;
  uint32_t begin = find (w->bitmap, 0, n, false), end;

  for (*clusters = 0; begin < n; begin = find (w->bitmap, end, n, false)) {
    uint64_t from, to;

    end = find (w->bitmap, begin, n, true);
    from = group->first + ((uint64_t) begin << w->ratio_bits);
    to = group->first + ((uint64_t) end << w->ratio_bits);
    if (to > group->end)
      to = group->end;          /* of the last cluster there is a part */
    *clusters += end - begin;
    if (usage_free (w->usage, from * w->fs->blocksize,
                    (to - from) * w->fs->blocksize, err) == -1)
      return -1;
  }
  return 0;
}

/*--- All groups. ---*/

static int
check_group (struct walk *w, const struct group *group, struct error *err)
{
  if (!ext2fs_group_desc_csum_verify (w->fs, group->number))
    return usage_doubt (w->usage, err,
                        _("the checksum of group %u is wrong"),
                        group->number);
  if (is_uninit (w, group) && !w->has_checksums)
    return usage_doubt (w->usage, err,
                        _("group %u has no block bitmap"), group->number);
  return 0;
}

static int
read_group (struct walk *w, dgrp_t number, struct error *err)
{
  const struct group group = group_of (w, number);
  const uint32_t stated = ext2fs_bg_free_blocks_count (w->fs, number);
  uint32_t found;

  if (check_group (w, &group, err) == -1)
    return -1;
  if (in_doubt (w))
    return 0;
  if (read_bitmap (w, &group, err) == -1)
    return -1;
  if (in_doubt (w))
    return 0;
  if (tell_free (w, &group, &found, err) == -1)
    return -1;
  if (found != stated)
    return usage_doubt (w->usage, err,
                        _("the block bitmap of group %u has %u free "
                          "blocks, its descriptor %u"),
                        number, found, stated);
  w->free += found;
  return 0;
}

/* Have the bitmaps of the groups from BEGIN to END got at once. */
static int
prefetch (struct walk *w, dgrp_t begin, dgrp_t end, struct error *err)
{
  struct ranges ranges = { .ptr = NULL };
  int r = 0;

  for (dgrp_t g = begin; g < end && r == 0; g++)
    if (!ext2fs_bg_flags_test (w->fs, g, EXT2_BG_BLOCK_UNINIT))
      r = ranges_add (&ranges, (struct range) {
          bitmap_offset (w, g), bitmap_len (w) });
  if (r == -1)
    error_nomem (err);
  else
    r = reader_prefetch (w->volume, &ranges, err);
  ranges_reset (&ranges);
  return r;
}

static int
read_groups (struct walk *w, struct error *err)
{
  const dgrp_t n = w->fs->group_desc_count;
  const dgrp_t batch = (dgrp_t) (READER_PREFETCH_MAX / bitmap_len (w));

  for (dgrp_t g = 0; g < n && !in_doubt (w); g++)
    if ((g % batch == 0 &&
         prefetch (w, g, n - g < batch ? n : g + batch, err) == -1) ||
        read_group (w, g, err) == -1)
      return -1;
  if (!in_doubt (w) &&
      w->free << w->ratio_bits != ext2fs_free_blocks_count (w->fs->super))
    return usage_doubt (w->usage, err,
                        _("%" PRIu64 " blocks are free, not %" PRIu64
                          " as its superblock says"),
                        w->free << w->ratio_bits,
                        (uint64_t) ext2fs_free_blocks_count (w->fs->super));
  return 0;
}

/* Is nobody else using it, as far as multi-mount protection can tell? */
static int
check_mmp (struct walk *w, struct error *err)
{
  CLEANUP_FREE char *block = NULL;
  struct mmp_struct *mmp;

  if (!ext2fs_has_feature_mmp (w->fs->super))
    return 0;
  block = alloc_zero (w->fs->blocksize, err);
  if (block == NULL ||
      reader_pread (w->volume, block, w->fs->blocksize,
                    w->fs->super->s_mmp_block * w->fs->blocksize, err) == -1)
    return -1;
  mmp = (struct mmp_struct *) block;
  if (le32toh (mmp->mmp_magic) != EXT4_MMP_MAGIC ||
      le32toh (mmp->mmp_seq) != EXT4_MMP_SEQ_CLEAN)
    return usage_doubt (w->usage, err,
                        _("its multi-mount protection says that it is in "
                          "use"));
  return 0;
}

static int
walk (struct walk *w, struct error *err)
{
  if (ext_find_metadata (w->fs, &w->metadata, w->usage, err) == -1)
    return -1;
  if (!in_doubt (w) && check_mmp (w, err) == -1)
    return -1;
  if (!in_doubt (w) && ext_check_journal (w->io, w->fs, w->usage, err) == -1)
    return -1;
  if (in_doubt (w))
    return 0;
  w->bitmap = alloc_zero (w->fs->blocksize, err);
  return w->bitmap == NULL ? -1 : read_groups (w, err);
}

/*--- The file system. ---*/

static int
refused (struct usage *usage, errcode_t why, struct error *err)
{
  if (why == EXT2_ET_SB_CSUM_INVALID)
    return usage_doubt (usage, err,
                        _("the checksum of its superblock is wrong"));
  return usage_doubt (usage, err,
                      _("libext2fs cannot open it (error %ld)"), why);
}

static int
read_opened (const struct ext_io *io, ext2_filsys fs, struct usage *usage,
             struct error *err)
{
  struct walk w = {
    .io = io, .volume = io->volume, .usage = usage, .fs = fs,
    .ratio_bits = (unsigned) fs->cluster_ratio_bits,
    .has_checksums = ext2fs_has_group_desc_csum (fs),
  };
  const int r = walk (&w, err);

  free (w.bitmap);
  ranges_reset (&w.metadata);
  return r;
}

static int
read_ext (struct reader *volume,
          const char *type __attribute__ ((unused)), struct usage *usage,
          struct error *err)
{
  unsigned char bytes[SUPERBLOCK_SIZE];
  struct ext2_super_block super;
  struct ext_io io;
  ext2_filsys fs;
  errcode_t why;
  int r;

  if (volume->size < SUPERBLOCK_OFFSET + SUPERBLOCK_SIZE)
    return usage_doubt (usage, err, _("it is too small"));
  if (reader_pread (volume, bytes, sizeof bytes, SUPERBLOCK_OFFSET,
                    err) == -1)
    return -1;
  memcpy (&super, bytes, sizeof super);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  ext2fs_swap_super (&super);
#endif
  if (ext_check_super (&super, volume->size, usage, err) == -1)
    return -1;
  if (usage->why_not != NULL)
    return 0;
  fs = ext_open (&io, volume, bytes, &why, err);
  if (fs != NULL)
    r = read_opened (&io, fs, usage, err);
  else
    r = why == 0 ? -1 : refused (usage, why, err);
  ext_close (&io, fs);
  return r;
}

const struct filesystem_ops filesystem_ext = {
  .types = (const char *const []) { "ext2", "ext3", "ext4", "ext4dev", NULL },
  .read = read_ext,
};
