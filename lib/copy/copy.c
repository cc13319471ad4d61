/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The main thread's part of the copy: it starts the jobs of the disks, checks
 * them several times a second, and ends them.  Reading and writing is left to
 * the threads of a job: lister.c, worker.c and flusher.c.
 */

#include <config.h>

#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/param.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/events.h"
#include "base/i18n.h"
#include "context.h"
#include "copy/buffers.h"
#include "copy/copy.h"
#include "copy/job.h"
#include "copy/progress.h"
#include "copy/retry.h"
#include "copy/run.h"
#include "guest/guest.h"
#include "io/supervisor.h"
#include "target/target.h"

/* How long threads may take to end after they were told to. */
#define GRACE_MS 2000

static void
tell_remark (struct copy_run *run)
{
  char text[sizeof run->remark];
  int disk;

  pthread_mutex_lock (&run->lock);
  memcpy (text, run->remark, sizeof text);
  disk = run->remark_disk;
  run->remark[0] = '\0';
  pthread_mutex_unlock (&run->lock);
  if (text[0] != '\0')
    events_say (run->events, EVENT_INFO, disk, "%s", text);
}

static unsigned
count_jobs (const struct copy_run *run, int state)
{
  unsigned n = 0;

  for (unsigned i = 0; i < run->n; i++)
    n += (int) run->jobs[i].state == state;
  return n;
}

static unsigned
parallel (const struct copy_run *run)
{
  const unsigned wanted = MAX (run->settings->parallel, 1U);

  return MIN (wanted, run->n);
}

static int
start_jobs (struct copy_run *run, struct error *err)
{
  const size_t memory = COPY_MEMORY / parallel (run);

  for (unsigned i = 0; i < run->n; i++) {
    struct copy_job *job = &run->jobs[i];

    if (count_jobs (run, JOB_RUNNING) >= parallel (run))
      break;
    if (job->state == JOB_WAITING && job_start (job, memory, err) == -1) {
      err->disk = job->disk->index;
      return -1;
    }
  }
  return 0;
}

/* Has anything happened recently? */
static int
check_stall (struct copy_run *run, struct error *err)
{
  const struct settings *settings = run->settings;
  const int64_t now_ms = clock_ms ();
  /* Workers retry reads that stall; this is for everything else. */
  const int64_t limit_ms = (int64_t) settings->stall_timeout_s * 1000 *
    ((int64_t) settings->retries + 1) + RETRY_PAUSE_MAX_MS;
  uint64_t stall_sum = 0;

  for (unsigned i = 0; i < run->n; i++) {
    const struct counters *counters = &run->jobs[i].counters;

    stall_sum += atomic_load (&counters->done) +
      atomic_load (&counters->read) + atomic_load (&counters->listed) +
      atomic_load (&counters->written) + atomic_load (&counters->retries) +
      (run->jobs[i].state == JOB_ENDED);
  }
  if (stall_sum != run->stall_sum || run->stall_since_ms == 0) {
    run->stall_sum = stall_sum;
    run->stall_since_ms = now_ms;
  }
  if (settings->stall_timeout_s == 0 ||
      now_ms - run->stall_since_ms < limit_ms)
    return 0;
  return error_set (err, REASON_STALLED,
                    _("nothing has been copied for %" PRId64 " seconds"),
                    (now_ms - run->stall_since_ms) / 1000);
}

/* Adapt the job, end it if it has finished, and ask the caller of copy_run
 * whether it should go on.
 */
static int
update_job (struct copy_job *job, struct error *err)
{
  const struct copy_run *run = job->run;
  const struct copy_hooks *hooks = run->hooks;

  if (job_tick (job, err) == -1)
    return -1;
  if (job->state != JOB_RUNNING)
    return 0;
  if (!atomic_load (&job->finished))
    return hooks == NULL ? 0
      : hooks->watch (hooks->data, (unsigned) (job - run->jobs),
                      job_is_stuck (job), err);
  if (!copy_stopped (run))
    job_end (job);
  if (!copy_stopped (run))
    progress_job (job);
  return 0;
}

static int
update_jobs (struct copy_run *run, struct error *err)
{
  for (unsigned i = 0; i < run->n; i++)
    if (update_job (&run->jobs[i], err) == -1) {
      err->disk = run->jobs[i].disk->index;
      return -1;
    }
  return 0;
}

static bool
was_woken (void *data)
{
  const struct copy_run *run = data;

  return wake_wait (&run->main_wake, 0);
}

static void
ignore_wake (void *data __attribute__ ((unused)),
             short revents __attribute__ ((unused)))
{
}

/* A part of the copy's work that takes no time: 1 if there is more to do, 0
 * when everything is complete.
 */
static int
step (struct copy_run *run, struct error *err)
{
  wake_clear (&run->main_wake);
  if (copy_stopped (run) || start_jobs (run, err) == -1 ||
      update_jobs (run, err) == -1)
    return -1;
  if (count_jobs (run, JOB_ENDED) == run->n)
    return copy_stopped (run) ? -1 : 0;
  tell_remark (run);
  progress_tick (run);
  return check_stall (run, err) == -1 || copy_stopped (run) ? -1 : 1;
}

static int
run_init (struct copy_run *run, const struct copy_disk *disks,
          struct copy_result *results, struct error *err)
{
  pthread_mutex_init (&run->lock, NULL);
  run->main_wake.fd = run->stop_wake.fd = -1;
  run->jobs = alloc_zero ((run->n + 1) * sizeof run->jobs[0], err);
  if (run->jobs == NULL)
    return -1;
  for (unsigned i = 0; i < run->n; i++) {
    results[i] = (struct copy_result) { .read = 0 };
    if (disks[i].target != NULL)
      target_set_retries (disks[i].target, run->settings->retries,
                          run->settings->stall_timeout_s);
    run->jobs[i].run = run;
    run->jobs[i].disk = &disks[i];
    run->jobs[i].result = &results[i];
    if (job_init (&run->jobs[i], err) == -1)
      return -1;
  }
  run->buffers = buffers_new (COPY_MEMORY, err);
  if (run->buffers == NULL || wake_init (&run->main_wake, err) == -1 ||
      wake_init (&run->stop_wake, err) == -1)
    return -1;
  return supervisor_watch (run->supervisor, run->main_wake.fd, POLLIN,
                           ignore_wake, run, err);
}

static void
run_reset (struct copy_run *run)
{
  if (run->main_wake.fd != -1)
    supervisor_unwatch (run->supervisor, run->main_wake.fd);
  wake_reset (&run->main_wake);
  wake_reset (&run->stop_wake);
  for (unsigned i = 0; run->jobs != NULL && i < run->n; i++)
    job_reset (&run->jobs[i]);
  free (run->jobs);
  buffers_free (run->buffers);
  error_reset (&run->err);
  pthread_mutex_destroy (&run->lock);
}

static void
wait_until (const struct copy_run *run,
            bool (*done) (const struct copy_job *), int64_t timeout_ms)
{
  const int64_t deadline_ms = clock_ms () + timeout_ms;

  for (unsigned i = 0; i < run->n; i++)
    while (!done (&run->jobs[i]) && clock_ms () < deadline_ms)
      poll (NULL, 0, 10);
}

/* End all threads, whatever they are doing.  What is complete is flushed
 * before that, as far as the target can do it in GRACE_MS.
 */
static void
stop_all (struct copy_run *run)
{
  copy_stop (run);
  for (unsigned i = 0; i < run->n; i++)
    job_wake (&run->jobs[i]);
  wait_until (run, job_is_idle, GRACE_MS);
  for (unsigned i = 0; i < run->n; i++)
    if (job_is_idle (&run->jobs[i]))
      job_flush_last (&run->jobs[i]);
  wait_until (run, job_is_flushed, GRACE_MS);
  for (unsigned i = 0; i < run->n; i++)
    if (run->jobs[i].disk->target != NULL)
      target_interrupt (run->jobs[i].disk->target);
  for (unsigned i = 0; i < run->n; i++)
    job_end (&run->jobs[i]);
}

static void
failed (struct copy_run *run, struct error *err)
{
  char name[DISK_NAME_MAX];

  stop_all (run);
  if (!error_is_set (err))
    error_move (err, &run->err);
  if (run->n > 1 && err->disk != -1 && error_is_set (err))
    error_wrap (err, "%s", disk_name ((unsigned) err->disk, name));
}

struct copy_run *
copy_begin (const struct copy_disk *disks, unsigned n, const char *phase,
            const struct copy_hooks *hooks,
            const struct launch_context *context,
            struct copy_result *results, struct error *err)
{
  struct copy_run *run = alloc_zero (sizeof *run, err);

  if (run == NULL)
    return NULL;
  *run = (struct copy_run) {
    .settings = context->settings, .supervisor = context->supervisor,
    .events = context->events, .phase = phase, .hooks = hooks, .n = n,
    .err = ERROR_INIT,
  };
  if (run_init (run, disks, results, err) == -1) {
    copy_free (run);
    return NULL;
  }
  run->start_ms = run->progress_ms = clock_ms ();
  return run;
}

int
copy_step (struct copy_run *run, struct error *err)
{
  const int r = step (run, err);

  if (r == -1)
    failed (run, err);
  if (r <= 0)
    tell_remark (run);
  if (r == 0)
    progress_whole (run);
  return r;
}

void
copy_yield (struct copy_run *run, enum copy_yields yields)
{
  const enum copy_yields before = run->yields;

  run->yields = yields;
  for (unsigned i = 0; i < run->n; i++)
    if (before != COPY_YIELDS_NOT && yields == COPY_YIELDS_NOT)
      job_hurry (&run->jobs[i]);
}

uint64_t
copy_left (const struct copy_run *run)
{
  uint64_t left = 0;

  for (unsigned i = 0; i < run->n; i++)
    left += run->jobs[i].total - atomic_load (&run->jobs[i].counters.done);
  return left;
}

int
copy_wake_fd (const struct copy_run *run)
{
  return run->main_wake.fd;
}

void
copy_free (struct copy_run *run)
{
  if (run == NULL)
    return;
  if (run->jobs != NULL && count_jobs (run, JOB_RUNNING) > 0)
    stop_all (run);
  run_reset (run);
  free (run);
}

static int
wait_for_event (struct copy_run *run, struct error *err)
{
  if (supervisor_wait (run->supervisor, was_woken, run,
                       clock_ms () + COPY_TICK_MS, err) != -1)
    return 0;
  failed (run, err);
  return -1;
}

int
copy_run (const struct copy_disk *disks, unsigned n,
          const char *phase, const struct copy_hooks *hooks,
          const struct launch_context *context, struct copy_result *results,
          struct error *err)
{
  struct copy_run *run = copy_begin (disks, n, phase, hooks, context, results,
                                     err);
  int r = run == NULL ? -1 : 1;

  while (r == 1) {
    r = copy_step (run, err);
    if (r == 1 && wait_for_event (run, err) == -1)
      r = -1;
  }
  copy_free (run);
  return r;
}
