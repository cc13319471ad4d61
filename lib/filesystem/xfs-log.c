/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Whether an XFS was unmounted: if the last record of its log is that of the
 * unmounting, which is written after all that it is about.  A file system that
 * was mounted since and wrote nothing to the log has not changed either.
 *
 * The log is a ring of basic blocks.  Each of them begins with the number of
 * the round, or "cycle", in which it was written (records keep aside what
 * stood there); those before the head have the present one, those behind it
 * the one before, or 0 when they have not been written yet.  The head is found
 * as the kernel does (xlog_find_head), but in few round trips.  The kernel
 * then repairs what a crash left around the head; here anything odd is a
 * doubt.  The tail is not looked at: after that record, nothing before it
 * matters.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/xfs-internal.h"

#include <ext2fs/ext2fs.h>

#define RECORD_MAGIC UINT32_C (0xfeedbabe)
/* The longest record, and the part of it that each header block is for. */
#define RECORD_MAX (256 * 1024)
#define PER_HEADER (32 * 1024)

/* Looked at before the head: the longest record and its headers; and after the
 * head: what the kernel may have written while an earlier record was not.
 */
#define BEFORE (RECORD_MAX / XFS_BB_SIZE + RECORD_MAX / PER_HEADER)
#define AFTER (RECORD_MAX / XFS_BB_SIZE)

/* So many blocks are looked at in each round of the search, and the log of 2
 * GiB needs four.
 */
#define PROBES 64

/* Where the members of a record's header are. */
enum {
  LR_CYCLE = 4,
  LR_VERSION = 8,
  LR_LEN = 12,
  LR_LSN = 16,
  LR_CRC = 32,
  LR_OPS = 40,
  LR_UUID = 304,
  LR_SIZE = 320,
};
/* On 32-bit x86, and elsewhere, where it is padded. */
#define HEADER_SIZE_32 324
#define HEADER_SIZE_64 328
#define LONG_HEADER_SIZE 260    /* of the header blocks after the first */

/* The only operation of the record: its header, and what it begins with, in
 * the byte order of the machine that wrote it.
 */
enum {
  OP_CLIENT = 8,
  OP_FLAGS = 9,
  OP_DATA = 12,
};
#define CLIENT_LOG 0xaa
#define FLAG_UNMOUNT 0x20
#define UNMOUNT_MAGIC 0x556e

struct log {
  const struct xfs *xfs;
  uint64_t offset;              /* in the volume */
  uint32_t blocks;              /* basic ones */
  uint32_t first, last;         /* cycles of the first and last block */
  uint32_t head;                /* the first block with the cycle before, or
                                   `blocks' */
  unsigned char *around;        /* blocks before the head, and behind it */
  uint32_t before, after;
};

/* A record in log.around. */
struct record {
  unsigned char *header;
  uint32_t block;               /* of the log, that it begins in */
  uint32_t headers, len;        /* blocks, bytes of data behind these */
};

static int
not_clean (const struct log *log, struct error *err)
{
  log->xfs->usage->state = GUEST_IN_USE;
  return XFS_DOUBT (log->xfs, err,
                    _("it was not cleanly unmounted: its log is dirty"));
}

static uint64_t
block_at (const struct log *log, uint32_t block)
{
  return log->offset + (uint64_t) block * XFS_BB_SIZE;
}

/* Which cycle a block that was written has. */
static uint32_t
cycle_of (const struct log *log, uint32_t block)
{
  return block < log->head ? log->first : log->last;
}

/* If a block can be behind the head with CYCLE.  xfs_repair and xfs_db (4.3
 * and later), which clear a log that has been used, leave some blocks zero
 * between others that have the cycle before.
 */
static bool
is_behind (const struct log *log, uint32_t cycle)
{
  return cycle == log->last || cycle == 0;
}

/* Which cycle it has. */
static uint32_t
read_cycle (const unsigned char *block)
{
  return be32 (block) == RECORD_MAGIC ? be32 (block + LR_CYCLE) : be32 (block);
}

/*--- The head. ---*/

/* The cycles of N blocks of the log. */
static int
read_cycles (const struct log *log, const uint32_t *blocks, size_t n,
             uint32_t *cycles, struct error *err)
{
  struct range places[PROBES];
  const struct ranges all = { .ptr = places, .len = n, .cap = n };
  unsigned char block[XFS_BB_SIZE];

  for (size_t i = 0; i < n; i++)
    places[i] = (struct range) { block_at (log, blocks[i]), XFS_BB_SIZE };
  if (reader_prefetch (log->xfs->volume, &all, err) == -1)
    return -1;
  for (size_t i = 0; i < n; i++) {
    if (reader_pread (log->xfs->volume, block, sizeof block,
                      places[i].offset, err) == -1)
      return -1;
    cycles[i] = read_cycle (block);
  }
  return 0;
}

/* The block *FROM has the present cycle, and *TO the one before: bring them
 * nearer to each other.
 */
static int
narrow (const struct log *log, uint32_t *from, uint32_t *to,
        struct error *err)
{
  const uint32_t between = *to - *from - 1;
  const uint32_t n = between < PROBES ? between : PROBES;
  const uint32_t begin = *from;
  uint32_t blocks[PROBES], cycles[PROBES];

  for (uint32_t i = 0; i < n; i++)
    blocks[i] = begin + (uint32_t) ((uint64_t) (between + 1) * (i + 1) /
                                    (n + 1));
  if (read_cycles (log, blocks, n, cycles, err) == -1)
    return -1;
  for (uint32_t i = 0; i < n; i++) {
    if (is_behind (log, cycles[i])) {
      *to = blocks[i];
      return 0;
    }
    if (cycles[i] != log->first)
      return not_clean (log, err);
    *from = blocks[i];
  }
  return 0;
}

static int
find_head (struct log *log, struct error *err)
{
  const uint32_t ends[] = { 0, log->blocks - 1 };
  uint32_t cycles[ARRAY_LEN (ends)];
  uint32_t from = ends[0], to = ends[1];
  int r = read_cycles (log, ends, ARRAY_LEN (ends), cycles, err);

  if (r != 0)
    return r;
  log->first = cycles[0];
  log->last = cycles[1];
  log->head = log->blocks;
  if (log->first == log->last && log->first != 0)
    return 0;
  if (log->first == 0 || log->last != log->first - 1)
    return not_clean (log, err);
  while (r == 0 && to - from > 1)
    r = narrow (log, &from, &to, err);
  log->head = to;
  return r;
}

/*--- What is around it. ---*/

static int
add_around (struct log *log, struct ranges *ranges, uint32_t begin,
            uint32_t n, struct error *err)
{
  uint32_t first = n;

  if (first > log->blocks - begin)
    first = log->blocks - begin;
  if (ranges_add (ranges, (struct range) {
        block_at (log, begin), (uint64_t) first * XFS_BB_SIZE }) == -1 ||
      ranges_add (ranges, (struct range) {
        log->offset, (uint64_t) (n - first) * XFS_BB_SIZE }) == -1)
    return error_nomem (err);
  return 0;
}

/* Fill log.around, as it lies in the ring. */
static int
read_around (struct log *log, struct error *err)
{
  struct reader *volume = log->xfs->volume;
  const uint32_t begin = (log->head + log->blocks - log->before) % log->blocks;
  unsigned char *at = log->around;
  struct ranges ranges = { .ptr = NULL };
  int r = add_around (log, &ranges, begin, log->before + log->after, err);

  if (r == 0)
    r = reader_prefetch (volume, &ranges, err);
  for (size_t i = 0; i < ranges.len && r == 0; i++) {
    r = reader_pread (volume, at, ranges.ptr[i].len, ranges.ptr[i].offset,
                      err);
    at += ranges.ptr[i].len;
  }
  ranges_reset (&ranges);
  return r;
}

static uint32_t
block_of (const struct log *log, uint32_t i)
{
  return (log->head + log->blocks - log->before + i) % log->blocks;
}

static int
check_around (const struct log *log, struct error *err)
{
  for (uint32_t i = 0; i < log->before + log->after; i++) {
    const uint32_t block = block_of (log, i);
    const uint32_t cycle =
      read_cycle (log->around + (size_t) i * XFS_BB_SIZE);

    if (block < log->head ? cycle != log->first : !is_behind (log, cycle))
      return not_clean (log, err);
  }
  return 0;
}

/*--- The last record. ---*/

/* Find the last header before the head, of a record that ends there. */
static bool
find_record (const struct log *log, struct record *ret)
{
  uint32_t i = log->before, data_blocks;
  uint32_t size;

  do {
    if (i == 0)
      return false;
    i--;
    ret->header = log->around + (size_t) i * XFS_BB_SIZE;
  } while (be32 (ret->header) != RECORD_MAGIC);
  size = be32 (ret->header + LR_SIZE);
  ret->block = block_of (log, i);
  ret->len = be32 (ret->header + LR_LEN);
  ret->headers = 1;
  if (ret->len == 0 || ret->len > RECORD_MAX || size > RECORD_MAX)
    return false;
  if (log->xfs->log2 && (be32 (ret->header + LR_VERSION) & 2) &&
      size > PER_HEADER)
    ret->headers = (size + PER_HEADER - 1) / PER_HEADER;
  data_blocks = (ret->len + XFS_BB_SIZE - 1) / XFS_BB_SIZE;
  return i + ret->headers + data_blocks == log->before;
}

static bool
record_crc_is (const struct record *record, uint32_t header_size,
               uint32_t wanted)
{
  const unsigned char *p = record->header;
  uint32_t crc = ext2fs_crc32c_le (UINT32_MAX, p, header_size);

  for (uint32_t i = 1; i < record->headers; i++)
    crc = ext2fs_crc32c_le (crc, p + i * XFS_BB_SIZE, LONG_HEADER_SIZE);
  p += record->headers * XFS_BB_SIZE;
  return ~ext2fs_crc32c_le (crc, p, record->len) == wanted;
}

/* mkfs.xfs and xfs_repair leave the checksum out. */
static bool
record_crc_valid (const struct xfs *xfs, const struct record *record)
{
  const uint32_t crc = le32 (record->header + LR_CRC);

  if (!xfs->crc || crc == 0)
    return true;
  memset (record->header + LR_CRC, 0, sizeof crc);
  return record_crc_is (record, HEADER_SIZE_64, crc) ||
    record_crc_is (record, HEADER_SIZE_32, crc);
}

static bool
is_of_unmount (const struct log *log, const struct record *record)
{
  const unsigned char *header = record->header;
  const unsigned char *op = header + record->headers * XFS_BB_SIZE;
  const uint64_t lsn = (uint64_t) cycle_of (log, record->block) << 32 |
    record->block;

  return record->len >= OP_DATA + 2 &&
    be64 (header + LR_LSN) == lsn &&
    be32 (header + LR_OPS) == 1 &&
    memcmp (header + LR_UUID, log->xfs->uuid, XFS_UUID_SIZE) == 0 &&
    op[OP_CLIENT] == CLIENT_LOG && (op[OP_FLAGS] & FLAG_UNMOUNT) != 0 &&
    (be16 (op + OP_DATA) == UNMOUNT_MAGIC ||
     le16 (op + OP_DATA) == UNMOUNT_MAGIC);
}

static int
check_last_record (const struct log *log, uint64_t *lsn, struct error *err)
{
  struct record record;

  if (!find_record (log, &record) || !is_of_unmount (log, &record) ||
      !record_crc_valid (log->xfs, &record))
    return not_clean (log, err);
  *lsn = be64 (record.header + LR_LSN);
  return 0;
}

int
xfs_check_log (struct xfs *xfs, struct error *err)
{
  const uint32_t blocks = (uint32_t)
    ((uint64_t) xfs->log_blocks * xfs->block_size / XFS_BB_SIZE);
  const uint32_t before = blocks < BEFORE ? blocks : BEFORE;
  const uint32_t after = blocks - before < AFTER ? blocks - before : AFTER;
  CLEANUP_BYTES unsigned char *around =
    alloc_zero ((size_t) (before + after) * XFS_BB_SIZE, err);
  struct log log = {
    .xfs = xfs,
    .offset = xfs_block_at (xfs, xfs->log_group, xfs->log_block),
    .blocks = blocks, .before = before, .after = after, .around = around,
  };
  int r = around == NULL ? -1 : find_head (&log, err);

  if (r == 0)
    r = read_around (&log, err);
  if (r == 0)
    r = check_around (&log, err);
  if (r == 0)
    r = check_last_record (&log, &xfs->clean_lsn, err);
  return r;
}
