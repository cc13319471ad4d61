/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Chooses blocks all over a disk, and computes their digest.  An NBD export
 * has nothing else that tells it from another one; and a file or a device that
 * somebody has written to since is noticed.  What follows from a difference is
 * left to write-back-find.c.
 */

#include <config.h>

#include <string.h>
#include <sys/param.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "io/reader.h"
#include "transfer/write-back-samples.h"

/* At most 8 MiB are read, which takes seconds on any link.  Disks of that size
 * are read whole, except for what the overlay holds in units of BLOCK.
 */
#define BLOCK ((uint64_t) SAMPLE_MAX)
#define COUNT 128

/* Is any of the bytes from OFFSET on written?  I is the first range that ends
 * behind OFFSET, or will be: offsets come in order.
 */
static bool
is_written (const struct ranges *written, size_t *i, uint64_t offset,
            uint64_t len)
{
  while (*i < written->len &&
         written->ptr[*i].offset + written->ptr[*i].len <= offset)
    (*i)++;
  return *i < written->len && written->ptr[*i].offset < offset + len;
}

int
samples_choose (const struct ranges *written, uint64_t size,
                struct samples *ret, struct error *err)
{
  const uint64_t blocks = (size + BLOCK - 1) / BLOCK;
  const uint64_t n = MIN (blocks, COUNT);
  uint64_t last = UINT64_MAX;
  size_t at = 0;

  for (uint64_t i = 0; i < n; i++) {
    /* The first and the last block are among them. */
    uint64_t block = n == 1 ? 0 : i * (blocks - 1) / (n - 1);
    const uint64_t end = n == 1 ? 1 : (i + 1) * (blocks - 1) / (n - 1);
    struct range range;

    for (;; block++) {
      range.offset = block * BLOCK;
      range.len = MIN (BLOCK, size - range.offset);
      if (!is_written (written, &at, range.offset, range.len) ||
          block + 1 >= MIN (end, blocks))
        break;
    }
    if (block == last ||
        is_written (written, &at, range.offset, range.len))
      continue;
    last = block;
    if (ranges_append (&ret->ranges, range) == -1)
      return error_nomem (err);
  }
  return 0;
}

int
samples_digest (const struct samples *samples, struct reader *reader,
                char ret[DIGEST_HEX_MAX], struct error *err)
{
  CLEANUP_DIGESTER struct digester *digester =
    digester_new (DIGEST_SHA256, err);
  CLEANUP_FREE char *buf = alloc_zero (BLOCK, err);

  if (digester == NULL || buf == NULL)
    return -1;
  for (size_t i = 0; i < samples->ranges.len; i++) {
    const struct range *range = &samples->ranges.ptr[i];

    if (reader_pread (reader, buf, range->len, range->offset, err) == -1 ||
        digester_add (digester, buf, range->len, err) == -1)
      return -1;
  }
  digester_end (digester, ret);
  return 0;
}

void
samples_reset (struct samples *samples)
{
  ranges_reset (&samples->ranges);
  samples->digest[0] = '\0';
}
