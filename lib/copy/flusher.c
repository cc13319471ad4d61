/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The flusher: a thread that flushes the target every few seconds and then
 * reports the segments that were complete before.  One flush is for all of
 * these; the kernel began to write them back when they were completed (see
 * deliver.c), so that little is left to wait for.  Recording what is stored is
 * left to the caller's hook.
 */

#include <config.h>

#include <sys/param.h>

#include "copy/queue.h"
#include "copy/run.h"
#include "target/target.h"

/* The first flushes come sooner, so that a copy that is interrupted early can
 * be resumed, too.
 */
#define INTERVAL_MS 1000
#define INTERVAL_MAX_MS 5000

static int
flush (struct copy_job *job, struct error *err)
{
  const struct copy_hooks *hooks = job->run->hooks;
  struct target *target = job->disk->target;
  struct ranges ranges;
  int r = 0;

  queue_take_completed (job->queue, &ranges);
  if (ranges.len > 0) {
    if (target != NULL)
      r = target_flush (target, err);
    if (r == 0)
      r = hooks->stored (hooks->data, (unsigned) (job - job->run->jobs),
                         &ranges, err);
  }
  ranges_reset (&ranges);
  return r;
}

/* After a flush has failed the kernel may let the next one succeed although
 * data was lost; so there is no next one.
 */
void *
flusher_main (void *data)
{
  struct copy_job *job = data;
  CLEANUP_ERROR struct error err = ERROR_INIT;
  int interval_ms = INTERVAL_MS;
  bool last;
  int r;

  do {
    wake_wait (&job->flusher_wake, interval_ms);
    interval_ms = MIN (interval_ms + INTERVAL_MS, INTERVAL_MAX_MS);
    wake_clear (&job->flusher_wake);
    last = atomic_load (&job->flusher_last);
    r = last || !copy_stopped (job->run) ? flush (job, &err) : 0;
  } while (!last && r == 0);
  if (r == -1)
    copy_fail (job, &err);
  atomic_store (&job->flusher_done, true);
  return NULL;
}
