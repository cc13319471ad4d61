/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_CLOCK_H
#define V2V_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Milliseconds on a clock that nobody sets: deadlines and durations are
 * counted on it, so that a change of the wall clock does not matter.
 */
static inline int64_t
clock_ms (void)
{
  struct timespec ts;

  clock_gettime (CLOCK_MONOTONIC, &ts);
  return ts.tv_sec * INT64_C (1000) + ts.tv_nsec / 1000000;
}

#endif /* V2V_CLOCK_H */
