/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Finding zeroes in data that was read.  Zeroes that a server lists are found
 * by the lister, without being read.
 */

#include <config.h>

#include <string.h>
#include <sys/param.h>

#include "copy/zero.h"

/* Most blocks that are not zero are so in their first bytes.  For the rest the
 * block is compared with itself, 16 bytes on, which is as fast as memory.
 */
bool
is_zero (const char *buf, size_t len)
{
  const size_t head = MIN (len, (size_t) 16);

  for (size_t i = 0; i < head; i++)
    if (buf[i] != 0)
      return false;
  return memcmp (buf, buf + head, len - head) == 0;
}

/* Bytes from OFFSET to the start of the next block, but not more than LEFT. */
static size_t
block_len (uint64_t offset, size_t left, uint32_t granule)
{
  const size_t len = granule - offset % granule;

  return MIN (len, left);
}

size_t
zero_run (const char *buf, size_t len, uint64_t offset, uint32_t granule,
          bool *zero)
{
  size_t run = block_len (offset, len, granule);

  *zero = is_zero (buf, run);
  while (run < len) {
    const size_t block = block_len (offset + run, len - run, granule);

    if (is_zero (buf + run, block) != *zero)
      break;
    run += block;
  }
  return run;
}
