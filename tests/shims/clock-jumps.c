/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Preloaded: each look at the wall clock finds it somewhere else, up to a year
 * from where it was.  The monotonic clock is left alone.
 */

#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static time_t
jump (void)
{
  static atomic_ulong looks;
  const unsigned long n = atomic_fetch_add (&looks, 1);

  return (time_t) (n * 7654321 % 63072000) - 31536000;
}

int
clock_gettime (clockid_t clock, struct timespec *ts)
{
  const int r = (int) syscall (SYS_clock_gettime, clock, ts);

  if (r == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    ts->tv_sec += jump ();
  return r;
}

int
gettimeofday (struct timeval *restrict tv, void *restrict zone)
{
  const int r = (int) syscall (SYS_gettimeofday, tv, zone);

  if (r == 0)
    tv->tv_sec += jump ();
  return r;
}

time_t
time (time_t *ret)
{
  struct timespec ts;

  clock_gettime (CLOCK_REALTIME, &ts);
  if (ret != NULL)
    *ret = ts.tv_sec;
  return ts.tv_sec;
}
