/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Collects the free runs of a volume, or the reason why none counts.  What is
 * free is decided by the readers of each kind of file systems.
 */

#include <config.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "filesystem/usage.h"

#define SECTOR UINT64_C (512)

/* Leave out a quarter of all runs, if so many are shorter than MIN: not the
 * last one, which may not have come to its end.
 */
static void
drop_short (struct ranges *runs, uint64_t min)
{
  const struct range last = runs->ptr[--runs->len];

  ranges_drop_short (runs, min, USAGE_RUNS_MAX / 4);
  runs->ptr[runs->len++] = last;
}

/* The run before this one is complete. */
static void
begin_run (struct usage *usage)
{
  struct ranges *runs = &usage->unused;

  if (usage->min_run == 0)
    usage->min_run = USAGE_MIN_RUN;
  if (runs->len > 0 && runs->ptr[runs->len - 1].len < usage->min_run)
    runs->len--;
  while (runs->len >= USAGE_RUNS_MAX) {
    drop_short (runs, usage->min_run * 2);
    if (runs->len >= USAGE_RUNS_MAX)
      usage->min_run *= 2;
  }
}

int
usage_free (struct usage *usage, uint64_t offset, uint64_t len,
            struct error *err)
{
  struct ranges *runs = &usage->unused;
  const struct range run = range_whole ((struct range) { offset, len },
                                        SECTOR);

  if (run.len == 0)
    return 0;
  usage->free += run.len;
  if (runs->len == 0 || runs->ptr[runs->len - 1].offset +
      runs->ptr[runs->len - 1].len != run.offset)
    begin_run (usage);
  return ranges_add (runs, run) == 0 ? 0 : error_nomem (err);
}

int
usage_doubt (struct usage *usage, struct error *err, const char *fmt, ...)
{
  va_list args;
  int r;

  if (usage->why_not != NULL)
    return 0;
  va_start (args, fmt);
  r = vasprintf (&usage->why_not, fmt, args);
  va_end (args);
  if (r >= 0)
    return 0;
  usage->why_not = NULL;
  return error_nomem (err);
}

void
usage_reset (struct usage *usage)
{
  free (usage->why_not);
  ranges_reset (&usage->unused);
  *usage = (struct usage) { .free = 0 };
}
