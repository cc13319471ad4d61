/* SPDX-License-Identifier: GPL-2.0-or-later */

/* NBD servers that take whole blocks only.  NBD lets a server refuse what is
 * not aligned to the minimum block size that it has told (4096 bytes for a
 * disk with such sectors, up to 65536).  A block of which a range is a part
 * is read, changed, and written back whole.
 */

#include <config.h>

#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/param.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/lock.h"
#include "target/target-nbd.h"

/* Another thread may be about to change another part of the same block, which
 * is why one block is changed at a time.  Whole blocks are nobody else's.
 */
static int
change_block (struct target_nbd *nbd, const char *data, uint32_t len,
              uint64_t offset, struct error *err)
{
  const uint64_t start = offset - offset % nbd->min_block;
  const uint32_t size = (uint32_t) MIN (nbd->min_block,
                                        nbd->target.size - start);
  CLEANUP_FREE char *block = alloc_zero (size, err);
  const struct target_nbd_command read = {
    .kind = TARGET_NBD_READ, .to = block, .len = size, .offset = start };
  const struct target_nbd_command write = {
    .kind = TARGET_NBD_WRITE, .buf = block, .len = size, .offset = start };
  LOCK_SCOPE (&nbd->block_lock);

  if (block == NULL || target_nbd_run (nbd, &read, err) == -1)
    return -1;
  if (data != NULL)
    memcpy (block + (offset - start), data, len);
  else
    memset (block + (offset - start), 0, len);
  return target_nbd_run (nbd, &write, err);
}

/* How many of LEN bytes at OFFSET lie in a block of which they are a part; 0:
 * a whole one begins there.  The last block of the export may be short.
 */
static uint32_t
part_of_block (const struct target_nbd *nbd, uint32_t len, uint64_t offset)
{
  const uint32_t before = (uint32_t) (offset % nbd->min_block);

  if (before > 0)
    return MIN (len, nbd->min_block - before);
  return len < nbd->min_block && offset + len < nbd->target.size ? len : 0;
}

/* What of LEN bytes at OFFSET is whole blocks. */
static uint32_t
whole_blocks (const struct target_nbd *nbd, uint32_t len, uint64_t offset)
{
  return offset + len == nbd->target.size ? len : len - len % nbd->min_block;
}

int
target_nbd_in_blocks (struct target_nbd *nbd, const char *data, uint32_t len,
                      uint64_t offset, target_nbd_piece *whole,
                      struct error *err)
{
  while (len > 0) {
    const uint32_t part = part_of_block (nbd, len, offset);
    const uint32_t n = part > 0 ? part : whole_blocks (nbd, len, offset);
    target_nbd_piece *piece = part > 0 ? change_block : whole;

    if (piece (nbd, data, n, offset, err) == -1)
      return -1;
    if (data != NULL)
      data += n;
    offset += n;
    len -= n;
  }
  return 0;
}
