/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a worker reads: requests from the queue are put to work on their
 * connection, and what has come is delivered.
 */

#include <config.h>

#include <inttypes.h>
#include <sys/param.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "copy/buffers.h"
#include "copy/deliver.h"
#include "copy/retry.h"
#include "copy/run.h"
#include "copy/worker-read.h"

/* qemu-nbd on this host: latency is no matter, its coroutines are. */
#define OVERLAY_IN_FLIGHT 4
/* With no buffer to be had (another disk's workers have them all). */
#define MEMORY_WAIT_MS 5
/* A connection on which this many reads in a row failed is opened anew: for
 * most plugins that is a new session with the source.
 */
#define FAILURES_RECONNECT 2

static int
read_completed (void *data, int *error)
{
  struct slot *slot = data;

  slot->error = *error;
  slot->state = SLOT_READ;
  return 1;                     /* retire the command */
}

static struct slot *
free_slot (struct worker *w)
{
  for (unsigned i = 0; i < SLOTS; i++)
    if (w->slots[i].state == SLOT_FREE)
      return &w->slots[i];
  return NULL;
}

/* Widen the request to what the server can read: whole blocks. */
static void
align_read (struct slot *slot, const struct conn *conn)
{
  const struct request *request = &slot->request;
  const uint64_t end = request->offset + request->len;
  const uint64_t up = (end + conn->align - 1) / conn->align * conn->align;

  slot->from = request->offset / conn->align * conn->align;
  slot->len = (uint32_t) (MIN (up, MAX (conn->size, end)) - slot->from);
}

/* 1: reading; 0: not now. */
static int
start_read (struct worker *w, struct slot *slot)
{
  struct connection *conn = &w->connections[slot->side];
  const nbd_completion_callback callback = {
    .callback = read_completed, .user_data = slot,
  };

  align_read (slot, &conn->conn);
  slot->buf_size = buffers_size (slot->len);
  slot->buf = buffers_get (w->job->run->buffers, slot->buf_size);
  if (slot->buf == NULL)
    return 0;
  slot->state = SLOT_READING;
  slot->error = 0;
  slot->start_ms = clock_ms ();
  conn->reading++;
  if (conn_read (&conn->conn, slot->buf, slot->len, slot->from,
                 callback) == -1) {
    slot->error = nbd_get_errno () != 0 ? nbd_get_errno () : EIO;
    slot->state = SLOT_READ;
  }
  return 1;
}

struct slot *
worker_next_read (struct worker *w)
{
  struct slot *first = NULL;

  for (unsigned i = 0; i < SLOTS; i++) {
    struct slot *slot = &w->slots[i];

    if (slot->state == SLOT_READ &&
        (first == NULL || slot->request.offset < first->request.offset))
      first = slot;
  }
  return first;
}

/* How many reads may be in flight on the side. */
static unsigned
allowed (const struct worker *w, enum side side)
{
  return side == OVERLAY ? OVERLAY_IN_FLIGHT
    : atomic_load_explicit (&w->job->in_flight, memory_order_relaxed);
}

/* What a file gave is written while it is in the processor's cache. */
static bool
may_read (struct worker *w, enum side side)
{
  const struct connection *conn = &w->connections[side];

  return conn_is_file (&conn->conn) ? worker_next_read (w) == NULL
    : conn->reading < allowed (w, side);
}

/* Take a request, unless one is held.  As queue_take. */
static int
take (struct worker *w, int *wait_ms)
{
  const struct connection *base = &w->connections[BASE];
  uint32_t max = atomic_load_explicit (&w->job->request,
                                       memory_order_relaxed);
  int r;

  if (w->holds)
    return 1;
  if (conn_is_open (&base->conn))
    max = MIN (max, base->conn.max);
  r = queue_take (w->job->queue, max, &w->wake, &w->held, wait_ms);
  w->holds = r == 1;
  return r;
}

static int
later (int64_t when_ms, int *wait_ms)
{
  const int64_t left_ms = when_ms - clock_ms ();

  *wait_ms = (int) MIN ((int64_t) *wait_ms, MAX (left_ms, INT64_C (1)));
  return 0;
}

/* Put the held request to work.  1: done; 0: not now; -1: failed or leave
 * (without an error).
 */
static int
put_to_work (struct worker *w, int *wait_ms, struct error *err)
{
  struct slot *slot;
  enum side side;

  if (w->held.kind == PIECE_ZERO) {
    w->holds = false;
    return deliver_zero (w->job, &w->held, err) == 0 ? 1 : -1;
  }
  side = w->held.kind == PIECE_OVERLAY ? OVERLAY : BASE;
  slot = free_slot (w);
  if (slot == NULL || !may_read (w, side))
    return 0;
  if (w->connections[side].closing) {
    if (w->connections[side].reading > 0)
      return 0;
    worker_disconnect (w, side, ENOTCONN, err);
  }
  switch (worker_connect (w, side, err)) {
  case CONNECTED:
    break;
  case LATER:
    return later (w->connections[side].not_before_ms, wait_ms);
  case LEAVE:
  case FAILED:
    return -1;
  }
  slot->side = side;
  slot->request = w->held;
  if (start_read (w, slot) == 0)
    return later (clock_ms () + MEMORY_WAIT_MS, wait_ms);
  w->holds = false;
  return 1;
}

/* Is this worker one of those that the tuner wants? */
static bool
is_wanted (const struct worker *w)
{
  return atomic_load (&w->index) < atomic_load (&w->job->connections);
}

/* Out of work: the lister's turn, if it must not have one of its own. */
static void
let_lister_connect (struct worker *w)
{
  struct connection *conn = &w->connections[BASE];
  enum turn turn = TURN_WORKER;

  if (atomic_load (&w->job->turn) != TURN_WORKER || conn->reading > 0)
    return;
  worker_leave_base (w);
  if (atomic_compare_exchange_strong (&w->job->turn, &turn, TURN_LISTER))
    wake_up (&w->job->lister_wake);
}

int
worker_fill (struct worker *w, int *wait_ms, struct error *err)
{
  int r;

  while (!copy_stopped (w->job->run)) {
    if (!w->holds && !is_wanted (w))
      return atomic_load (&w->job->finished) ? 0 : 1;
    r = take (w, wait_ms);
    if (r == 0)
      let_lister_connect (w);
    if (r != 1)
      return r == -1 ? 0 : 1;
    r = put_to_work (w, wait_ms, err);
    if (r != 1)
      return r == 0 ? 1 : -1;
  }
  return 1;
}

/*--- What has come. ---*/

static void
note_latency (struct worker *w, const struct slot *slot)
{
  const unsigned took_ms = (unsigned) (clock_ms () - slot->start_ms);
  const unsigned before = atomic_load (&w->job->counters.latency_ms);

  atomic_store (&w->job->counters.latency_ms, (before * 7 + took_ms) / 8);
}

static int
read_failed (struct worker *w, struct slot *slot, struct error *err)
{
  struct connection *conn = &w->connections[slot->side];
  const enum side side = slot->side;
  const int errnum = slot->error;
  int r;

  /* What lies behind the last whole block cannot be asked for at all. */
  if (errnum == EINVAL && slot->len % conn->conn.align != 0) {
    error_set (err, REASON_UNSUPPORTED,
               _("the source reads blocks of %" PRIu32 " bytes only, and its "
                 "size is no multiple of that"), conn->conn.align);
    error_hint (err, _("nbdkit's filter 'truncate' with round-up=%" PRIu32
                       " makes it one"), conn->conn.align);
    worker_release (w, slot);
    return -1;
  }
  r = retry_read (w->job, &slot->request, errnum, err);
  worker_release (w, slot);
  if (r == 0 && conn_is_open (&conn->conn)) {
    if (!conn_alive (&conn->conn))
      r = worker_disconnect (w, side, ENOTCONN, err);
    else if (++conn->failures >= FAILURES_RECONNECT)
      conn->closing = true;
  }
  return r;
}

static void
note_read (struct worker *w, struct slot *slot)
{
  atomic_fetch_add (&w->job->counters.read, slot->len);
  atomic_fetch_add (&w->job->counters.reads, 1);
  note_latency (w, slot);
}

int
worker_handle_read (struct worker *w, struct slot *slot, struct error *err)
{
  struct connection *conn = &w->connections[slot->side];
  const struct request request = slot->request;
  int r;

  if (slot->error != 0)
    return read_failed (w, slot, err);
  note_read (w, slot);
  conn->failures = 0;
  conn->refusals = 0;
  r = deliver_data (w->job, &request,
                    slot->buf + (request.offset - slot->from), err);
  worker_release (w, slot);
  return r;
}

void
worker_count_reads (struct worker *w)
{
  for (enum side side = BASE; side < SIDES; side++)
    w->connections[side].reading = 0;
  for (unsigned i = 0; i < SLOTS; i++)
    if (w->slots[i].state == SLOT_READING)
      w->connections[w->slots[i].side].reading++;
}

bool
worker_is_reading (const struct worker *w)
{
  return w->connections[BASE].reading + w->connections[OVERLAY].reading > 0;
}
