/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a worker does with requests: they are taken from the queue and sent on
 * a connection, and what has been read is delivered.  Connections are left to
 * worker-connect.c, the retry of a failed read to retry.c.
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
#include "copy/worker-internal.h"

/* qemu-nbd is on this host: there is no latency to make up for, and it handles
 * only so many requests at once.
 */
#define OVERLAY_IN_FLIGHT 4
/* When all buffers are in use, by workers of other disks. */
#define MEMORY_WAIT_MS 5
/* After so many failed reads in a row a connection is closed and opened again:
 * with most plugins that makes a new session with the source.
 */
#define FAILURES_RECONNECT 2

static int
read_completed (void *data, int *error)
{
  struct slot *slot = data;

  slot->error = *error;
  slot->state = SLOT_READ;
  slot->link->reading--;
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

/* False: there is no buffer at the moment. */
static bool
start_read (struct worker *w, struct slot *slot)
{
  struct conn *conn = &slot->link->conn;
  const nbd_completion_callback callback = {
    .callback = read_completed, .user_data = slot,
  };

  align_read (slot, conn);
  slot->buf_size = buffers_size (slot->len);
  slot->buf = buffers_get (w->job->run->buffers, slot->buf_size);
  if (slot->buf == NULL)
    return false;
  slot->state = SLOT_READING;
  slot->start_ms = clock_ms ();
  slot->waited_ms = 0;
  slot->link->reading++;
  if (conn_read (conn, slot->buf, slot->len, slot->from, callback) == -1) {
    int error = nbd_get_errno () != 0 ? nbd_get_errno () : EIO;

    read_completed (slot, &error);
  }
  return true;
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

/* Data from a file is written at once, while it is in the processor's cache.
 */
static bool
may_read (struct worker *w, const struct link *link)
{
  if (conn_is_file (&link->conn))
    return worker_next_read (w) == NULL;
  return link->reading < (link->side == OVERLAY ? OVERLAY_IN_FLIGHT
    : atomic_load_explicit (&w->job->in_flight, memory_order_relaxed));
}

/* Take a request, unless one is held.  Returns what queue_take does. */
static int
take_request (struct worker *w, int *wait_ms)
{
  const struct conn *base = &w->links[BASE].conn;
  uint32_t max = atomic_load_explicit (&w->job->request,
                                       memory_order_relaxed);
  int r;

  if (w->has_held)
    return 1;
  if (conn_is_open (base))
    max = MIN (max, base->max);
  r = queue_take (w->job->queue, max, &w->wake, &w->held, wait_ms);
  w->has_held = r == 1;
  return r;
}

static int
try_later (int64_t when_ms, int *wait_ms)
{
  const int64_t left_ms = when_ms - clock_ms ();

  *wait_ms = (int) MIN ((int64_t) *wait_ms, MAX (left_ms, INT64_C (1)));
  return 0;
}

/* Begin to read the held request, or deliver it if it is not read.
 *   1  done
 *   0  not possible at the moment
 *  -1  failed, or this worker has to end (then *err is not set)
 */
static int
start_held (struct worker *w, int *wait_ms, struct error *err)
{
  struct link *link = &w->links[w->held.kind == PIECE_BASE ? BASE : OVERLAY];
  struct slot *slot;
  int64_t when_ms;

  if (!piece_is_read (w->held.kind)) {
    w->has_held = false;
    return deliver_unread (w->job, &w->held, err) == 0 ? 1 : -1;
  }
  slot = free_slot (w);
  if (slot == NULL || !may_read (w, link) ||
      (link->closing && link->reading > 0))
    return 0;
  if (link->closing)
    worker_disconnect (w, link, ENOTCONN, err);
  switch (worker_connect (w, link, err)) {
  case CONNECTED:
    break;
  case LATER:
    return try_later (link->not_before_ms, wait_ms);
  case LEAVE:
  case FAILED:
    return -1;
  }
  if (link->side == BASE && !copy_may_ask (w->job, &when_ms))
    return try_later (when_ms, wait_ms);
  slot->link = link;
  slot->request = w->held;
  if (!start_read (w, slot))
    return try_later (clock_ms () + MEMORY_WAIT_MS, wait_ms);
  w->has_held = false;
  return 1;
}

/* Does the tuner still want so many workers? */
static bool
is_wanted (const struct worker *w)
{
  return atomic_load (&w->index) < atomic_load (&w->job->connections);
}

/* The queue is empty: if the source allows one connection it is the lister's
 * turn to use it.
 */
static void
let_lister_connect (struct worker *w)
{
  enum turn turn = TURN_WORKER;

  if (atomic_load (&w->job->turn) != TURN_WORKER ||
      w->links[BASE].reading > 0)
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
    if (worker_is_superfluous (w))
      return 0;
    if (worker_yield_base (w))
      try_later (w->links[BASE].not_before_ms, wait_ms);
    if (!w->has_held && !is_wanted (w))
      return atomic_load (&w->job->finished) ? 0 : 1;
    r = take_request (w, wait_ms);
    if (r == 0)
      let_lister_connect (w);
    if (r != 1)
      return r == -1 ? 0 : 1;
    r = start_held (w, wait_ms, err);
    if (r != 1)
      return r == 0 ? 1 : -1;
  }
  return 1;
}

/*--- Reads that have completed. ---*/

static int
read_failed (struct worker *w, struct slot *slot, struct error *err)
{
  struct link *link = slot->link;
  const uint32_t align = link->conn.align;
  int r = -1;

  if (slot->error == ENODATA && conn_is_file (&link->conn) &&
      copy_check_file (w->job, err) == -1)
    r = -1;
  /* A last block that is not whole cannot be read at all. */
  else if (slot->error == EINVAL && slot->len % align != 0) {
    error_set (err, REASON_UNSUPPORTED,
               _("the source can only be read in blocks of %" PRIu32 " bytes, "
                 "but its size is not a multiple of that"), align);
    error_hint (err, _("nbdkit's filter 'truncate' rounds the size up, with "
                       "round-up=%" PRIu32), align);
  }
  else
    r = retry_read (w->job, &slot->request, slot->error, err);
  worker_release (w, slot);
  if (r == -1 || !conn_is_open (&link->conn))
    return r;
  if (!conn_alive (&link->conn))
    return worker_disconnect (w, link, ENOTCONN, err);
  if (link->single)
    atomic_store (&w->job->single_failed, true);
  if (link->single || ++link->failures >= FAILURES_RECONNECT)
    link->closing = true;
  return 0;
}

static void
note_read (struct counters *counters, const struct slot *slot)
{
  const unsigned took_ms = (unsigned) (clock_ms () - slot->start_ms);
  const unsigned before = atomic_load (&counters->latency_ms);

  atomic_fetch_add (&counters->read, slot->len);
  atomic_fetch_add (&counters->reads, 1);
  atomic_fetch_add (&counters->read_ms, took_ms);
  atomic_store (&counters->latency_ms, (before * 7 + took_ms) / 8);
}

int
worker_handle_read (struct worker *w, struct slot *slot, struct error *err)
{
  struct link *link = slot->link;
  const struct request request = slot->request;
  int r;

  if (slot->error != 0)
    return read_failed (w, slot, err);
  note_read (&w->job->counters, slot);
  link->failures = 0;
  link->refusals = 0;
  r = deliver_data (w->job, &request,
                    slot->buf + (request.offset - slot->from), err);
  worker_release (w, slot);
  return r;
}
