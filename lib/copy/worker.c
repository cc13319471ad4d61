/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A worker: a thread with a connection to the base and, when it is needed, one
 * to the overlay.  It keeps several reads in flight, and writes what has been
 * read while the server works on the next ones.  The parts of this are in
 * worker-connect.c, worker-read.c and deliver.c; how many workers there are is
 * left to job.c.
 */

#include <config.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "copy/run.h"
#include "copy/worker-internal.h"
#include "copy/worker.h"

#define DRAIN_MS 300

/* Close connections that have died, or on which a read takes too long. */
static int
check_connections (struct worker *w, struct error *err)
{
  const unsigned timeout_s = w->job->run->settings->stall_timeout_s;
  const int64_t limit_ms = timeout_s == 0 ? INT64_MAX
    : (int64_t) timeout_s * 1000;

  for (unsigned i = 0; i < SLOTS; i++) {
    const struct slot *slot = &w->slots[i];
    const bool alive = slot->state != SLOT_READING ||
      conn_alive (&slot->link->conn);

    if (slot->state == SLOT_READING &&
        (!alive || slot->waited_ms >= limit_ms) &&
        worker_disconnect (w, slot->link, alive ? ETIMEDOUT : ENOTCONN,
                           err) == -1)
      return -1;
  }
  return 0;
}

static bool
is_reading (const struct worker *w)
{
  return w->links[BASE].reading + w->links[OVERLAY].reading > 0;
}

static void
wait_for_events (struct worker *w, int timeout_ms)
{
  const int64_t start_ms = clock_ms ();

  worker_poll (w, w->wake.fd, timeout_ms);
  wake_clear (&w->wake);
  for (unsigned i = 0; i < SLOTS; i++)
    if (w->slots[i].state == SLOT_READING)
      w->slots[i].waited_ms += clock_ms () - start_ms;
}

static int
work (struct worker *w, struct error *err)
{
  while (!copy_stopped (w->job->run)) {
    int wait_ms = 1000;
    struct slot *slot;
    int r;

    r = worker_fill (w, &wait_ms, err);
    slot = worker_next_read (w);
    if (r == -1 || (r == 0 && slot == NULL && !is_reading (w)))
      return r;
    wait_for_events (w, slot != NULL ? 0 : wait_ms);
    if (slot != NULL && worker_handle_read (w, slot, err) == -1)
      return -1;
    if (check_connections (w, err) == -1)
      return -1;
  }
  return 0;
}

/* Wait for replies (see nbd_conn_close), but not for long, because the copy
 * may have been interrupted.
 */
static void
drain (struct worker *w)
{
  const int64_t until_ms = clock_ms () + DRAIN_MS;

  while (is_reading (w) && clock_ms () < until_ms)
    worker_poll (w, -1, (int) (until_ms - clock_ms ()));
}

static void
give_back (struct worker *w, const struct request *request)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;

  if (queue_put_back (w->job->queue, request, &err) == -1)
    copy_fail (w->job, &err);
}

/* Put unfinished requests back in the queue, for other workers. */
static void
give_up_work (struct worker *w)
{
  if (w->has_held)
    give_back (w, &w->held);
  drain (w);
  for (enum side side = BASE; side < SIDES; side++)
    worker_close (w, &w->links[side]);
  for (unsigned i = 0; i < SLOTS; i++)
    if (w->slots[i].state != SLOT_FREE) {
      give_back (w, &w->slots[i].request);
      worker_release (w, &w->slots[i]);
    }
  queue_leave (w->job->queue, &w->wake);
}

/* The worker connects before there is something to read: with distant sources
 * that takes long.
 */
static void *
worker_main (void *data)
{
  struct worker *w = data;
  struct error err = ERROR_INIT;

  if (worker_connect (w, &w->links[BASE], &err) <= LATER)
    work (w, &err);
  give_up_work (w);
  if (error_is_set (&err))
    copy_fail (w->job, &err);
  error_reset (&err);
  atomic_store (&w->ended, true);
  wake_up (&w->job->run->main_wake);
  return NULL;
}

struct worker *
worker_start (struct copy_job *job, unsigned index, struct error *err)
{
  struct worker *w = alloc_zero (sizeof *w, err);

  if (w == NULL)
    return NULL;
  w->job = job;
  for (enum side side = BASE; side < SIDES; side++)
    w->links[side] = (struct link) { .side = side, .conn = { .fd = -1 } };
  atomic_init (&w->index, index);
  atomic_fetch_add (&job->alive, 1);
  if (copy_start_thread (&w->thread, worker_main, w, &w->wake, err) == 0)
    return w;
  atomic_fetch_sub (&job->alive, 1);
  free (w);
  return NULL;
}

void
worker_wake (struct worker *w, unsigned index)
{
  atomic_store (&w->index, index);
  wake_up (&w->wake);
}

bool
worker_ended (const struct worker *w)
{
  return atomic_load (&w->ended);
}

void
worker_join (struct worker *w)
{
  pthread_join (w->thread, NULL);
  wake_reset (&w->wake);
  free (w);
}
