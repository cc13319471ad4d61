/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What every thread of a copy may do: let the copy fail, or stop it.  What
 * only the main thread does is left to copy.c.
 */

#include <config.h>

#include <errno.h>
#include <inttypes.h>

#include "base/i18n.h"
#include "base/lock.h"
#include "copy/run.h"

/* All threads notice at once: those that wait are woken by stop_wake, or by
 * the main thread, which has the list of them.
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

int
copy_start_thread (pthread_t *thread, void *(*fn) (void *), void *data,
                   struct wake *wake, struct error *err)
{
  if (wake_init (wake, err) == -1)
    return -1;
  errno = pthread_create (thread, NULL, fn, data);
  if (errno == 0)
    return 0;
  error_errno (err, REASON_INTERNAL, "pthread_create");
  wake_reset (wake);
  return -1;
}

int
copy_check_base (struct copy_job *job, uint64_t size, struct error *err)
{
  uint64_t expected = UINT64_MAX;

  if (atomic_compare_exchange_strong (&job->base_size, &expected, size) ||
      expected == size)
    return 0;
  error_set (err, REASON_SOURCE_CHANGED,
             _("the size of the source changed from %" PRIu64 " to %" PRIu64
               " bytes"), expected, size);
  error_hint (err, _("nothing may write to the source during the copy: shut "
                     "down the guest, and start again"));
  return -1;
}
