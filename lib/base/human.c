/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Sizes and times in a form that people read quickly.  Programs get exact
 * numbers from report-json.c.
 */

#include <config.h>

#include <inttypes.h>
#include <stdio.h>

#include "base/human.h"

void
human_size (uint64_t bytes, char buf[HUMAN_SIZE])
{
  static const char *const units[] = {
    "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"
  };
  double value = (double) bytes;
  size_t unit = 0;
  unsigned tenths;

  for (; value >= 1024; unit++)
    value /= 1024;
  tenths = (unsigned) (value * 10 + 0.5);
  if (tenths % 10 == 0)
    snprintf (buf, HUMAN_SIZE, "%u %s", tenths / 10, units[unit]);
  else
    snprintf (buf, HUMAN_SIZE, "%u.%u %s", tenths / 10, tenths % 10,
              units[unit]);
}

void
human_time (int64_t seconds, char buf[32])
{
  if (seconds < 0)
    snprintf (buf, 32, "--:--");
  else if (seconds < 3600)
    snprintf (buf, 32, "%02" PRId64 ":%02" PRId64, seconds / 60,
              seconds % 60);
  else
    snprintf (buf, 32, "%" PRId64 ":%02" PRId64 ":%02" PRId64,
              seconds / 3600, seconds / 60 % 60, seconds % 60);
}
