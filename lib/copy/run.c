/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What every thread of a copy may do: let the copy fail, or stop it.  What
 * only the main thread does is left to copy.c.
 */

#include <config.h>

#include <errno.h>
#include <inttypes.h>
#include <sys/param.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/local-file.h"
#include "base/lock.h"
#include "copy/connection.h"
#include "copy/run.h"
#include "io/nbd-conn.h"

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

/* Of sources that take seconds for each connection the longest time counts. */
static void
note_connected (struct copy_job *job, int64_t start_ms)
{
  const int took_ms = (int) (clock_ms () - start_ms);
  int known_ms = atomic_load (&job->connect_ms);

  while (took_ms > known_ms &&
         !atomic_compare_exchange_weak (&job->connect_ms, &known_ms, took_ms))
    ;
}

struct connecting {
  const struct copy_job *job;
  int64_t start_ms;
};

/* While others are connected to the base there is no use in waiting longer. */
static bool
is_one_too_many (void *data)
{
  const struct connecting *connecting = data;
  const struct copy_job *job = connecting->job;
  const int first_ms = atomic_load (&job->connect_ms);

  return job->disk->base_file == NULL &&
    (job->disk->single_uri == NULL || atomic_load (&job->base_connected)) &&
    (atomic_load (&job->counters.connected) > 0 ||
     atomic_load (&job->lister_connected)) &&
    clock_ms () - connecting->start_ms >= nbd_conn_another_ms
    (job->run->settings->stall_timeout_s, first_ms);
}

bool
copy_may_ask (struct copy_job *job, int64_t *when_ms)
{
  const unsigned pace_ms = job->disk->pace_ms;
  int64_t next_ms = atomic_load (&job->next_ms);
  const int64_t now_ms = clock_ms ();

  if (pace_ms == 0)
    return true;
  if (now_ms >= next_ms &&
      atomic_compare_exchange_strong (&job->next_ms, &next_ms,
                                      now_ms + pace_ms))
    return true;
  *when_ms = MAX (next_ms, now_ms + 1);
  return false;
}

/* To connect is to ask, too: most plugins open the source then. */
static void
await_turn (struct copy_job *job, enum side side)
{
  int64_t when_ms;

  while (side == BASE && !copy_stopped (job->run) &&
         !copy_may_ask (job, &when_ms))
    wake_wait (&job->run->stop_wake, (int) (when_ms - clock_ms ()));
}

int
copy_connect (struct copy_job *job, struct conn *conn, enum side side,
              bool single, const char *const *contexts, struct error *err)
{
  const struct copy_run *run = job->run;
  const struct copy_disk *disk = job->disk;
  struct connecting connecting = { .job = job };
  struct nbd_wait wait = {
    .wake_fd = run->stop_wake.fd,
    .give_up = side == BASE && !single ? is_one_too_many : NULL,
    .data = &connecting,
  };

  await_turn (job, side);
  connecting.start_ms = clock_ms ();
  wait.deadline_ms = connecting.start_ms +
    nbd_conn_timeout_ms (run->settings->stall_timeout_s);
  if (conn_open_nbd (conn, single ? disk->single_uri
                     : side == BASE ? disk->base_uri : disk->overlay_uri,
                     contexts, &wait, err) == -1)
    return -1;
  if (side == BASE && !single) {
    note_connected (job, connecting.start_ms);
    atomic_store (&job->base_connected, true);
  }
  return 0;
}

/* What was opened when the disk was found, whatever has its name now. */
int
copy_open_file (struct copy_job *job, struct error *err)
{
  const struct local_file *file = job->disk->base_file;
  off_t size;

  if (file == NULL)
    return 0;
  size = lseek (file->fd, 0, SEEK_END); /* also of a block device */
  if (size == -1)
    return error_errno (err, REASON_READ, "%s", file->path);
  job->base_file_size = (uint64_t) size;
  return copy_check_base (job, job->base_file_size, err);
}

int
copy_check_file (const struct copy_job *job, struct error *err)
{
  const struct local_file *file = job->disk->base_file;
  off_t size;

  if (file == NULL)
    return 0;
  size = lseek (file->fd, 0, SEEK_END);
  if (size == -1)
    return error_errno (err, REASON_READ, "%s", file->path);
  if ((uint64_t) size == job->base_file_size &&
      local_file_is_at (file, file->path))
    return 0;
  error_set (err, REASON_SOURCE_CHANGED,
             _("%s was changed while it was copied"), file->path);
  error_hint (err, _("nothing may write to the source during the copy: shut "
                     "down the guest, and start again"));
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
