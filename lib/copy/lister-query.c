/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The lister's questions: connections to the source and the overlay, queries
 * for their extents, and what is made of answers that do not come.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>
#include <sys/param.h>

#include "base/i18n.h"
#include "copy/lister-query.h"
#include "copy/retry.h"
#include "copy/run.h"
#include "io/nbd-conn.h"

/* To read a hole this small costs less than a request of its own. */
#define HOLE_MIN (UINT64_C (64) << 10)
#define FAILURES_MAX 3          /* in a row; then the base is data */

#define CONTEXT_ALLOCATION LIBNBD_CONTEXT_BASE_ALLOCATION
#define CONTEXT_DEPTH "qemu:allocation-depth"

static const char *const base_contexts[] = { CONTEXT_ALLOCATION, NULL };
static const char *const overlay_contexts[] = {
  CONTEXT_ALLOCATION, CONTEXT_DEPTH, NULL
};

void
queries_init (struct queries *q, struct copy_job *job)
{
  *q = (struct queries) {
    .job = job,
    .sources = {
      [BASE] = { .uri = job->disk->base_uri, .contexts = base_contexts },
      [OVERLAY] = { .uri = job->disk->overlay_uri,
                    .contexts = overlay_contexts },
    },
  };
}

void
queries_reset (struct queries *q)
{
  for (enum side side = BASE; side < SIDES; side++)
    nbd_conn_close (&q->sources[side].h);
  for (unsigned i = 0; i < WINDOWS; i++) {
    for (enum side side = BASE; side < SIDES; side++)
      extents_reset (&q->windows[i].zero[side]);
    extents_reset (&q->windows[i].allocated);
  }
}

struct window *
queries_window (struct queries *q, unsigned i)
{
  return &q->windows[(q->first + i) % WINDOWS];
}

struct window *
queries_add_window (struct queries *q, uint64_t offset, uint64_t end)
{
  struct window *window = queries_window (q, q->n++);

  window->offset = offset;
  window->end = end;
  window->n_queries = 0;
  for (enum side side = BASE; side < SIDES; side++) {
    extents_begin (&window->zero[side], offset);
    window->query[side] = (struct query) { .window = window, .side = side };
  }
  extents_begin (&window->allocated, offset);
  return window;
}

static int
source_connect (struct queries *q, enum side side, struct error *err)
{
  struct source *source = &q->sources[side];
  int64_t size;

  nbd_conn_close (&source->h);
  source->h = nbd_conn_open (source->uri, source->contexts,
                             q->job->run->stop_wake.fd,
                             q->job->run->settings->stall_timeout_s, err);
  if (source->h == NULL)
    return -1;
  size = nbd_get_size (source->h);
  if (size == -1)
    return error_set (err, REASON_READ, "%s: %s", source->uri,
                      nbd_conn_reason ());
  if (side == BASE && copy_check_base (q->job, (uint64_t) size, err) == -1)
    return -1;
  source->size = (uint64_t) size;
  source->mapped = true;
  for (const char *const *p = source->contexts; *p != NULL; p++)
    if (nbd_can_meta_context (source->h, *p) != 1)
      source->mapped = false;
  return 0;
}

/* Pause before another attempt, but not beyond the copy's end. */
static void
pause_after (struct queries *q, unsigned attempts)
{
  wake_wait (&q->job->run->stop_wake, retry_pause_ms (attempts));
}

int
queries_open_source (struct queries *q, enum side side, struct error *err)
{
  const unsigned retries = q->job->run->settings->retries;

  for (unsigned attempt = 0;; attempt++) {
    CLEANUP_ERROR struct error failure = ERROR_INIT;

    if (source_connect (q, side, &failure) == 0)
      return 0;
    if (attempt >= retries || copy_stopped (q->job->run) ||
        failure.reason == REASON_SOURCE_CHANGED) {
      error_move (err, &failure);
      return -1;
    }
    retry_note (q->job, "%s", failure.message);
    pause_after (q, attempt);
  }
}

uint64_t
queries_side_end (const struct queries *q, const struct window *window,
                  enum side side)
{
  return MIN (window->end, MAX (q->sources[side].size, window->offset));
}

static uint64_t
reached (const struct window *window, enum side side)
{
  return side == BASE ? window->zero[BASE].end
    : MIN (window->zero[OVERLAY].end, window->allocated.end);
}

static bool
side_complete (const struct queries *q, const struct window *window,
               enum side side)
{
  return !q->sources[side].mapped ||
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

static int
add_extents (void *data, const char *context, uint64_t offset,
             uint32_t *entries, size_t n, int *error)
{
  const struct query *query = data;
  struct window *window = query->window;
  const bool depth = strcmp (context, CONTEXT_DEPTH) == 0;
  struct extents *extents = depth ? &window->allocated
                                  : &window->zero[query->side];

  for (size_t i = 0; i + 1 < n && offset < window->end; i += 2) {
    const uint64_t len = MIN (entries[i], window->end - offset);
    const bool set = depth ? entries[i + 1] > 0
                           : (entries[i + 1] & LIBNBD_STATE_ZERO) != 0;

    if (extents_append (extents, offset, len, set,
                        depth ? 0 : HOLE_MIN) == -1) {
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
ask (struct queries *q, struct window *window, enum side side)
{
  struct query *query = &window->query[side];
  const uint64_t from = reached (window, side);
  const nbd_extent_callback extents = {
    .callback = add_extents, .user_data = query,
  };
  const nbd_completion_callback completion = {
    .callback = query_completed, .user_data = query,
  };

  *query = (struct query) {
    .window = window, .side = side, .busy = true, .from = from };
  window->n_queries++;
  if (nbd_aio_block_status (q->sources[side].h,
                            queries_side_end (q, window, side) - from, from,
                            extents, completion, 0) == -1) {
    query->done = true;
    query->error = nbd_get_errno ();
  }
}

/* All queries of a side end with its connection. */
static void
forget_queries (struct queries *q, enum side side)
{
  for (unsigned i = 0; i < q->n; i++)
    queries_window (q, i)->query[side].busy = false;
}

static int
query_failed (struct queries *q, struct window *window, enum side side,
              int errnum, struct error *err)
{
  struct source *source = &q->sources[side];
  const unsigned max = side == BASE ? FAILURES_MAX
                                    : q->job->run->settings->retries;
  const bool alive = nbd_conn_alive (source->h);
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  if (source->failures++ >= max) {
    if (side == BASE) {
      source->mapped = false;
      return 0;
    }
    errno = errnum != 0 ? errnum : EPROTO;
    return error_errno (err, REASON_READ,
                        _("cannot read the overlay's map at offset %" PRIu64),
                        reached (window, side));
  }
  if (side == BASE) {           /* this window is data */
    const uint64_t from = reached (window, BASE);

    extents_append (&window->zero[BASE], from, window->end - from, false, 0);
    if (alive)
      return 0;
  }
  if (!alive)
    forget_queries (q, side);
  if (side == OVERLAY)
    pause_after (q, source->failures - 1);
  if (alive)
    return 0;
  if (side == OVERLAY)
    return queries_open_source (q, side, err);
  if (source_connect (q, side, &ignored) == -1)
    source->mapped = false;
  return 0;
}

static int
handle_query (struct queries *q, struct window *window, enum side side,
              struct error *err)
{
  struct query *query = &window->query[side];

  if (!query->busy)
    return 0;
  if (!query->done && nbd_conn_alive (q->sources[side].h))
    return 0;
  query->busy = false;
  if (query->done && query->error == 0 &&
      reached (window, side) > query->from) {
    q->sources[side].failures = 0;
    return 0;
  }
  return query_failed (q, window, side, query->error, err);
}

int
queries_advance (struct queries *q, struct error *err)
{
  for (unsigned i = 0; i < q->n; i++) {
    struct window *window = queries_window (q, i);

    for (enum side side = BASE; side < SIDES; side++) {
      if (handle_query (q, window, side, err) == -1)
        return -1;
      if (!window->query[side].busy && !side_complete (q, window, side))
        ask (q, window, side);
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
  struct nbd_handle *handles[SIDES];

  for (enum side side = BASE; side < SIDES; side++)
    handles[side] = q->sources[side].h;
  nbd_conn_poll (handles, SIDES, q->job->lister_wake.fd, timeout_ms);
}
