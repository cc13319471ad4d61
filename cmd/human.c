/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Sizes and times in a form that people read quickly.  Programs get exact
 * numbers from report-json.c.
 */

#include <config.h>

#include <inttypes.h>
#include <stdio.h>

#include "human.h"

void
human_size (uint64_t bytes, char buf[16])
{
  static const char units[] = "BKMGTPE";
  double value = (double) bytes;
  size_t unit = 0;

  for (; value >= 1000 && unit < sizeof units - 2; unit++)
    value /= 1024;
  snprintf (buf, 16, value < 10 && unit > 0 ? "%.1f%c" : "%.0f%c", value,
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
