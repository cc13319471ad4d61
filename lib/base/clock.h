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

/* How long to wait after ATTEMPTS+1 failures: longer each time, but no longer
 * than MAX_MS.  Clients that failed together must not come back together.
 */
static inline int
clock_backoff_ms (unsigned attempts, unsigned first_ms, unsigned max_ms)
{
  const uint64_t grown_ms = (uint64_t) first_ms << (attempts < 16 ? attempts
                                                                  : 16);
  const uint64_t ms = grown_ms < max_ms ? grown_ms : max_ms;
  struct timespec ts;

  clock_gettime (CLOCK_MONOTONIC, &ts);
  return (int) (ms / 4 * 3 + (uint64_t) ts.tv_nsec / 64 % (ms / 4));
}

#endif /* V2V_CLOCK_H */
