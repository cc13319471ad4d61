/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The lister's queries: connections to the source and the overlay, block
 * status commands on them, and what follows when a command fails.  Which part
 * of the disk is asked about, and what is done with complete answers, is left
 * to lister.c.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>
#include <sys/param.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "copy/lister-query.h"
#include "copy/retry.h"
#include "copy/run.h"
#include "io/nbd-conn.h"

/* Reading a smaller hole costs less than a request of its own. */
#define HOLE_MIN (UINT64_C (64) << 10)
/* How long workers may take to leave, and how often that is looked at. */
#define ROOM_MS 5000
#define ROOM_WAIT_MS 10
#define FAILURES_MAX 3          /* in a row; then all of the base is data */

#define CONTEXT_ALLOCATION LIBNBD_CONTEXT_BASE_ALLOCATION
#define CONTEXT_DEPTH "qemu:allocation-depth"

static const char *const contexts[SIDES][3] = {
  [BASE] = { CONTEXT_ALLOCATION },
  [OVERLAY] = { CONTEXT_ALLOCATION, CONTEXT_DEPTH },
};

void
queries_init (struct queries *q, struct copy_job *job)
{
  *q = (struct queries) { .job = job };
  for (enum side side = BASE; side < SIDES; side++)
    q->sources[side].conn.fd = -1;
}

void
queries_reset (struct queries *q)
{
  for (enum side side = BASE; side < SIDES; side++)
    conn_close (&q->sources[side].conn);
  atomic_store (&q->job->lister_connected, false);
  for (unsigned i = 0; i < WINDOWS; i++)
    for (enum map map = 0; map < MAPS; map++)
      extents_reset (&q->windows[i].maps[map]);
}

struct window *
queries_window (struct queries *q, unsigned i)
{
  return &q->windows[(q->first + i) % WINDOWS];
}

void
queries_add_window (struct queries *q, uint64_t offset, uint64_t end)
{
  struct window *window = queries_window (q, q->n++);

  window->offset = offset;
  window->end = end;
  window->n_queries = 0;
  for (enum side side = BASE; side < SIDES; side++)
    window->query[side] = (struct query) { .window = window, .side = side };
  for (enum map map = 0; map < MAPS; map++)
    extents_begin (&window->maps[map], offset);
}

static int
source_connect (struct queries *q, enum side side, struct error *err)
{
  struct source *source = &q->sources[side];
  struct conn *conn = &source->conn;
  const bool single = side == BASE && q->job->disk->single_uri != NULL &&
    !atomic_load (&q->job->single_failed);

  queries_leave (q, side);
  if (copy_connect (q->job, conn, side, single, contexts[side], err) == -1 ||
      (side == BASE && copy_check_base (q->job, conn->size, err) == -1))
    return -1;
  if (side == BASE)
    atomic_store (&q->job->lister_connected, !single);
  source->tells_extents = true;
  for (const char *const *p = contexts[side]; *p != NULL; p++)
    if (nbd_can_meta_context (conn->h, *p) != 1)
      source->tells_extents = false;
  return 0;
}

/* Wait before another attempt, or until the copy is stopped. */
static void
pause_after (struct queries *q, unsigned attempts)
{
  wake_wait (&q->job->run->stop_wake, retry_pause_ms (attempts));
}

void
queries_leave (struct queries *q, enum side side)
{
  struct conn *conn = &q->sources[side].conn;

  if (conn->h != NULL && nbd_aio_in_flight (conn->h) == 0)
    nbd_conn_leave (&conn->h);
  conn_close (conn);
  if (side == BASE)
    atomic_store (&q->job->lister_connected, false);
}

/* The base lets nobody connect while workers are connected: let half of them
 * leave, or take turns with the last one.  False: that is not the cause.
 */
static bool
make_room (struct queries *q)
{
  struct copy_job *job = q->job;
  const unsigned n = job->disk->base_file != NULL ? 0
    : atomic_load (&job->counters.connected);
  const int64_t deadline_ms = clock_ms () + ROOM_MS;

  if (n == 0 || atomic_load (&job->turn) != TURN_ALL)
    return false;
  atomic_store (&job->max_workers, MAX (n / 2, 1U));
  if (n == 1)
    atomic_store (&job->turn, TURN_LISTER);
  while (atomic_load (&job->counters.connected) >= n &&
         clock_ms () < deadline_ms)
    if (wake_wait (&job->run->stop_wake, ROOM_WAIT_MS))
      break;
  return true;
}

int
queries_open_source (struct queries *q, enum side side, struct error *err)
{
  const unsigned retries = q->job->run->settings->retries;

  for (unsigned attempt = 0;;) {
    CLEANUP_ERROR struct error failure = ERROR_INIT;
    bool again;

    if (source_connect (q, side, &failure) == 0)
      return 0;
    again = !copy_stopped (q->job->run) &&
      failure.reason != REASON_SOURCE_CHANGED;
    /* One refusal may be a moment's trouble; silence has been waited for. */
    if (again && side == BASE &&
        (failure.reason == REASON_TIMEOUT || attempt >= MIN (retries, 1U)) &&
        make_room (q))
      retry_note (q->job, "%s", failure.message);
    else if (again && attempt < retries) {
      retry_note (q->job, "%s", failure.message);
      pause_after (q, attempt++);
    }
    else {
      error_move (err, &failure);
      return -1;
    }
  }
}

uint64_t
queries_side_end (const struct queries *q, const struct window *window,
                  enum side side)
{
  return MIN (window->end, MAX (q->sources[side].conn.size, window->offset));
}

static uint64_t
reached (const struct window *window, enum side side)
{
  return side == BASE ? window->maps[BASE_ZERO].end
    : MIN (window->maps[OVERLAY_ZERO].end, window->maps[ALLOCATED].end);
}

static bool
side_complete (const struct queries *q, const struct window *window,
               enum side side)
{
  return !q->sources[side].tells_extents ||
    reached (window, side) >= queries_side_end (q, window, side);
}

bool
queries_complete (const struct queries *q, const struct window *window)
{
  for (enum side side = BASE; side < SIDES; side++)
    if (window->query[side].busy || !side_complete (q, window, side))
      return false;
  return true;
}

/*--- Answers. ---*/

/* Where the overlay has something itself, and not the file below it, which
 * keeps what was read of the base.
 */
static int
add_written (struct window *window, uint64_t offset, uint64_t len,
             uint32_t depth)
{
  return extents_append (&window->maps[WRITTEN], offset, len, depth == 1, 0);
}

static int
add_extents (void *data, const char *context, uint64_t offset,
             uint32_t *entries, size_t n, int *error)
{
  const struct query *query = data;
  struct window *window = query->window;
  const bool depth = strcmp (context, CONTEXT_DEPTH) == 0;
  struct extents *extents = &window->maps[
    depth ? ALLOCATED : query->side == BASE ? BASE_ZERO : OVERLAY_ZERO];

  for (size_t i = 0; i + 1 < n && offset < window->end; i += 2) {
    const uint64_t len = MIN (entries[i], window->end - offset);
    const bool set = depth ? entries[i + 1] > 0
                           : (entries[i + 1] & LIBNBD_STATE_ZERO) != 0;

    if (extents_append (extents, offset, len, set,
                        depth ? 0 : HOLE_MIN) == -1 ||
        (depth && add_written (window, offset, len,
                               entries[i + 1]) == -1)) {
      *error = errno;
      return -1;
    }
    offset += len;
  }
  return 0;
}

static int
query_completed (void *data, int *error)
{
  struct query *query = data;

  query->done = true;
  query->error = *error;
  return 1;
}

static void
send_query (struct queries *q, struct query *query)
{
  struct window *window = query->window;
  const enum side side = query->side;
  const uint64_t from = reached (window, side);
  const nbd_extent_callback extents = {
    .callback = add_extents, .user_data = query,
  };
  const nbd_completion_callback completion = {
    .callback = query_completed, .user_data = query,
  };

  query->busy = true;
  query->done = false;
  query->from = from;
  query->sent_ms = clock_ms ();
  window->n_queries++;
  if (nbd_aio_block_status (q->sources[side].conn.h,
                            queries_side_end (q, window, side) - from, from,
                            extents, completion, 0) == -1) {
    query->done = true;
    query->error = nbd_get_errno ();
  }
}

/* The connection has died, and with it all commands on it. */
static void
forget_queries (struct queries *q, enum side side)
{
  for (unsigned i = 0; i < q->n; i++)
    queries_window (q, i)->query[side].busy = false;
}

/* The connection that was there before the copy may be lost, while those that
 * the copy makes are made again.
 */
static bool
leave_single (struct queries *q)
{
  struct copy_job *job = q->job;

  if (job->disk->single_uri == NULL ||
      atomic_exchange (&job->single_failed, true))
    return false;
  conn_close (&q->sources[BASE].conn);
  forget_queries (q, BASE);
  return true;
}

/* Where the base does not list extents it counts as data: in this window and,
 * after several failures or a long silence, in all that follow.
 */
static int
base_failed (struct queries *q, struct window *window, bool silent,
             struct error *err)
{
  struct source *source = &q->sources[BASE];
  const uint64_t from = reached (window, BASE);
  int r = 0;

  if (leave_single (q))
    return queries_open_source (q, BASE, err);
  /* What lies beyond the end of the base is not its data: see lister.c. */
  extents_append (&window->maps[BASE_ZERO], from,
                  queries_side_end (q, window, BASE) - from, false, 0);
  if (!conn_alive (&source->conn)) {
    forget_queries (q, BASE);
    r = queries_open_source (q, BASE, err);
  }
  if (silent || source->failures++ >= FAILURES_MAX)
    source->tells_extents = false;
  return r;
}

static int
overlay_failed (struct queries *q, struct window *window, int errnum,
                struct error *err)
{
  struct source *source = &q->sources[OVERLAY];
  const bool alive = conn_alive (&source->conn);

  if (source->failures++ >= q->job->run->settings->retries) {
    errno = errnum != 0 ? errnum : EPROTO;
    return error_errno (err, REASON_READ,
                        _("cannot read the overlay's map at offset %" PRIu64),
                        reached (window, OVERLAY));
  }
  if (!alive)
    forget_queries (q, OVERLAY);
  pause_after (q, source->failures - 1);
  return alive ? 0 : queries_open_source (q, OVERLAY, err);
}

/* The answer may have come while this thread was busy with something else. */
static bool
is_overdue (struct queries *q, const struct query *query)
{
  const unsigned timeout_s = q->job->run->settings->stall_timeout_s;

  if (timeout_s == 0 ||
      clock_ms () - query->sent_ms < (int64_t) timeout_s * 1000)
    return false;
  queries_wait (q, 0);
  return !query->done;
}

static int
handle_query (struct queries *q, struct query *query, struct error *err)
{
  struct window *window = query->window;
  struct source *source = &q->sources[query->side];
  const bool silent = query->busy && !query->done && is_overdue (q, query);

  if (silent)                   /* its answer must not come later */
    conn_close (&source->conn);
  if (!query->busy || (!query->done && conn_alive (&source->conn)))
    return 0;
  query->busy = false;
  if (query->done && query->error == 0 &&
      reached (window, query->side) > query->from)
    source->failures = 0;
  else if (query->side == OVERLAY)
    return overlay_failed (q, window, query->error, err);
  else
    return base_failed (q, window, silent, err);
  return 0;
}

int
queries_advance (struct queries *q, struct error *err)
{
  for (unsigned i = 0; i < q->n; i++) {
    struct window *window = queries_window (q, i);

    for (enum side side = BASE; side < SIDES; side++) {
      if (handle_query (q, &window->query[side], err) == -1)
        return -1;
      if (!window->query[side].busy && !side_complete (q, window, side))
        send_query (q, &window->query[side]);
    }
  }
  return 0;
}

bool
queries_answered (struct queries *q)
{
  for (unsigned i = 0; i < q->n; i++)
    for (enum side side = BASE; side < SIDES; side++) {
      const struct query *query = &queries_window (q, i)->query[side];

      if (query->busy && query->done)
        return true;
    }
  return false;
}

void
queries_wait (struct queries *q, int timeout_ms)
{
  struct nbd_handle *const handles[SIDES] = {
    q->sources[BASE].conn.h, q->sources[OVERLAY].conn.h };

  nbd_conn_poll (handles, SIDES, q->job->lister_wake.fd, timeout_ms);
}
