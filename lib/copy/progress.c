/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <config.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/events.h"
#include "copy/copy-internal.h"

#define INTERVAL_MS 500
/* The rate of late is that of about this many intervals. */
#define SMOOTH 6.0

int
progress_init (struct progress *progress, const struct copy_run *run,
               struct error *err)
{
  const int64_t now_ms = clock_ms ();

  *progress = (struct progress) { .start_ms = now_ms, .last_ms = now_ms };
  progress->disks = calloc (run->n + 1, sizeof progress->disks[0]);
  if (progress->disks == NULL)
    return error_nomem (err);
  return 0;
}

void
progress_reset (struct progress *progress)
{
  free (progress->disks);
}

static void
update_rate (struct rate *rate, uint64_t done, double seconds)
{
  const double now = (double) (done - rate->done) / seconds;

  rate->rate = rate->done == 0 ? now
    : rate->rate + (now - rate->rate) / SMOOTH;
  rate->done = done;
}

/* What is complete has no rate of late: its whole copy's is told, which
 * began at START_MS.
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

static void
emit (const struct copy_run *run, int disk, struct event *event,
      double rate)
{
  const uint64_t left = event->progress.total - event->progress.done;

  event->type = EVENT_PROGRESS;
  event->disk = disk;
  event->progress.phase = run->settings->phase != NULL
    ? run->settings->phase : "copy";
  event->progress.rate = (uint64_t) rate;
  event->progress.eta_s = left == 0 ? 0
    : rate < 1 ? -1 : (int64_t) ((double) left / rate);
  events_emit (run->events, event);
}

static void
add_job (struct event *event, const struct copy_job *job)
{
  const struct counters *counters = &job->counters;

  event->progress.total += job->total;
  event->progress.done += atomic_load (&counters->done);
  event->progress.read += atomic_load (&counters->read);
  event->progress.written += atomic_load (&counters->written);
  event->progress.zero += atomic_load (&counters->zero);
  event->progress.connections += atomic_load (&counters->connected);
}

static void
show (struct progress *progress, struct copy_run *run, double seconds)
{
  struct event whole = { .type = EVENT_PROGRESS };

  for (unsigned i = 0; i < run->n; i++) {
    struct copy_job *job = &run->jobs[i];
    struct event event = { .type = EVENT_PROGRESS };

    add_job (&event, job);
    add_job (&whole, job);
    update_rate (&progress->disks[i], event.progress.done, seconds);
    if (job->state == JOB_RUNNING)
      emit (run, job->disk->index, &event,
            rate_of (&event, &progress->disks[i], job->start_ms));
  }
  update_rate (&progress->whole, whole.progress.done, seconds);
  emit (run, -1, &whole,
        rate_of (&whole, &progress->whole, progress->start_ms));
}

void
progress_tick (struct progress *progress, struct copy_run *run)
{
  const int64_t now_ms = clock_ms ();

  if (now_ms - progress->last_ms < INTERVAL_MS)
    return;
  show (progress, run, (double) (now_ms - progress->last_ms) / 1000);
  progress->last_ms = now_ms;
}

void
progress_job (struct progress *progress, struct copy_job *job)
{
  const struct copy_run *run = job->run;
  struct event event = { .type = EVENT_PROGRESS };

  add_job (&event, job);
  emit (run, job->disk->index, &event,
        rate_of (&event, &progress->disks[job - run->jobs], job->start_ms));
}

void
progress_whole (struct progress *progress, struct copy_run *run)
{
  struct event whole = { .type = EVENT_PROGRESS };

  for (unsigned i = 0; i < run->n; i++)
    add_job (&whole, &run->jobs[i]);
  emit (run, -1, &whole,
        rate_of (&whole, &progress->whole, progress->start_ms));
}
