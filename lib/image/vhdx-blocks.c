/* SPDX-License-Identifier: GPL-2.0-or-later */

/* How much of the file the blocks of a VHDX use, by its block allocation table
 * (BAT).  qemu looks too, but only at whole sectors, so that an image without
 * its very last bytes passes.
 */

#include <config.h>

#include <inttypes.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "image/image-format.h"
#include "image/vhdx.h"

#define MIB (1 << 20)
#define ENTRY_LEN 8
#define STATE 7                 /* the lowest bits of an entry */
#define FULLY_PRESENT 6
#define OFFSET_MASK (~UINT64_C (0xfffff))
/* A chunk is what one bitmap block has bits for (only differencing images have
 * any); behind the entries of a chunk there is one for its bitmap.
 */
#define CHUNK (UINT64_C (512) << 23)
/* 16 TiB in blocks of 32 MiB, Hyper-V's.  A larger table is left to qemu. */
#define TABLE_MAX (4 * MIB)
#define PIECE_MAX (256 << 10)

/* The bytes of the disk that are in block I. */
static uint64_t
length_of (const struct vhdx_blocks *blocks, uint64_t i)
{
  const uint64_t left = blocks->disk_size - i * blocks->block_size;

  return left < blocks->block_size ? left : blocks->block_size;
}

/* The end of what the entries from number FIRST on use, if it is behind
 * *NEEDED.
 */
static void
note_ends (const struct vhdx_blocks *blocks, const unsigned char *entries,
           uint64_t first, uint64_t n, uint64_t *needed)
{
  const uint64_t per_chunk = CHUNK / blocks->block_size;

  for (uint64_t i = first; i < first + n; i++, entries += ENTRY_LEN) {
    const uint64_t entry = le64 (entries);
    const uint64_t chunk = i / (per_chunk + 1);
    uint64_t end;

    if (i % (per_chunk + 1) == per_chunk || (entry & STATE) != FULLY_PRESENT)
      continue;
    if (__builtin_add_overflow (entry & OFFSET_MASK,
                                length_of (blocks, i - chunk), &end))
      end = UINT64_MAX;
    if (end > *needed)
      *needed = end;
  }
}

int
vhdx_find_end (struct reader *reader, const struct vhdx_blocks *blocks,
               uint64_t *needed, struct error *err)
{
  const uint64_t per_chunk = CHUNK / blocks->block_size;
  const uint64_t n = (blocks->disk_size + blocks->block_size - 1) /
    blocks->block_size;
  const uint64_t entries = n + (n - 1) / per_chunk;
  const uint64_t len = entries * ENTRY_LEN;
  CLEANUP_BYTES unsigned char *piece = NULL;

  if (len > blocks->table_len)
    return error_set (err, REASON_UNTRUSTED_IMAGE,
                      _("its table has no room for %" PRIu64 " blocks"), n);
  if (len > TABLE_MAX)
    return 0;
  piece = alloc_zero (PIECE_MAX, err);
  if (piece == NULL)
    return -1;
  for (uint64_t at = 0; at < len; at += PIECE_MAX) {
    const uint64_t m = len - at < PIECE_MAX ? len - at : PIECE_MAX;

    if (image_pread (reader, piece, m, blocks->table + at, err) == -1)
      return -1;
    note_ends (blocks, piece, at / ENTRY_LEN, m / ENTRY_LEN, needed);
  }
  return 0;
}
