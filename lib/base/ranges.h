/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_RANGES_H
#define V2V_RANGES_H

#include <stddef.h>
#include <stdint.h>

#include "base/vector.h"

/* Bytes of a disk, or of a part of one. */
struct range {
  uint64_t offset, len;
};
DEFINE_VECTOR (struct ranges, ranges, struct range);

/* Append RANGE, or let the last one have it, if it ends where RANGE begins.  An
 * empty one is left out.
 */
static inline int
ranges_add (struct ranges *ranges, struct range range)
{
  struct range *last = ranges->len > 0
    ? &ranges->ptr[ranges->len - 1] : NULL;

  if (range.len == 0)
    return 0;
  if (last == NULL || range.offset != last->offset + last->len)
    return ranges_append (ranges, range);
  last->len += range.len;
  return 0;
}

/* What of RANGE is whole units of UNIT bytes; it may be empty. */
static inline struct range
range_whole (struct range range, uint64_t unit)
{
  const uint64_t begin = (range.offset + unit - 1) / unit * unit;
  const uint64_t end = (range.offset + range.len) / unit * unit;

  return (struct range) { begin, begin < end ? end - begin : 0 };
}

/* By where they begin. */
extern void ranges_sort (struct ranges *);
/* How many bytes they are. */
extern uint64_t ranges_total (const struct ranges *);
/* Take away the first MOST of those that are shorter than MIN. */
extern void ranges_drop_short (struct ranges *, uint64_t min, size_t most);

/* Which of those that are sorted is the first that ends behind OFFSET. */
static inline size_t
ranges_find (const struct ranges *ranges, uint64_t offset)
{
  size_t low = 0, high = ranges->len;

  while (low < high) {
    const size_t middle = low + (high - low) / 2;

    if (ranges->ptr[middle].offset + ranges->ptr[middle].len <= offset)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

#endif /* V2V_RANGES_H */
