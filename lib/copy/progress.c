/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the threads count becomes progress events, for each disk and for all
 * together.  Showing these is left to the command.
 */

#include <config.h>

#include "base/clock.h"
#include "base/events.h"
#include "copy/progress.h"
#include "copy/run.h"

#define INTERVAL_MS 500
/* A rate is the mean of about this many intervals. */
#define SMOOTH 6.0

static void
update_rate (struct rate *rate, uint64_t done, double seconds)
{
  const double now = (double) (done - rate->done) / seconds;

  rate->rate = rate->done == 0 ? now
    : rate->rate + (now - rate->rate) / SMOOTH;
  rate->done = done;
}

/* A copy that is complete reports its mean rate since START_MS instead of the
 * recent one.
 */
static double
rate_of (const struct event *event, const struct rate *rate,
         int64_t start_ms)
{
  const int64_t ms = clock_ms () - start_ms;

  if (event->progress.done < event->progress.total)
    return rate->rate;
  return (double) event->progress.done * 1000 / (double) (ms > 0 ? ms : 1);
}

/* Report N disks together, DISK being the index of the one or -1. */
static void
emit (const struct copy_run *run, int disk, const struct copy_job *jobs,
      unsigned n, const struct rate *rate, int64_t start_ms)
{
  struct event event = { .type = EVENT_PROGRESS, .disk = disk };
  uint64_t left;
  double now;

  for (unsigned i = 0; i < n; i++) {
    const struct counters *counters = &jobs[i].counters;

    event.progress.total += jobs[i].total;
    event.progress.done += atomic_load (&counters->done);
    event.progress.read += atomic_load (&counters->read);
    event.progress.written += atomic_load (&counters->written);
    event.progress.zero += atomic_load (&counters->zero);
    event.progress.unused += atomic_load (&counters->unused);
    event.progress.connections += atomic_load (&counters->connected);
  }
  left = event.progress.total - event.progress.done;
  now = rate_of (&event, rate, start_ms);
  event.progress.phase = run->phase;
  event.progress.rate = (uint64_t) now;
  event.progress.eta_s = left == 0 ? 0
    : now < 1 ? -1 : (int64_t) ((double) left / now);
  events_emit (run->events, &event);
}

void
progress_job (const struct copy_job *job)
{
  emit (job->run, job->disk->index, job, 1, &job->rate, job->start_ms);
}

void
progress_whole (const struct copy_run *run)
{
  emit (run, -1, run->jobs, run->n, &run->rate, run->start_ms);
}

void
progress_tick (struct copy_run *run)
{
  const int64_t now_ms = clock_ms ();
  const double seconds = (double) (now_ms - run->progress_ms) / 1000;
  uint64_t sum = 0;

  if (now_ms - run->progress_ms < INTERVAL_MS)
    return;
  run->progress_ms = now_ms;
  for (unsigned i = 0; i < run->n; i++) {
    struct copy_job *job = &run->jobs[i];
    const uint64_t done = atomic_load (&job->counters.done);

    sum += done;
    update_rate (&job->rate, done, seconds);
    if (job->state == JOB_RUNNING)
      progress_job (job);
  }
  update_rate (&run->rate, sum, seconds);
  progress_whole (run);
}
