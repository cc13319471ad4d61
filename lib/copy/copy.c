/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The main thread's part of the copy: it starts disks, looks after them
 * some times a second, and ends them.
 */

#include <config.h>

#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/events.h"
#include "base/i18n.h"
#include "copy/copy-internal.h"
#include "io/supervisor.h"
#include "target/target.h"

#define TICK_MS 40
/* Five attempts, the default, reach over a server's restart of 20 s. */
#define BACKOFF_MS 1000
#define BACKOFF_MAX_MS 30000
/* For threads that are about to end by themselves. */
#define GRACE_MS 2000

int
copy_backoff_ms (unsigned attempts)
{
  return clock_backoff_ms (attempts, BACKOFF_MS, BACKOFF_MAX_MS);
}

void
copy_remark (struct copy_job *job, const char *fmt, ...)
{
  struct copy_run *run = job->run;
  char *text;
  va_list args;
  int r;

  va_start (args, fmt);
  r = vasprintf (&text, fmt, args);
  va_end (args);
  if (r == -1)
    return;
  pthread_mutex_lock (&run->lock);
  free (run->remark);
  run->remark = text;
  run->remark_disk = job->disk->index;
  pthread_mutex_unlock (&run->lock);
}

void
copy_retried (struct copy_job *job, const char *fmt, ...)
{
  char text[COPY_FIRST_ERROR];
  va_list args;

  va_start (args, fmt);
  vsnprintf (text, sizeof text, fmt, args);
  va_end (args);
  atomic_fetch_add (&job->counters.retries, 1);
  pthread_mutex_lock (&job->run->lock);
  if (job->first_error[0] == '\0')
    memcpy (job->first_error, text, sizeof text);
  pthread_mutex_unlock (&job->run->lock);
  copy_remark (job, "%s", text);
}

static void
tell_remark (struct copy_run *run)
{
  CLEANUP_FREE char *text = NULL;
  int disk;

  pthread_mutex_lock (&run->lock);
  text = STEAL (run->remark);
  disk = run->remark_disk;
  pthread_mutex_unlock (&run->lock);
  if (text != NULL)
    events_say (run->events, EVENT_INFO, disk, "%s", text);
}

/* All threads find out at once: those that wait are woken by stop_wake or
 * by main, which holds the list of them.
 */
void
copy_stop (struct copy_run *run)
{
  atomic_store (&run->stop, true);
  wake_up (&run->stop_wake);
  wake_up (&run->main_wake);
}

void
copy_fail (struct copy_job *job, struct error *err)
{
  struct copy_run *run = job->run;

  pthread_mutex_lock (&run->lock);
  if (!error_is_set (&run->err)) {
    error_move (&run->err, err);
    if (run->err.disk == -1)
      run->err.disk = job->disk->index;
  }
  pthread_mutex_unlock (&run->lock);
  copy_stop (run);
}

static void
interrupt_all (struct copy_run *run)
{
  for (unsigned i = 0; i < run->n; i++) {
    job_wake (&run->jobs[i]);
    if (run->jobs[i].disk->target != NULL)
      target_interrupt (run->jobs[i].disk->target);
  }
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

/* Has anything moved lately? */
static int
check_stall (struct copy_run *run, struct error *err)
{
  const struct copy_settings *settings = run->settings;
  const int64_t now_ms = clock_ms ();
  /* Workers retry what stalls; this is for what they cannot retry. */
  const int64_t limit_ms = (int64_t) settings->stall_timeout_s * 1000 *
    ((int64_t) settings->retries + 1) + BACKOFF_MAX_MS;
  uint64_t moved = 0;

  for (unsigned i = 0; i < run->n; i++) {
    const struct counters *counters = &run->jobs[i].counters;

    moved += atomic_load (&counters->done) + atomic_load (&counters->read) +
      atomic_load (&counters->listed) + atomic_load (&counters->written) +
      atomic_load (&counters->retries) +
      (run->jobs[i].state == JOB_ENDED);
  }
  if (moved != run->moved || run->moved_ms == 0) {
    run->moved = moved;
    run->moved_ms = now_ms;
  }
  if (settings->stall_timeout_s == 0 || now_ms - run->moved_ms < limit_ms)
    return 0;
  return error_set (err, REASON_STALLED,
                    _("nothing has been copied for %" PRId64 " seconds"),
                    (now_ms - run->moved_ms) / 1000);
}

static int
tick_jobs (struct copy_run *run, struct progress *progress, struct error *err)
{
  for (unsigned i = 0; i < run->n; i++) {
    struct copy_job *job = &run->jobs[i];

    if (job_tick (job, err) == -1) {
      err->disk = job->disk->index;
      return -1;
    }
    if (job->state == JOB_RUNNING && atomic_load (&job->finished) &&
        !copy_stopped (run)) {
      job_end (job);
      if (!copy_stopped (run))
        progress_job (progress, job);
    }
  }
  return 0;
}

/* Is what fails worth another attempt? */
static int
watch_jobs (struct copy_run *run, struct error *err)
{
  const struct copy_hooks *hooks = run->settings->hooks;

  for (unsigned i = 0; hooks != NULL && i < run->n; i++) {
    struct copy_job *job = &run->jobs[i];

    if (job->state == JOB_RUNNING && !atomic_load (&job->finished) &&
        hooks->watch (hooks->data, i, job_is_stuck (job), err) == -1) {
      err->disk = job->disk->index;
      return -1;
    }
  }
  return 0;
}

static bool
main_is_needed (void *data)
{
  const struct copy_run *run = data;

  return wake_wait (&run->main_wake, 0);
}

static void
ignore_wake (void *data __attribute__ ((unused)),
             short revents __attribute__ ((unused)))
{
}

static int
main_loop (struct copy_run *run, struct progress *progress,
           struct error *err)
{
  while (!copy_stopped (run)) {
    if (start_jobs (run, err) == -1 || tick_jobs (run, progress, err) == -1)
      return -1;
    if (count_jobs (run, JOB_ENDED) == run->n)
      return copy_stopped (run) ? -1 : 0;
    tell_remark (run);
    progress_tick (progress, run);
    if (check_stall (run, err) == -1 || watch_jobs (run, err) == -1 ||
        supervisor_wait (run->sv, main_is_needed, run,
                         clock_ms () + TICK_MS, err) == -1)
      return -1;
    wake_clear (&run->main_wake);
  }
  return -1;
}

static int
run_init (struct copy_run *run, const struct copy_disk *disks,
          struct copy_result *results, struct error *err)
{
  pthread_mutex_init (&run->lock, NULL);
  run->main_wake.fd = run->stop_wake.fd = -1;
  run->jobs = calloc (run->n + 1, sizeof run->jobs[0]);
  if (run->jobs == NULL)
    return error_nomem (err);
  for (unsigned i = 0; i < run->n; i++) {
    results[i] = (struct copy_result) { .read = 0 };
    if (disks[i].target != NULL)
      target_set_patience (disks[i].target, run->settings->retries,
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
  return supervisor_watch (run->sv, run->main_wake.fd, POLLIN, ignore_wake,
                           run, err);
}

static void
run_reset (struct copy_run *run)
{
  if (run->main_wake.fd != -1)
    supervisor_unwatch (run->sv, run->main_wake.fd);
  wake_reset (&run->main_wake);
  wake_reset (&run->stop_wake);
  for (unsigned i = 0; run->jobs != NULL && i < run->n; i++)
    job_reset (&run->jobs[i]);
  free (run->jobs);
  buffers_free (run->buffers);
  free (run->remark);
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

static bool
is_kept (const struct copy_job *job)
{
  return !job->keeps || !atomic_load (&job->keeper_last) ||
    atomic_load (&job->keeper_done);
}

/* End all threads, whatever they are doing.  What is complete is made
 * durable before, as far as the target is able to in so short a time.
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
      job_keep_last (&run->jobs[i]);
  wait_until (run, is_kept, GRACE_MS);
  interrupt_all (run);
  for (unsigned i = 0; i < run->n; i++)
    job_end (&run->jobs[i]);
}

static int
run_all (struct copy_run *run, struct error *err)
{
  struct progress progress;
  int r;

  if (progress_init (&progress, run, err) == -1)
    return -1;
  r = main_loop (run, &progress, err);
  if (r == -1) {
    stop_all (run);
    if (!error_is_set (err))
      error_move (err, &run->err);
    if (run->n > 1 && err->disk != -1 && error_is_set (err))
      error_wrap (err, _("disk %d"), err->disk);
  }
  tell_remark (run);
  if (r == 0)
    progress_whole (&progress, run);
  progress_reset (&progress);
  return r;
}

int
copy_run (const struct copy_disk *disks, unsigned n,
          const struct copy_settings *settings, struct supervisor *sv,
          const struct events *events, struct copy_result *results,
          struct error *err)
{
  struct copy_run run = {
    .settings = settings, .sv = sv, .events = events, .n = n,
    .err = ERROR_INIT,
  };
  int r = run_init (&run, disks, results, err);

  if (r == 0)
    r = run_all (&run, err);
  run_reset (&run);
  return r;
}
