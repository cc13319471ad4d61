/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A worker: a thread with a connection to the base, and one to the overlay
 * once it needs it.  It keeps several reads in flight and writes what has
 * come while the server works on the next.
 */

#include <config.h>

#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <string.h>

#include "cleanup.h"
#include "clock.h"
#include "copy-internal.h"
#include "i18n.h"
#include "nbd-conn.h"

/* Reads in flight and one buffer being written. */
#define SLOTS (COPY_IN_FLIGHT_MAX + 1)
/* qemu-nbd on this host: latency is no matter, its coroutines are. */
#define OVERLAY_IN_FLIGHT 4
/* With no buffer to be had (another disk's workers have them all). */
#define MEMORY_WAIT_MS 5
/* While the lister has the only connection that the source stands. */
#define TURN_WAIT_MS 10
/* A connection on which this many reads in a row failed is opened anew: for
 * most plugins that is a new session with the source.
 */
#define FAILURES_RECONNECT 2
#define DRAIN_MS 300

enum side { BASE, OVERLAY, SIDES };

enum slot_state { SLOT_FREE, SLOT_READING, SLOT_READ };

struct slot {
  enum slot_state state;
  enum side side;
  struct request request;
  uint64_t from;                /* aligned to what the server wants */
  uint32_t len;
  char *buf;
  size_t buf_size;
  int error;
  int64_t start_ms;
};

struct connection {
  struct conn conn;
  unsigned reading;             /* slots */
  unsigned failures;            /* reads in a row */
  unsigned refusals;            /* connects in a row */
  int64_t not_before_ms;        /* of the next connect */
  bool counted;                 /* as connected */
  bool closing;                 /* once nothing is in flight any more */
};

struct worker {
  struct copy_job *job;
  atomic_uint index;            /* main counts those that are left */
  pthread_t thread;
  struct wake wake;
  atomic_bool ended;
  struct connection connections[SIDES];
  struct slot slots[SLOTS];
  struct request held;          /* taken, waits for its connection */
  bool holds;
};

/*--- Connections. ---*/

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

/* The source must not change while it is copied. */
static int
check_size (struct worker *w, uint64_t size, struct error *err)
{
  uint64_t expected = UINT64_MAX;

  if (atomic_compare_exchange_strong (&w->job->base_size, &expected, size) ||
      expected == size)
    return 0;
  return error_set (err, REASON_SOURCE_CHANGED,
                    _("the source had %" PRIu64 " bytes and has %" PRIu64),
                    expected, size);
}

static int
open_side (struct worker *w, enum side side, struct error *err)
{
  const struct copy_disk *disk = w->job->disk;
  struct conn *conn = &w->connections[side].conn;

  if (side == BASE && disk->base_path != NULL)
    return conn_open_file (conn, disk->base_path, err);
  return conn_open_nbd (conn, side == BASE ? disk->base_uri
                        : disk->overlay_uri, w->job->run->stop_wake.fd, err);
}

static int
connect_side (struct worker *w, enum side side, struct error *err)
{
  struct connection *conn = &w->connections[side];

  if (open_side (w, side, err) == -1)
    return -1;
  conn->failures = 0;
  if (side == BASE && check_size (w, conn->conn.size, err) == -1) {
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

enum connected { CONNECTED, LATER, LEAVE, FAILED };

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
  copy_retried (w->job, "%s", failure->message);
  conn->not_before_ms = clock_ms () + copy_backoff_ms (conn->refusals++);
  return LATER;
}

/* Make sure that the side has a connection. */
static enum connected
need_connection (struct worker *w, enum side side, struct error *err)
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

static void
release_slot (struct worker *w, struct slot *slot)
{
  buffers_put (w->job->run->buffers, slot->buf, slot->buf_size);
  slot->buf = NULL;
  slot->state = SLOT_FREE;
}

/* Give a request back, to be read later by whoever comes first; or, after
 * too many attempts, give up.
 */
static int
try_again (struct worker *w, const struct request *failed, int errnum,
           struct error *err)
{
  struct request request = *failed;
  const unsigned retries = w->job->run->settings->retries;

  if (request.attempts >= retries) {
    errno = errnum;
    return error_errno (err, errnum == ETIMEDOUT ? REASON_STALLED
                                                 : REASON_READ,
                        _("cannot read %" PRIu32 " bytes at offset %" PRIu64),
                        request.len, request.offset);
  }
  copy_retried (w->job, _("reading %" PRIu32 " bytes at offset %" PRIu64
                          " failed and is tried again: %s"),
                request.len, request.offset, strerror (errnum));
  /* Some servers refuse what is large, and some only say that it failed. */
  if (request.attempts > 0)
    request.max_len = MAX (request.len / 2, COPY_REQUEST_MIN);
  atomic_fetch_add (&w->job->counters.complaints, 1);
  copy_map_retried (&w->job->map, request.offset);
  request.not_before_ms = clock_ms () + copy_backoff_ms (request.attempts);
  request.attempts++;
  return queue_again (w->job->queue, &request, err);
}

/* Close a connection; what it was reading is read again. */
static int
drop_connection (struct worker *w, enum side side, int errnum,
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
      r = try_again (w, &slot->request, errnum, err);
    release_slot (w, slot);
  }
  conn->reading = 0;
  conn->closing = false;
  return r;
}

/*--- Reading. ---*/

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

/* The read that came, lowest offset first; NULL: none. */
static struct slot *
next_read (struct worker *w)
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

  return conn_is_file (&conn->conn) ? next_read (w) == NULL
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
    drop_connection (w, side, ENOTCONN, err);
  }
  switch (need_connection (w, side, err)) {
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
  set_connected (w, conn, false);
  nbd_conn_leave (&conn->conn.h);
  if (atomic_compare_exchange_strong (&w->job->turn, &turn, TURN_LISTER))
    wake_up (&w->job->lister_wake);
}

/* Keep the connections busy.  1: there is more to come; 0: everything is
 * completed; -1: failed, or leave.
 */
static int
fill (struct worker *w, int *wait_ms, struct error *err)
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
    release_slot (w, slot);
    return -1;
  }
  r = try_again (w, &slot->request, errnum, err);
  release_slot (w, slot);
  if (r == 0 && conn_is_open (&conn->conn)) {
    if (!conn_alive (&conn->conn))
      r = drop_connection (w, side, ENOTCONN, err);
    else if (++conn->failures >= FAILURES_RECONNECT)
      conn->closing = true;
  }
  return r;
}

static int
handle_slot (struct worker *w, struct slot *slot, struct error *err)
{
  struct connection *conn = &w->connections[slot->side];
  const struct request request = slot->request;
  int r;

  if (slot->error != 0)
    return read_failed (w, slot, err);
  conn->failures = 0;
  conn->refusals = 0;
  r = deliver_data (w->job, &request,
                    slot->buf + (request.offset - slot->from), err);
  release_slot (w, slot);
  return r;
}

/* What has come frees its place on the wire before it is written. */
static void
count_reads (struct worker *w)
{
  for (enum side side = BASE; side < SIDES; side++)
    w->connections[side].reading = 0;
  for (unsigned i = 0; i < SLOTS; i++)
    if (w->slots[i].state == SLOT_READING)
      w->connections[w->slots[i].side].reading++;
}

static void
note_read (struct worker *w, struct slot *slot)
{
  if (slot->error != 0 || slot->start_ms == 0)
    return;
  atomic_fetch_add (&w->job->counters.read, slot->len);
  atomic_fetch_add (&w->job->counters.reads, 1);
  note_latency (w, slot);
  slot->start_ms = 0;
}

/*--- The thread. ---*/

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
    if (drop_connection (w, slot->side, errnum, err) == -1)
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
is_reading (const struct worker *w)
{
  return w->connections[BASE].reading + w->connections[OVERLAY].reading > 0;
}

static int
work (struct worker *w, struct error *err)
{
  while (!copy_stopped (w->job->run)) {
    int wait_ms = 1000;
    struct slot *slot;
    int r;

    count_reads (w);
    r = fill (w, &wait_ms, err);
    if (r == -1 || (r == 0 && !is_reading (w) && next_read (w) == NULL))
      return r;
    slot = next_read (w);
    wait_for_events (w, slot != NULL ? 0 : wait_ms);
    if (slot != NULL) {
      note_read (w, slot);
      if (handle_slot (w, slot, err) == -1)
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

    count_reads (w);
    for (enum side side = BASE; side < SIDES; side++) {
      handles[side] = w->connections[side].conn.h;
      if (!nbd_conn_alive (handles[side]))
        w->connections[side].reading = 0;
    }
    if (!is_reading (w) || left_ms <= 0)
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
  for (enum side side = BASE; side < SIDES; side++) {
    set_connected (w, &w->connections[side], false);
    conn_close (&w->connections[side].conn);
  }
  for (unsigned i = 0; i < SLOTS; i++) {
    struct slot *slot = &w->slots[i];

    if (slot->state == SLOT_FREE)
      continue;
    if (queue_again (w->job->queue, &slot->request, &err) == -1)
      copy_fail (w->job, &err);
    release_slot (w, slot);
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

  if (need_connection (w, BASE, &err) <= LATER)
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
  struct worker *w = calloc (1, sizeof *w);

  if (w == NULL || wake_init (&w->wake, err) == -1) {
    error_nomem (err);
    free (w);
    return NULL;
  }
  w->job = job;
  for (enum side side = BASE; side < SIDES; side++)
    w->connections[side].conn.fd = -1;
  atomic_init (&w->index, index);
  atomic_fetch_add (&job->alive, 1);
  errno = pthread_create (&w->thread, NULL, worker_main, w);
  if (errno != 0) {
    error_errno (err, REASON_INTERNAL, "pthread_create");
    atomic_fetch_sub (&job->alive, 1);
    wake_reset (&w->wake);
    free (w);
    return NULL;
  }
  return w;
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
