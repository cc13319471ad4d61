/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The copy of one disk as the main thread sees it: its threads are started,
 * their number follows the tuner, and they are ended.  When which disk is
 * copied is left to copy.c.
 */

#include <config.h>

#include <limits.h>
#include <string.h>
#include <sys/param.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/events.h"
#include "copy/job.h"
#include "copy/queue.h"
#include "copy/run.h"
#include "copy/worker.h"
#include "target/target.h"

/* A server that is busy for a moment, or that refuses one connection too
 * many, is not stuck for that long.
 */
#define STUCK_MS 2000

static uint64_t
bytes_to_copy (const struct copy_disk *disk)
{
  return disk->ranges == NULL ? disk->size : ranges_total (disk->ranges);
}

int
job_init (struct copy_job *job, struct error *err)
{
  atomic_init (&job->base_size, job->disk->base_size > 0
               ? job->disk->base_size : UINT64_MAX);
  atomic_init (&job->max_workers, UINT_MAX);
  atomic_init (&job->next_ms, clock_ms () + job->disk->pace_ms);
  job->total = bytes_to_copy (job->disk);
  job->queue = queue_new (job->run->hooks != NULL, err);
  return job->queue == NULL ? -1
    : copy_map_init (&job->map, job->disk->size, err);
}

void
job_reset (struct copy_job *job)
{
  queue_free (job->queue);
  job->queue = NULL;
  copy_map_reset (&job->map);
}

static void
publish_setting (struct copy_job *job)
{
  const struct tune_setting *setting = &job->tune.now;

  atomic_store (&job->connections, setting->connections);
  atomic_store (&job->in_flight, setting->in_flight);
  atomic_store (&job->request, setting->request);
  events_say (job->run->events, EVENT_DEBUG, job->disk->index,
              "copy: %u connections, %u requests each, %u KiB",
              setting->connections, setting->in_flight,
              setting->request / 1024);
}

/* Start workers until there are as many as the tuner wants.  If one cannot be
 * started that is an error only if there is no other.
 */
static int
start_workers (struct copy_job *job, struct error *err)
{
  while (job->n_workers < job->tune.now.connections) {
    CLEANUP_ERROR struct error failure = ERROR_INIT;
    struct worker *w = worker_start (job, job->n_workers, &failure);

    if (w == NULL && job->n_workers == 0) {
      error_move (err, &failure);
      return -1;
    }
    if (w == NULL) {
      tune_refused (&job->tune, job->n_workers, clock_ms ());
      publish_setting (job);
      return 0;
    }
    job->workers[job->n_workers++] = w;
  }
  return 0;
}

static int
start_flusher (struct copy_job *job, struct error *err)
{
  if (job->run->hooks == NULL)
    return 0;
  if (copy_start_thread (&job->flusher, flusher_main, job, &job->flusher_wake,
                         err) == -1)
    return -1;
  job->has_flusher = true;
  return 0;
}

/* How many disks of the same host, including this one, are copied at once:
 * each gets its share of the host's limits.
 */
static unsigned
disks_on_host (const struct copy_job *job)
{
  const struct copy_run *run = job->run;
  unsigned n = 0;

  if (job->disk->host == NULL)
    return 1;
  for (unsigned i = 0; i < run->n; i++)
    n += run->jobs[i].disk->host != NULL &&
      strcmp (run->jobs[i].disk->host, job->disk->host) == 0;
  return MAX (1U, MIN (n, run->settings->parallel));
}

static struct copy_limits
limits (const struct copy_job *job)
{
  struct copy_limits ret = job->disk->limits;
  const unsigned n = disks_on_host (job);

  ret.max_connections = MAX (ret.max_connections / n, 1U);
  ret.first_connections = MAX (ret.first_connections / n, 1U);
  return ret;
}

int
job_start (struct copy_job *job, size_t memory, struct error *err)
{
  const struct copy_limits shared = limits (job);

  job->start_ms = clock_ms ();
  tune_init (&job->tune, &shared, memory, job->start_ms);
  if (job->run->yields != COPY_YIELDS_NOT)
    yield_begin (&job->yield, &job->tune);
  publish_setting (job);
  job->last_read.since_ms = job->start_ms;
  atomic_init (&job->turn, job->disk->limits.max_connections == 1 &&
               job->disk->base_file == NULL ? TURN_LISTER : TURN_ALL);
  if (copy_open_file (job, err) == -1)
    return -1;
  if (copy_start_thread (&job->lister, lister_main, job, &job->lister_wake,
                         err) == -1)
    return -1;
  job->state = JOB_RUNNING;
  if (start_flusher (job, err) == -1)
    return -1;
  return start_workers (job, err);
}

/* Free workers that have ended because the source refused them. */
static void
reap_workers (struct copy_job *job)
{
  unsigned kept = 0;

  for (unsigned i = 0; i < job->n_workers; i++) {
    struct worker *w = job->workers[i];

    if (worker_ended (w))
      worker_join (w);
    else {
      job->workers[kept] = w;
      if (kept != i)
        worker_wake (w, kept);
      kept++;
    }
  }
  job->n_workers = kept;
}

static bool
tune (struct copy_job *job)
{
  struct counters *counters = &job->counters;
  const struct tune_input input = {
    .now_ms = clock_ms (),
    .read = atomic_load (&counters->read),
    .reads = atomic_load (&counters->reads),
    .read_ms = atomic_load (&counters->read_ms),
    .workers = job->n_workers,
    .connected = atomic_load (&counters->connected),
    .refused = atomic_load (&counters->refused),
    .failed_reads = atomic_load (&counters->failed_reads),
    .latency_ms = atomic_load (&counters->latency_ms),
    .starved = queue_starved (job->queue),
  };

  return job->run->yields == COPY_YIELDS_NOT ? tune_step (&job->tune, &input)
    : yield_step (&job->yield, &job->tune, &input,
                  job->run->yields == COPY_YIELDS_NOW);
}

/* Have there to be fewer workers, so that the lister can connect? */
static bool
limit_workers (struct copy_job *job)
{
  const unsigned max = atomic_load (&job->max_workers);

  if (max >= job->tune.limits.max_connections)
    return false;
  tune_limit (&job->tune, max, clock_ms ());
  return true;
}

static void
setting_changed (struct copy_job *job)
{
  publish_setting (job);
  for (unsigned i = 0; i < job->n_workers; i++)
    worker_wake (job->workers[i], i);
}

int
job_tick (struct copy_job *job, struct error *err)
{
  if (job->state != JOB_RUNNING || atomic_load (&job->finished))
    return 0;
  reap_workers (job);
  if (limit_workers (job) || tune (job))
    setting_changed (job);
  /* Workers that have ended because nothing is left are not replaced. */
  return queue_starved (job->queue) ? 0 : start_workers (job, err);
}

void
job_hurry (struct copy_job *job)
{
  if (job->state != JOB_RUNNING)
    return;
  yield_end (&job->tune, clock_ms ());
  setting_changed (job);
}

void
job_wake (struct copy_job *job)
{
  if (job->state != JOB_RUNNING)
    return;
  wake_up (&job->lister_wake);
  for (unsigned i = 0; i < job->n_workers; i++)
    worker_wake (job->workers[i], i);
}

bool
job_is_stuck (struct copy_job *job)
{
  const struct counters *counters = &job->counters;
  const uint64_t read = atomic_load (&counters->read);
  const int64_t now_ms = clock_ms ();

  if (read != job->last_read.read) {
    job->last_read.read = read;
    job->last_read.since_ms = now_ms;
  }
  return now_ms - job->last_read.since_ms >= STUCK_MS;
}

bool
job_is_idle (const struct copy_job *job)
{
  if (job->state != JOB_RUNNING)
    return true;
  for (unsigned i = 0; i < job->n_workers; i++)
    if (!worker_ended (job->workers[i]))
      return false;
  return atomic_load (&job->finished);
}

void
job_flush_last (struct copy_job *job)
{
  if (job->state != JOB_RUNNING || !job->has_flusher)
    return;
  atomic_store (&job->flusher_last, true);
  wake_up (&job->flusher_wake);
}

bool
job_is_flushed (const struct copy_job *job)
{
  return !job->has_flusher || !atomic_load (&job->flusher_last) ||
    atomic_load (&job->flusher_done);
}

static void
end_flusher (struct copy_job *job)
{
  job_flush_last (job);
  if (!job->has_flusher)
    return;
  pthread_join (job->flusher, NULL);
  wake_reset (&job->flusher_wake);
  job->has_flusher = false;
}

static void
fill_result (const struct copy_job *job)
{
  const struct counters *counters = &job->counters;
  struct copy_result *result = job->result;
  char text[COPY_FIRST_ERROR];

  result->read = atomic_load (&counters->read);
  result->written = atomic_load (&counters->written);
  result->cloned = atomic_load (&counters->cloned);
  result->zero = atomic_load (&counters->zero);
  result->unused = atomic_load (&counters->unused);
  result->retries = atomic_load (&counters->retries);
  result->seconds = (double) (clock_ms () - job->start_ms) / 1000;
  if (job->disk->target == NULL)
    return;
  result->retries += target_retried (job->disk->target, text, sizeof text);
  if (result->first_error[0] == '\0')
    memcpy (result->first_error, text, sizeof text);
}

void
job_end (struct copy_job *job)
{
  if (job->state != JOB_RUNNING)
    return;
  job_wake (job);
  pthread_join (job->lister, NULL);
  for (unsigned i = 0; i < job->n_workers; i++)
    worker_join (job->workers[i]);
  job->n_workers = 0;
  end_flusher (job);
  wake_reset (&job->lister_wake);
  fill_result (job);
  job->state = JOB_ENDED;
  events_emit (job->run->events, &(struct event) {
      .type = EVENT_MAP, .disk = job->disk->index, .map = &job->map });
}
