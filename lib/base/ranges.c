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
