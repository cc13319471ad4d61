/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A worker's connections: opened, refused, lost.  The retry of requests that
 * were in flight on a lost connection is left to retry.c.
 */

#include <config.h>

#include "base/clock.h"
#include "base/local-file.h"
#include "copy/buffers.h"
#include "copy/retry.h"
#include "copy/run.h"
#include "copy/worker-internal.h"
#include "io/nbd-conn.h"

/* How often to look whether the lister has closed the only connection that
 * the source allows.
 */
#define TURN_WAIT_MS 10

static void
set_connected (struct worker *w, struct link *link, bool connected)
{
  if (link->side != BASE || link->counted == connected)
    return;
  link->counted = connected;
  atomic_fetch_add (&w->job->counters.connected, connected ? 1U : -1U);
}

/* The first worker reads while the others are still connecting. */
static bool
wants_single (struct copy_job *job, enum side side)
{
  if (side != BASE || job->disk->single_uri == NULL)
    return false;
  return atomic_load (&job->only_single) ||
    (!atomic_load (&job->single_failed) &&
     !atomic_exchange (&job->single_taken, true));
}

static int
connect_link (struct worker *w, struct link *link, struct error *err)
{
  const struct copy_disk *disk = w->job->disk;
  struct conn *conn = &link->conn;
  int r;

  link->single = wants_single (w->job, link->side);
  r = link->side == BASE && disk->base_file != NULL
    ? conn_open_file (conn, disk->base_file->fd, w->job->base_file_size, err)
    : copy_connect (w->job, conn, link->side, link->single, NULL, err);
  if (r == -1)
    return -1;
  link->failures = 0;
  if (link->side == BASE &&
      copy_check_base (w->job, conn->size, err) == -1) {
    conn_close (conn);
    return -1;
  }
  set_connected (w, link, true);
  return 0;
}

/* A worker that the source refuses may end, unless it is the last one. */
static bool
may_leave (struct worker *w)
{
  unsigned alive = atomic_load (&w->job->alive);

  while (alive > 1)
    if (atomic_compare_exchange_weak (&w->job->alive, &alive, alive - 1))
      return true;
  return false;
}

/* The last worker cannot connect while the lister is connected: the source may
 * allow one connection.  Has the lister been asked to leave it?
 */
static bool
ask_lister (struct copy_job *job)
{
  enum turn turn = TURN_ALL;

  if (!atomic_load (&job->lister_connected) ||
      !atomic_compare_exchange_strong (&job->turn, &turn, TURN_LISTER))
    return false;
  atomic_store (&job->max_workers, 1);
  wake_up (&job->lister_wake);
  return true;
}

/* No worker has ever connected, although others seemed to be welcome. */
static bool
take_single (struct copy_job *job)
{
  return job->disk->single_uri != NULL &&
    !atomic_load (&job->base_connected) &&
    !atomic_exchange (&job->only_single, true);
}

bool
worker_yield_base (struct worker *w)
{
  struct link *link = &w->links[BASE];

  if (atomic_load (&w->job->turn) != TURN_LISTER)
    return false;
  if (link->conn.h != NULL && link->reading == 0)
    worker_leave_base (w);
  link->not_before_ms = clock_ms () + TURN_WAIT_MS;
  return true;
}

bool
worker_is_superfluous (struct worker *w)
{
  if (!w->leaving && atomic_load (&w->index) >=
      atomic_load (&w->job->max_workers))
    w->leaving = may_leave (w);
  return w->leaving;
}

static enum connected
refused (struct worker *w, struct link *link, const struct error *failure)
{
  if (copy_stopped (w->job->run))
    return LATER;
  if (failure->reason == REASON_SOURCE_CHANGED)
    return FAILED;
  if (link->side == BASE && may_leave (w)) {
    atomic_fetch_add (&w->job->counters.refused, 1);
    return LEAVE;
  }
  if (link->side == BASE && (take_single (w->job) || ask_lister (w->job))) {
    link->not_before_ms = clock_ms () + TURN_WAIT_MS;
    return LATER;
  }
  if (link->refusals >= w->job->run->settings->retries)
    return FAILED;
  retry_note (w->job, "%s", failure->message);
  link->not_before_ms = clock_ms () + retry_pause_ms (link->refusals++);
  return LATER;
}

enum connected
worker_connect (struct worker *w, struct link *link, struct error *err)
{
  CLEANUP_ERROR struct error failure = ERROR_INIT;
  enum connected r;

  if (link->side == BASE && worker_yield_base (w))
    return LATER;
  if (conn_is_open (&link->conn))
    return CONNECTED;
  if (clock_ms () < link->not_before_ms)
    return LATER;
  if (connect_link (w, link, &failure) == 0)
    return CONNECTED;
  r = refused (w, link, &failure);
  if (r == FAILED)
    error_move (err, &failure);
  return r;
}

void
worker_release (struct worker *w, struct slot *slot)
{
  buffers_put (w->job->run->buffers, slot->buf, slot->buf_size);
  slot->buf = NULL;
  slot->state = SLOT_FREE;
}

/* The slots whose reads are in flight on the link. */
static unsigned
in_flight (struct worker *w, const struct link *link,
           struct slot *slots[static SLOTS])
{
  unsigned n = 0;

  for (unsigned i = 0; i < SLOTS; i++)
    if (w->slots[i].state == SLOT_READING && w->slots[i].link == link)
      slots[n++] = &w->slots[i];
  return n;
}

int
worker_disconnect (struct worker *w, struct link *link, int errnum,
                   struct error *err)
{
  struct slot *lost[SLOTS];
  const unsigned n = in_flight (w, link, lost);
  int r = 0;

  /* libnbd no longer writes to buffers.  1.22 completes what it ends, with an
   * error of its own; 1.14 does not.
   */
  worker_close (w, link);
  for (unsigned i = 0; i < n; i++) {
    if (r == 0)
      r = retry_read (w->job, &lost[i]->request, errnum, err);
    worker_release (w, lost[i]);
  }
  link->reading = 0;
  link->closing = false;
  return r;
}

void
worker_leave_base (struct worker *w)
{
  set_connected (w, &w->links[BASE], false);
  nbd_conn_leave (&w->links[BASE].conn.h);
}

void
worker_close (struct worker *w, struct link *link)
{
  set_connected (w, link, false);
  conn_close (&link->conn);
}

void
worker_poll (struct worker *w, int wake_fd, int timeout_ms)
{
  struct nbd_handle *const handles[SIDES] = {
    w->links[BASE].conn.h, w->links[OVERLAY].conn.h };

  nbd_conn_poll (handles, SIDES, wake_fd, timeout_ms);
}
