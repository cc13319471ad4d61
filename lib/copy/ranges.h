/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_RANGES_H
#define V2V_RANGES_H

#include <stdint.h>

#include "base/vector.h"

/* Bytes of a disk. */
struct copy_range {
  uint64_t offset, len;
};
DEFINE_VECTOR (struct copy_ranges, copy_ranges, struct copy_range);

/* Append RANGE, or let the last one have it, if it ends where RANGE begins.  An
 * empty one is left out.
 */
static inline int
copy_ranges_add (struct copy_ranges *ranges, struct copy_range range)
{
  struct copy_range *last = ranges->len > 0
    ? &ranges->ptr[ranges->len - 1] : NULL;

  if (range.len == 0)
    return 0;
  if (last == NULL || range.offset != last->offset + last->len)
    return copy_ranges_append (ranges, range);
  last->len += range.len;
  return 0;
}

/* The unit that is completed, flushed and recorded for --resume. */
#define COPY_CHUNK (UINT64_C (64) << 20)

#endif /* V2V_RANGES_H */
