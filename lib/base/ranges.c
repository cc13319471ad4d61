/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is too long for ranges.h. */

#include <config.h>

#include <stdlib.h>

#include "base/ranges.h"

static int
by_offset (const void *one, const void *other)
{
  const struct range *a = one, *b = other;

  return (a->offset > b->offset) - (a->offset < b->offset);
}

void
ranges_sort (struct ranges *ranges)
{
  if (ranges->len > 1)
    qsort (ranges->ptr, ranges->len, sizeof ranges->ptr[0], by_offset);
}

uint64_t
ranges_total (const struct ranges *ranges)
{
  uint64_t bytes = 0;

  for (size_t i = 0; i < ranges->len; i++)
    bytes += ranges->ptr[i].len;
  return bytes;
}

void
ranges_drop_short (struct ranges *ranges, uint64_t min, size_t most)
{
  size_t kept = 0;

  for (size_t i = 0; i < ranges->len; i++)
    if (most > 0 && ranges->ptr[i].len < min)
      most--;
    else
      ranges->ptr[kept++] = ranges->ptr[i];
  ranges->len = kept;
}
