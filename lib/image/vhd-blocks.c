/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The blocks of a dynamic VHD.  A table says where in the file each begins,
 * and it begins with a bitmap of its sectors: a bit of 0 means that the sector
 * was never written.  VirtualBox and libvhdi read zeroes there, while qemu
 * (7.2 and 11.1) looks at no bitmap and reads what lies in the file.  That is
 * zeroes too unless the file was made where something else had been
 * (XenServer's images on LVs), so that bitmaps with such bits, and what they
 * leave out, are looked at.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "image/image-format.h"
#include "image/vhd.h"
#include "io/reader.h"

#define SECTOR 512
#define ENTRY_LEN 4             /* of the table */
#define UNALLOCATED UINT32_MAX
/* 2040 GiB, of which there can be no more, in blocks of 512 KiB; Microsoft
 * uses blocks of 512 KiB and of 2 MiB.
 */
#define TABLE_MAX (16 << 20)
#define PIECE_MAX (1 << 20)

/* How much is looked at: bitmaps, spread over the image, and pieces of data
 * that they leave out.  Locally that is less than reading what is allocated: a
 * bitmap stands for 2 MiB, 16384 of them for 32 GiB.  Elsewhere each of them
 * costs a round trip.
 */
static const struct limits {
  unsigned bitmaps, pieces;
} local = { 16384, 1024 }, remote = { 8, 8 };

struct looking {
  struct reader *reader;
  const struct vhd_blocks *blocks;
  const unsigned char *table;
  uint64_t size;                /* of the disk */
  uint32_t bitmap_len;
  unsigned char *bitmap, *piece;
  unsigned pieces_left;
  bool zero_bits;               /* were seen */
  bool stale;                   /* and what they leave out is not zero */
};

static uint32_t
sector_of (const unsigned char *table, uint32_t i)
{
  return be32 (table + (size_t) i * ENTRY_LEN);
}

static int
read_table (struct reader *reader, const struct vhd_blocks *blocks,
            unsigned char **ret, struct error *err)
{
  const uint64_t len = (uint64_t) blocks->entries * ENTRY_LEN;
  CLEANUP_BYTES unsigned char *table = NULL;

  if (len > TABLE_MAX)
    return error_set (err, REASON_UNTRUSTED_IMAGE,
                      _("its block table (%" PRIu32 " blocks) is too large"),
                      blocks->entries);
  table = alloc_zero (len + 1, err);
  if (table == NULL)
    return -1;
  for (uint64_t at = 0; at < len; at += PIECE_MAX)
    if (image_pread (reader, table + at, len - at < PIECE_MAX
                     ? (size_t) (len - at) : PIECE_MAX, blocks->table + at,
                     err) == -1)
      return -1;
  *ret = STEAL (table);
  return 0;
}

static uint32_t
bitmap_len (const struct vhd_blocks *blocks)
{
  const uint32_t bits = blocks->block_size / SECTOR;

  return ((bits + 7) / 8 + SECTOR - 1) / SECTOR * SECTOR;
}

/* As qemu, which refuses an image of which a block is not there in full. */
static uint64_t
end_of_blocks (const struct vhd_blocks *blocks, const unsigned char *table,
               uint32_t *allocated)
{
  uint64_t ret = blocks->table + (uint64_t) blocks->entries * ENTRY_LEN;

  for (uint32_t i = 0; i < blocks->entries; i++) {
    const uint32_t sector = sector_of (table, i);
    const uint64_t end = (uint64_t) sector * SECTOR + bitmap_len (blocks) +
      blocks->block_size;

    if (sector == UNALLOCATED)
      continue;
    ++*allocated;
    if (end > ret)
      ret = end;
  }
  return ret;
}

static bool
is_zero (const unsigned char *p, size_t len)
{
  return len == 0 || (p[0] == 0 && memcmp (p, p + 1, len - 1) == 0);
}

static bool
is_written (const struct looking *looking, uint32_t sector)
{
  return (looking->bitmap[sector / 8] & (0x80 >> sector % 8)) != 0;
}

static bool
all_written (const struct looking *looking, uint32_t first, uint32_t n)
{
  for (uint32_t i = first; i < first + n; i++)
    if (!is_written (looking, i))
      return false;
  return true;
}

/* What lies where some of N sectors were never written? */
static int
look_at_data (struct looking *looking, uint64_t offset, uint32_t first,
              uint32_t n, struct error *err)
{
  looking->zero_bits = true;
  if (looking->pieces_left == 0)
    return 0;
  looking->pieces_left--;
  if (image_pread (looking->reader, looking->piece, n * SECTOR, offset,
                   err) == -1)
    return -1;
  for (uint32_t i = 0; i < n; i++)
    if (!is_written (looking, first + i) &&
        !is_zero (looking->piece + i * SECTOR, SECTOR))
      looking->stale = true;
  return 0;
}

/* The last block may be larger than what is left of the disk. */
static uint32_t
sectors_of (const struct looking *looking, uint32_t i)
{
  const uint32_t block_size = looking->blocks->block_size;
  const uint64_t left = looking->size - (uint64_t) i * block_size;

  return (uint32_t) ((left < block_size ? left : block_size) / SECTOR);
}

static int
look_at_block (struct looking *looking, uint32_t i, struct error *err)
{
  const uint64_t at = (uint64_t) sector_of (looking->table, i) * SECTOR;
  const uint64_t data = at + looking->bitmap_len;
  const uint32_t sectors = sectors_of (looking, i), most = PIECE_MAX / SECTOR;

  if (image_pread (looking->reader, looking->bitmap, looking->bitmap_len, at,
                   err) == -1)
    return -1;
  for (uint32_t first = 0; first < sectors; first += most) {
    const uint32_t n = sectors - first < most ? sectors - first : most;

    if (!all_written (looking, first, n) &&
        look_at_data (looking, data + (uint64_t) first * SECTOR, first, n,
                      err) == -1)
      return -1;
  }
  return 0;
}

static int
look_at_bitmaps (struct looking *looking, uint32_t allocated,
                 struct image *ret, struct error *err)
{
  const struct limits *limits = looking->reader->remote ? &remote : &local;
  const uint32_t step = (allocated + limits->bitmaps - 1) / limits->bitmaps;
  uint32_t n = 0;

  looking->pieces_left = limits->pieces;
  for (uint32_t i = 0; i < looking->blocks->entries && !looking->stale; i++)
    if (sector_of (looking->table, i) != UNALLOCATED && n++ % step == 0 &&
        look_at_block (looking, i, err) == -1)
      return -1;
  if (looking->stale)
    ret->state |= IMAGE_STALE;
  else if (looking->zero_bits && (step > 1 || looking->pieces_left == 0))
    ret->state |= IMAGE_UNSURE;
  return 0;
}

int
vhd_look_at_blocks (struct reader *reader, const struct vhd_blocks *blocks,
                    struct image *ret, struct error *err)
{
  CLEANUP_BYTES unsigned char *table = NULL, *bitmap = NULL, *piece = NULL;
  struct looking looking = {
    .reader = reader, .blocks = blocks, .size = ret->size,
    .bitmap_len = bitmap_len (blocks),
  };
  uint32_t allocated = 0;

  if (read_table (reader, blocks, &table, err) == -1)
    return -1;
  looking.table = table;
  ret->needed = end_of_blocks (blocks, looking.table, &allocated);
  if (ret->needed > reader->size || allocated == 0)
    return 0;
  bitmap = alloc_zero (looking.bitmap_len, err);
  piece = alloc_zero (PIECE_MAX, err);
  if (bitmap == NULL || piece == NULL)
    return -1;
  looking.bitmap = bitmap;
  looking.piece = piece;
  return look_at_bitmaps (&looking, allocated, ret, err);
}
