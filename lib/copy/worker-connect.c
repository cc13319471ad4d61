/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A worker's connections: made, refused, lost.  What becomes of the requests
 * that were on a lost one is for retry.c.
 */

#include <config.h>

#include "base/clock.h"
#include "copy/buffers.h"
#include "copy/retry.h"
#include "copy/run.h"
#include "copy/worker-connect.h"
#include "io/nbd-conn.h"

/* While the lister has the only connection that the source stands. */
#define TURN_WAIT_MS 10

static void
set_connected (struct worker *w, struct connection *conn, bool connected)
{
  if (conn != &w->connections[BASE] || conn->counted == connected)
    return;
  conn->counted = connected;
  if (connected)
    atomic_fetch_add (&w->job->counters.connected, 1);
  else
    atomic_fetch_sub (&w->job->counters.connected, 1);
}

static int
open_side (struct worker *w, enum side side, struct error *err)
{
  const struct copy_disk *disk = w->job->disk;
  struct conn *conn = &w->connections[side].conn;

  if (side == BASE && disk->base_path != NULL)
    return conn_open_file (conn, disk->base_path, err);
  return conn_open_nbd (conn, side == BASE ? disk->base_uri
                        : disk->overlay_uri, w->job->run->stop_wake.fd,
                        w->job->run->settings->stall_timeout_s, err);
}

static int
connect_side (struct worker *w, enum side side, struct error *err)
{
  struct connection *conn = &w->connections[side];

  if (open_side (w, side, err) == -1)
    return -1;
  conn->failures = 0;
  if (side == BASE && copy_check_base (w->job, conn->conn.size, err) == -1) {
    conn_close (&conn->conn);
    return -1;
  }
  set_connected (w, conn, true);
  return 0;
}

/* All but the last worker may leave when the source refuses them. */
static bool
may_leave (struct worker *w)
{
  unsigned alive = atomic_load (&w->job->alive);

  while (alive > 1)
    if (atomic_compare_exchange_weak (&w->job->alive, &alive, alive - 1))
      return true;
  return false;
}

static enum connected
refused (struct worker *w, enum side side, struct error *failure)
{
  struct connection *conn = &w->connections[side];
  const unsigned retries = w->job->run->settings->retries;

  if (copy_stopped (w->job->run))
    return LATER;
  if (failure->reason == REASON_SOURCE_CHANGED)
    return FAILED;
  if (side == BASE && may_leave (w)) {
    atomic_fetch_add (&w->job->counters.refused, 1);
    return LEAVE;
  }
  if (conn->refusals >= retries)
    return FAILED;
  retry_note (w->job, "%s", failure->message);
  conn->not_before_ms = clock_ms () + retry_pause_ms (conn->refusals++);
  return LATER;
}

enum connected
worker_connect (struct worker *w, enum side side, struct error *err)
{
  struct connection *conn = &w->connections[side];
  CLEANUP_ERROR struct error failure = ERROR_INIT;
  enum connected r;

  if (conn_is_open (&conn->conn))
    return CONNECTED;
  if (clock_ms () < conn->not_before_ms)
    return LATER;
  if (side == BASE && atomic_load (&w->job->turn) == TURN_LISTER) {
    conn->not_before_ms = clock_ms () + TURN_WAIT_MS;
    return LATER;
  }
  if (connect_side (w, side, &failure) == 0)
    return CONNECTED;
  r = refused (w, side, &failure);
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

int
worker_disconnect (struct worker *w, enum side side, int errnum,
                   struct error *err)
{
  struct connection *conn = &w->connections[side];
  int r = 0;

  set_connected (w, conn, false);
  conn_close (&conn->conn);     /* from here on nothing writes to buffers */
  for (unsigned i = 0; i < SLOTS; i++) {
    struct slot *slot = &w->slots[i];

    if (slot->state != SLOT_READING || slot->side != side)
      continue;
    if (r == 0)
      r = retry_read (w->job, &slot->request, errnum, err);
    worker_release (w, slot);
  }
  conn->reading = 0;
  conn->closing = false;
  return r;
}

void
worker_leave_base (struct worker *w)
{
  struct connection *conn = &w->connections[BASE];

  set_connected (w, conn, false);
  nbd_conn_leave (&conn->conn.h);
}

void
worker_close (struct worker *w, enum side side)
{
  set_connected (w, &w->connections[side], false);
  conn_close (&w->connections[side].conn);
}
