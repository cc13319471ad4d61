/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The superblock of XFS, version 4 and 5: the geometry of the file system, and
 * whether it has only features that do not change what its btrees of free
 * space mean.  Offsets and limits are those of Linux 6.18 and xfsprogs 6.1;
 * whatever came later, is not known here, and so a doubt.  All numbers are
 * big-endian, except checksums.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/xfs-internal.h"

#define MAGIC UINT32_C (0x58465342) /* XFSB */
#define SECTOR_MAX 32768
/* It is not known before the superblock is read. */
#define SECTOR_USUAL 4096
#define BLOCK_MAX 65536

/* Limits that the kernel checks, too. */
#define GROUP_MIN_BYTES (UINT64_C (16) << 20)
#define GROUP_MAX_BYTES (UINT64_C (1) << 40)
#define GROUP_MIN_BLOCKS 64
#define LOG_MIN_BLOCKS 512
#define LOG_MAX_BLOCKS (UINT32_C (1) << 20)
#define LOG_MAX_BYTES (UINT64_C (1) << 31)

/* Bits of the version; those of features that have been in all kernels since
 * 2.6 are not looked at.
 */
#define VERSION_MASK 0x000f
#define VERSION_SHARED 0x0200
#define VERSION_LOG2 0x0400
#define VERSION_MORE 0x8000

/* "features2": lazy counters, attr2, project IDs of 32 bits, file types in
 * directories; and the bit that each version 5 has.
 */
#define FEATURES2_LAZY UINT32_C (0x00000002)
#define FEATURES2_KNOWN UINT32_C (0x0000028a)
#define FEATURES2_CRC UINT32_C (0x00000100)

/* Version 5.  Older kernels may write to it all the same: none so far. */
#define COMPAT_KNOWN UINT32_C (0)
/* finobt, rmapbt, reflink, inobtcount.  Blocks that the kernel keeps in
 * reserve for their btrees are still in that of the free space.
 */
#define RO_COMPAT_RMAP UINT32_C (0x00000002)
#define RO_COMPAT_REFLINK UINT32_C (0x00000004)
#define RO_COMPAT_KNOWN UINT32_C (0x0000000f)
/* ftype, sparse inodes, meta_uuid, bigtime, needsrepair, nrext64, exchange,
 * parent.  Not known: metadir, zoned, zone gaps, all three for file systems
 * with a realtime device.
 */
#define INCOMPAT_META_UUID UINT32_C (0x00000004)
#define INCOMPAT_NEEDS_REPAIR UINT32_C (0x00000010)
#define INCOMPAT_KNOWN UINT32_C (0x000000ff)

/* Where the members of the superblock are. */
enum {
  SB_BLOCK_SIZE = 4,
  SB_BLOCKS = 8,
  SB_RT_BLOCKS = 16,
  SB_RT_EXTENTS = 24,
  SB_UUID = 32,
  SB_LOG_START = 48,
  SB_GROUP_BLOCKS = 84,
  SB_GROUP_COUNT = 88,
  SB_LOG_BLOCKS = 96,
  SB_VERSION = 100,
  SB_SECTOR_SIZE = 102,
  SB_BLOCK_LOG = 120,
  SB_SECTOR_LOG = 121,
  SB_GROUP_LOG = 124,
  SB_IN_PROGRESS = 126,
  SB_FREE_BLOCKS = 144,
  SB_FEATURES2 = 200,
  SB_BAD_FEATURES2 = 204,
  SB_COMPAT = 208,
  SB_RO_COMPAT = 212,
  SB_INCOMPAT = 216,
  SB_LOG_INCOMPAT = 220,
  SB_CRC = 224,
  SB_META_UUID = 248,
};

static bool
is_power (uint32_t n, unsigned log)
{
  return log < 32 && n == UINT32_C (1) << log;
}

static int
damaged (const struct xfs *xfs, struct error *err)
{
  return XFS_DOUBT (xfs, err, _("its superblock is damaged"));
}

static int
check_sizes (struct xfs *xfs, const unsigned char *sb, struct error *err)
{
  xfs->block_size = be32 (sb + SB_BLOCK_SIZE);
  xfs->sector_size = be16 (sb + SB_SECTOR_SIZE);
  if (be32 (sb) != MAGIC ||
      !is_power (xfs->block_size, sb[SB_BLOCK_LOG]) ||
      !is_power (xfs->sector_size, sb[SB_SECTOR_LOG]) ||
      xfs->block_size < XFS_BB_SIZE || xfs->block_size > BLOCK_MAX ||
      xfs->sector_size < XFS_BB_SIZE || xfs->sector_size > SECTOR_MAX ||
      xfs->sector_size > xfs->block_size ||
      xfs->sector_size > xfs->volume->size)
    return damaged (xfs, err);
  return 0;
}

static int
unknown_feature (const struct xfs *xfs, const char *kind, uint32_t bits,
                 struct error *err)
{
  return XFS_DOUBT (xfs, err,
                    _("it has unknown features (%s 0x%x)"),
                    kind, bits);
}

static int
check_features_5 (struct xfs *xfs, const unsigned char *sb, struct error *err)
{
  const uint32_t ro_compat = be32 (sb + SB_RO_COMPAT);
  const uint32_t incompat = be32 (sb + SB_INCOMPAT);
  const struct { const char *name; uint32_t bits; } unknown[] = {
    { "compat", be32 (sb + SB_COMPAT) & ~COMPAT_KNOWN },
    { "ro_compat", ro_compat & ~RO_COMPAT_KNOWN },
    { "incompat", incompat & ~INCOMPAT_KNOWN },
  };

  xfs->rmap = ro_compat & RO_COMPAT_RMAP;
  xfs->refcount = ro_compat & RO_COMPAT_REFLINK;
  for (size_t i = 0; i < ARRAY_LEN (unknown); i++)
    if (unknown[i].bits != 0)
      return unknown_feature (xfs, unknown[i].name, unknown[i].bits, err);
  if (incompat & INCOMPAT_NEEDS_REPAIR)
    return XFS_DOUBT (xfs, err, _("it needs xfs_repair"));
  /* Unmounting takes these away. */
  if (be32 (sb + SB_LOG_INCOMPAT) != 0) {
    xfs->usage->state = GUEST_IN_USE;
    return XFS_DOUBT (xfs, err,
                      _("it was not cleanly unmounted: its log is dirty"));
  }
  return 0;
}

static int
check_features (struct xfs *xfs, const unsigned char *sb, struct error *err)
{
  const unsigned version = be16 (sb + SB_VERSION);
  /* Kernels before 2.6.25 had it in one or the other of these places. */
  const uint32_t features2 = be32 (sb + SB_FEATURES2) |
    be32 (sb + SB_BAD_FEATURES2);
  const uint32_t known = FEATURES2_KNOWN | (xfs->crc ? FEATURES2_CRC : 0);

  xfs->log2 = xfs->crc || (version & VERSION_LOG2);
  xfs->lazy = xfs->crc ||
    ((version & VERSION_MORE) && (features2 & FEATURES2_LAZY));
  if (version & VERSION_SHARED)
    return unknown_feature (xfs, "version", VERSION_SHARED, err);
  if ((version & VERSION_MORE) && (features2 & ~known))
    return unknown_feature (xfs, "features2", features2 & ~known, err);
  return xfs->crc ? check_features_5 (xfs, sb, err) : 0;
}

static int
check_devices (const struct xfs *xfs, const unsigned char *sb,
               struct error *err)
{
  if (sb[SB_IN_PROGRESS] != 0)
    return XFS_DOUBT (xfs, err, _("mkfs.xfs was interrupted"));
  if (be64 (sb + SB_RT_BLOCKS) != 0 || be64 (sb + SB_RT_EXTENTS) != 0)
    return XFS_DOUBT (xfs, err, _("it has a realtime device"));
  if (be64 (sb + SB_LOG_START) == 0)
    return XFS_DOUBT (xfs, err, _("its log is on another device"));
  return 0;
}

static int
check_groups (struct xfs *xfs, const unsigned char *sb, struct error *err)
{
  const unsigned log = sb[SB_GROUP_LOG];
  uint64_t bytes, last;

  xfs->blocks = be64 (sb + SB_BLOCKS);
  xfs->group_count = be32 (sb + SB_GROUP_COUNT);
  xfs->group_blocks = be32 (sb + SB_GROUP_BLOCKS);
  bytes = (uint64_t) xfs->group_blocks * xfs->block_size;
  if (bytes < GROUP_MIN_BYTES || bytes > GROUP_MAX_BYTES ||
      xfs->group_blocks < GROUP_MIN_BLOCKS ||
      log > 31 || xfs->group_blocks > UINT64_C (1) << log ||
      xfs->group_blocks <= (UINT64_C (1) << log) / 2 ||
      xfs->group_count == 0)
    return damaged (xfs, err);
  /* The last group may be shorter; neither product overflows. */
  last = (uint64_t) (xfs->group_count - 1) * xfs->group_blocks;
  if (xfs->blocks < last + GROUP_MIN_BLOCKS ||
      xfs->blocks > last + xfs->group_blocks)
    return damaged (xfs, err);
  if (xfs->blocks > xfs->volume->size / xfs->block_size)
    return XFS_DOUBT (xfs, err, _("it is larger than its partition or "
                                  "volume"));
  return 0;
}

static int
check_log_place (struct xfs *xfs, const unsigned char *sb, struct error *err)
{
  const unsigned log = sb[SB_GROUP_LOG];
  const uint64_t start = be64 (sb + SB_LOG_START);
  const uint64_t block = start & ((UINT64_C (1) << log) - 1);

  xfs->log_blocks = be32 (sb + SB_LOG_BLOCKS);
  if (start >> log >= xfs->group_count ||
      xfs->log_blocks < LOG_MIN_BLOCKS || xfs->log_blocks > LOG_MAX_BLOCKS ||
      (uint64_t) xfs->log_blocks * xfs->block_size > LOG_MAX_BYTES)
    return damaged (xfs, err);
  xfs->log_group = (uint32_t) (start >> log);
  if (block + xfs->log_blocks > xfs_group_length (xfs, xfs->log_group))
    return damaged (xfs, err);
  xfs->log_block = (uint32_t) block;
  return 0;
}

static void
read_uuids (struct xfs *xfs, const unsigned char *sb)
{
  const bool apart = xfs->crc &&
    (be32 (sb + SB_INCOMPAT) & INCOMPAT_META_UUID);

  memcpy (xfs->uuid, sb + SB_UUID, XFS_UUID_SIZE);
  memcpy (xfs->meta_uuid, sb + (apart ? SB_META_UUID : SB_UUID),
          XFS_UUID_SIZE);
}

static int
check_super (struct xfs *xfs, const unsigned char *sb, struct error *err)
{
  int r = check_features (xfs, sb, err);

  if (r == 0)
    r = check_devices (xfs, sb, err);
  if (r == 0)
    r = check_groups (xfs, sb, err);
  if (r == 0)
    r = check_log_place (xfs, sb, err);
  xfs->free_blocks = be64 (sb + SB_FREE_BLOCKS);
  read_uuids (xfs, sb);
  return r;
}

int
xfs_read_super (struct xfs *xfs, struct error *err)
{
  CLEANUP_BYTES unsigned char *sb = alloc_zero (SECTOR_MAX, err);
  const uint64_t size = xfs->volume->size;
  const uint32_t usual = size < SECTOR_USUAL ? (uint32_t) size : SECTOR_USUAL;
  unsigned version;
  int r;

  if (sb == NULL ||
      reader_pread (xfs->volume, sb, usual, 0, err) == -1)
    return -1;
  r = check_sizes (xfs, sb, err);
  if (r != 0)
    return r;
  version = be16 (sb + SB_VERSION) & VERSION_MASK;
  if (version != 4 && version != 5)
    return XFS_DOUBT (xfs, err, _("its XFS version %u is not known"), version);
  xfs->crc = version == 5;
  if (xfs->sector_size > usual &&
      reader_pread (xfs->volume, sb, xfs->sector_size, 0, err) == -1)
    return -1;
  if (!xfs_crc_valid (xfs, sb, xfs->sector_size, SB_CRC))
    return damaged (xfs, err);
  return check_super (xfs, sb, err);
}
