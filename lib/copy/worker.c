/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A worker: a thread with a connection to the base, and one to the overlay
 * once it needs it.  It keeps several reads in flight and writes what has
 * come while the server works on the next.
 */

#include <config.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "copy/run.h"
#include "copy/worker.h"
#include "copy/worker-read.h"
#include "io/nbd-conn.h"

#define DRAIN_MS 300

/* A connection that has been silent for too long, or has died. */
static int
check_connections (struct worker *w, struct error *err)
{
  const unsigned timeout_s = w->job->run->settings->stall_timeout_s;
  const int64_t limit_ms = timeout_s == 0 ? INT64_MIN
    : clock_ms () - (int64_t) timeout_s * 1000;

  for (unsigned i = 0; i < SLOTS; i++) {
    const struct slot *slot = &w->slots[i];
    int errnum;

    if (slot->state != SLOT_READING)
      continue;
    if (!conn_alive (&w->connections[slot->side].conn))
      errnum = ENOTCONN;
    else if (slot->start_ms < limit_ms)
      errnum = ETIMEDOUT;
    else
      continue;
    if (worker_disconnect (w, slot->side, errnum, err) == -1)
      return -1;
  }
  return 0;
}

static void
wait_for_events (struct worker *w, int wait_ms)
{
  struct nbd_handle *handles[SIDES];

  for (enum side side = BASE; side < SIDES; side++)
    handles[side] = w->connections[side].conn.h;
  nbd_conn_poll (handles, SIDES, w->wake.fd, wait_ms);
  wake_clear (&w->wake);
}

static bool
is_idle (struct worker *w)
{
  return !worker_is_reading (w) && worker_next_read (w) == NULL;
}

static int
work (struct worker *w, struct error *err)
{
  while (!copy_stopped (w->job->run)) {
    int wait_ms = 1000;
    struct slot *slot;
    int r;

    worker_count_reads (w);
    r = worker_fill (w, &wait_ms, err);
    if (r == -1 || (r == 0 && is_idle (w)))
      return r;
    slot = worker_next_read (w);
    wait_for_events (w, slot != NULL ? 0 : wait_ms);
    if (slot != NULL) {
      if (worker_handle_read (w, slot, err) == -1)
        return -1;
    }
    if (check_connections (w, err) == -1)
      return -1;
  }
  return 0;
}

/* Let replies that are on their way come in (see nbd_conn_close), but not
 * for long: somebody wants us to end.
 */
static void
drain (struct worker *w)
{
  const int64_t until_ms = clock_ms () + DRAIN_MS;
  struct nbd_handle *handles[SIDES];

  for (;;) {
    const int64_t left_ms = until_ms - clock_ms ();

    worker_count_reads (w);
    for (enum side side = BASE; side < SIDES; side++) {
      handles[side] = w->connections[side].conn.h;
      if (!nbd_conn_alive (handles[side]))
        w->connections[side].reading = 0;
    }
    if (!worker_is_reading (w) || left_ms <= 0)
      return;
    nbd_conn_poll (handles, SIDES, -1, (int) left_ms);
  }
}

/* What was not finished is for others, unless all of it ends here. */
static void
give_up_work (struct worker *w)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;

  if (w->holds && queue_again (w->job->queue, &w->held, &err) == -1)
    copy_fail (w->job, &err);
  w->holds = false;
  drain (w);
  for (enum side side = BASE; side < SIDES; side++)
    worker_close (w, side);
  for (unsigned i = 0; i < SLOTS; i++) {
    struct slot *slot = &w->slots[i];

    if (slot->state == SLOT_FREE)
      continue;
    if (queue_again (w->job->queue, &slot->request, &err) == -1)
      copy_fail (w->job, &err);
    worker_release (w, slot);
  }
  queue_leave (w->job->queue, &w->wake);
}

/* The first connection is made before there is work for it: handshakes
 * with far sources take long.
 */
static void *
worker_main (void *data)
{
  struct worker *w = data;
  struct error err = ERROR_INIT;

  if (worker_connect (w, BASE, &err) <= LATER)
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

  if (w == NULL || wake_init (&w->wake, err) == -1) {
    free (w);
    return NULL;
  }
  w->job = job;
  for (enum side side = BASE; side < SIDES; side++)
    w->connections[side].conn.fd = -1;
  atomic_init (&w->index, index);
  atomic_fetch_add (&job->alive, 1);
  errno = pthread_create (&w->thread, NULL, worker_main, w);
  if (errno == 0)
    return w;
  error_errno (err, REASON_INTERNAL, "pthread_create");
  atomic_fetch_sub (&job->alive, 1);
  wake_reset (&w->wake);
  free (w);
  return NULL;
}

void
worker_renumber (struct worker *w, unsigned index)
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
worker_wake (struct worker *w)
{
  wake_up (&w->wake);
}

void
worker_join (struct worker *w)
{
  pthread_join (w->thread, NULL);
  wake_reset (&w->wake);
  free (w);
}
