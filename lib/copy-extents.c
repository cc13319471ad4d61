/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The lister: asks the source and the overlay for their extents, window by
 * window, several windows at once, and turns the answers into segments for
 * the queue, in order.  When all of the disk is listed it waits for the
 * last segment and flushes the target.
 *
 * A base that does not answer usefully is data.  An overlay that does not is
 * an error: without its map there is no telling which bytes are valid.
 */

#include <config.h>

#include <inttypes.h>
#include <poll.h>
#include <string.h>

#include "cleanup.h"
#include "clock.h"
#include "copy-internal.h"
#include "i18n.h"
#include "nbd-conn.h"
#include "target.h"

#define WINDOWS 8               /* asked for at once */
/* Windows grow, so that the first bytes move soon and a disk of 8 TiB
 * takes few queries; and shrink where one query is not enough for one.
 */
#define WINDOW_MIN (UINT64_C (64) << 20)
#define WINDOW_MAX (UINT64_C (2) << 30)
#define QUERIES_FEW 3
/* To read a hole this small costs less than a request of its own. */
#define HOLE_MIN (UINT64_C (64) << 10)
/* Of queries: some servers have large blocks. */
#define ALIGN (UINT64_C (64) << 10)
#define FAILURES_MAX 3          /* in a row; then the base is data */

#define CONTEXT_ALLOCATION LIBNBD_CONTEXT_BASE_ALLOCATION
#define CONTEXT_DEPTH "qemu:allocation-depth"

enum side { BASE, OVERLAY, SIDES };

/* A query under way on one side of a window. */
struct query {
  bool busy, done;
  int error;
  uint64_t from;                /* how far answers reached when it began */
};

struct window {
  uint64_t offset, end;
  struct extents zero[SIDES];
  struct extents allocated;     /* in the overlay */
  struct query query[SIDES];
  unsigned n_queries;
};

struct source {
  struct nbd_handle *h;
  const char *uri;
  const char *const *contexts;
  bool mapped;                  /* it answers queries */
  uint64_t size;
  unsigned failures;            /* in a row */
};

struct lister {
  struct copy_job *job;
  struct source sources[SIDES];
  struct window windows[WINDOWS];
  unsigned first, n;            /* a ring */
  uint64_t next, window_len;
  size_t range;                 /* the first that is not behind `next' */
  size_t delivered;             /* the first that is not all delivered */
  struct pieces pieces, selected;
};

static const char *const base_contexts[] = { CONTEXT_ALLOCATION, NULL };
static const char *const overlay_contexts[] = {
  CONTEXT_ALLOCATION, CONTEXT_DEPTH, NULL
};

static bool
has_source (const struct lister *l, enum side side)
{
  return l->sources[side].uri != NULL;
}

static int
source_connect (struct lister *l, enum side side, struct error *err)
{
  struct source *source = &l->sources[side];
  int64_t size;

  nbd_conn_close (&source->h);
  source->h = nbd_conn_open (source->uri, source->contexts,
                             l->job->run->stop_wake.fd, err);
  if (source->h == NULL)
    return -1;
  size = nbd_get_size (source->h);
  if (size == -1)
    return error_set (err, REASON_READ, "%s: %s", source->uri,
                      nbd_get_error ());
  source->size = (uint64_t) size;
  source->mapped = true;
  for (const char *const *p = source->contexts; *p != NULL; p++)
    if (nbd_can_meta_context (source->h, *p) != 1)
      source->mapped = false;
  return 0;
}

/* Wait, but not beyond the copy's end. */
static void
pause_ms (struct lister *l, int ms)
{
  if (ms > 0)
    nbd_conn_poll (NULL, 0, l->job->run->stop_wake.fd, ms);
}

static int
source_open (struct lister *l, enum side side, struct error *err)
{
  const unsigned retries = l->job->run->settings->retries;

  for (unsigned attempt = 0;; attempt++) {
    CLEANUP_ERROR struct error failure = ERROR_INIT;

    if (source_connect (l, side, &failure) == 0)
      return 0;
    if (attempt >= retries || copy_stopped (l->job->run)) {
      error_move (err, &failure);
      return -1;
    }
    copy_retried (l->job, "%s", failure.message);
    pause_ms (l, copy_backoff_ms (attempt));
  }
}

/* How far the window reaches on a side: beyond a source's end it has
 * nothing.
 */
static uint64_t
side_end (const struct lister *l, const struct window *window,
          enum side side)
{
  return MIN (window->end, MAX (l->sources[side].size, window->offset));
}

static uint64_t
reached (const struct window *window, enum side side)
{
  return side == BASE ? window->zero[BASE].end
    : MIN (window->zero[OVERLAY].end, window->allocated.end);
}

static bool
side_complete (const struct lister *l, const struct window *window,
               enum side side)
{
  return !has_source (l, side) || !l->sources[side].mapped ||
    reached (window, side) >= side_end (l, window, side);
}

/*--- Answers. ---*/

struct answer {
  struct window *window;
  enum side side;
};

static int
add_extents (struct window *window, enum side side, const char *context,
             uint64_t offset, const uint32_t *entries, size_t n)
{
  const bool depth = strcmp (context, CONTEXT_DEPTH) == 0;
  struct extents *extents = depth ? &window->allocated
                                  : &window->zero[side];

  for (size_t i = 0; i + 1 < n && offset < window->end; i += 2) {
    const uint64_t len = MIN (entries[i], window->end - offset);
    const bool set = depth ? entries[i + 1] > 0
                           : (entries[i + 1] & LIBNBD_STATE_ZERO) != 0;

    if (extents_append (extents, offset, len, set, depth ? 0 : HOLE_MIN) == -1)
      return -1;
    offset += len;
  }
  return 0;
}

#define DEFINE_EXTENTS_CALLBACK(name, side)                             \
  static int                                                            \
  name (void *data, const char *context, uint64_t offset,               \
        uint32_t *entries, size_t n, int *error)                        \
  {                                                                     \
    if (add_extents (data, side, context, offset, entries, n) == 0)     \
      return 0;                                                         \
    *error = errno;                                                     \
    return -1;                                                          \
  }                                                                     \
  struct name##_needs_semicolon

DEFINE_EXTENTS_CALLBACK (base_extents, BASE);
DEFINE_EXTENTS_CALLBACK (overlay_extents, OVERLAY);

static int
query_completed (void *data, int *error)
{
  struct query *query = data;

  query->done = true;
  query->error = *error;
  return 1;
}

static void
ask (struct lister *l, struct window *window, enum side side)
{
  struct query *query = &window->query[side];
  const uint64_t from = reached (window, side);
  const nbd_extent_callback extents = {
    .callback = side == BASE ? base_extents : overlay_extents,
    .user_data = window,
  };
  const nbd_completion_callback completion = {
    .callback = query_completed, .user_data = query,
  };

  *query = (struct query) { .busy = true, .from = from };
  window->n_queries++;
  if (nbd_aio_block_status (l->sources[side].h,
                            side_end (l, window, side) - from, from,
                            extents, completion, 0) == -1) {
    query->done = true;
    query->error = nbd_get_errno ();
  }
}

/* All queries of a side end with its connection. */
static void
forget_queries (struct lister *l, enum side side)
{
  for (unsigned i = 0; i < l->n; i++) {
    struct window *window = &l->windows[(l->first + i) % WINDOWS];

    window->query[side].busy = false;
  }
}

static int
query_failed (struct lister *l, struct window *window, enum side side,
              int errnum, struct error *err)
{
  struct source *source = &l->sources[side];
  const unsigned max = side == BASE ? FAILURES_MAX
                                    : l->job->run->settings->retries;
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
    forget_queries (l, side);
  pause_ms (l, side == BASE ? 0 : copy_backoff_ms (source->failures - 1));
  if (alive)
    return 0;
  if (side == OVERLAY)
    return source_open (l, side, err);
  if (source_connect (l, side, &ignored) == -1)
    source->mapped = false;
  return 0;
}

static int
handle_query (struct lister *l, struct window *window, enum side side,
              struct error *err)
{
  struct query *query = &window->query[side];

  if (!query->busy)
    return 0;
  if (!query->done && nbd_conn_alive (l->sources[side].h))
    return 0;
  query->busy = false;
  if (query->done && query->error == 0 &&
      reached (window, side) > query->from) {
    l->sources[side].failures = 0;
    return 0;
  }
  return query_failed (l, window, side, query->error, err);
}

/*--- Windows. ---*/

/* Go to the next byte that is to be copied. */
static void
skip_unwanted (struct lister *l)
{
  const struct copy_disk *disk = l->job->disk;
  const struct copy_ranges *ranges = disk->ranges;

  if (ranges == NULL)
    return;
  while (l->range < ranges->len && ranges->ptr[l->range].offset +
         ranges->ptr[l->range].len <= l->next)
    l->range++;
  l->next = l->range == ranges->len ? disk->size
    : MAX (l->next, ranges->ptr[l->range].offset / ALIGN * ALIGN);
}

/* The end of what is to be copied before END, or a little more. */
static uint64_t
last_wanted (const struct lister *l, uint64_t end)
{
  const struct copy_ranges *ranges = l->job->disk->ranges;
  uint64_t last = end;

  if (ranges == NULL)
    return end;
  for (size_t i = l->range; i < ranges->len &&
         ranges->ptr[i].offset < end; i++)
    last = ranges->ptr[i].offset + ranges->ptr[i].len;
  return MIN (end, (last + ALIGN - 1) / ALIGN * ALIGN);
}

static void
open_window (struct lister *l)
{
  struct window *window = &l->windows[(l->first + l->n) % WINDOWS];
  const uint64_t size = l->job->disk->size;
  const uint64_t border = (l->next / WINDOW_MIN + l->window_len / WINDOW_MIN)
    * WINDOW_MIN;

  window->offset = l->next;
  window->end = last_wanted (l, MIN (border, size));
  window->n_queries = 0;
  for (enum side side = BASE; side < SIDES; side++) {
    extents_begin (&window->zero[side], l->next);
    window->query[side] = (struct query) { .busy = false };
  }
  extents_begin (&window->allocated, l->next);
  l->next = window->end;
  l->window_len = MIN (l->window_len * 2, WINDOW_MAX);
  l->n++;
  skip_unwanted (l);
}

/* What lies beyond the end of the base is zero. */
static int
complete_base (const struct lister *l, struct window *window)
{
  const uint64_t end = side_end (l, window, BASE);
  struct extents *zero = &window->zero[BASE];

  if (zero->end < end &&
      extents_append (zero, zero->end, end - zero->end, false, 0) == -1)
    return -1;
  return extents_append (zero, zero->end, window->end - zero->end, true, 0);
}

static int
push (struct lister *l, struct error *err)
{
  const struct copy_ranges *ranges = l->job->disk->ranges;

  if (ranges == NULL)
    return queue_push (l->job->queue, &l->pieces, err);
  l->selected.len = 0;
  if (plan_select (&l->pieces, ranges, &l->delivered, &l->selected) == -1)
    return error_nomem (err);
  return queue_push (l->job->queue, &l->selected, err);
}

static int
deliver (struct lister *l, struct window *window, struct error *err)
{
  const bool overlay = has_source (l, OVERLAY);

  if (complete_base (l, window) == -1)
    return error_nomem (err);
  l->pieces.len = 0;
  if (plan_pieces (window->offset, window->end, &window->zero[BASE],
                   overlay ? &window->allocated : NULL,
                   overlay ? &window->zero[OVERLAY] : NULL,
                   &l->pieces) == -1)
    return error_nomem (err);
  if (window->n_queries > QUERIES_FEW * SIDES)
    l->window_len = MAX (l->window_len / 4, WINDOW_MIN);
  atomic_store (&l->job->counters.listed, window->end);
  return push (l, err);
}

static int
deliver_complete (struct lister *l, struct error *err)
{
  while (l->n > 0) {
    struct window *window = &l->windows[l->first];

    for (enum side side = BASE; side < SIDES; side++)
      if (window->query[side].busy || !side_complete (l, window, side))
        return 0;
    if (deliver (l, window, err) == -1)
      return -1;
    l->first = (l->first + 1) % WINDOWS;
    l->n--;
  }
  return 0;
}

static int
advance (struct lister *l, struct error *err)
{
  for (unsigned i = 0; i < l->n; i++) {
    struct window *window = &l->windows[(l->first + i) % WINDOWS];

    for (enum side side = BASE; side < SIDES; side++) {
      if (handle_query (l, window, side, err) == -1)
        return -1;
      if (!window->query[side].busy && !side_complete (l, window, side))
        ask (l, window, side);
    }
  }
  return deliver_complete (l, err);
}

static bool
answer_came (const struct lister *l)
{
  for (unsigned i = 0; i < l->n; i++) {
    const struct window *window = &l->windows[(l->first + i) % WINDOWS];

    for (enum side side = BASE; side < SIDES; side++)
      if (window->query[side].busy && window->query[side].done)
        return true;
  }
  return false;
}

/* Open windows as long as the queue has room. */
static bool
open_windows (struct lister *l)
{
  const uint64_t size = l->job->disk->size;
  bool opened = false;

  if (queue_full (l->job->queue, &l->job->lister_wake))
    return false;
  while (l->n < WINDOWS && l->next < size) {
    open_window (l);
    opened = true;
  }
  return opened;
}

/* The source stands one connection, and there is nothing to ask: leave it
 * to the worker until that has read what is known.
 */
static int
take_turns (struct lister *l, struct error *err)
{
  struct copy_job *job = l->job;
  struct source *base = &l->sources[BASE];

  nbd_conn_leave (&base->h);
  atomic_store (&job->turn, TURN_WORKER);
  while (!copy_stopped (job->run) &&
         atomic_load (&job->turn) == TURN_WORKER) {
    nbd_conn_poll (NULL, 0, job->lister_wake.fd, 1000);
    wake_clear (&job->lister_wake);
  }
  return copy_stopped (job->run) ? 0 : source_open (l, BASE, err);
}

/* Without queries the base is not needed any more. */
static void
leave_base (struct lister *l)
{
  if (atomic_load (&l->job->turn) == TURN_ALL)
    return;
  nbd_conn_leave (&l->sources[BASE].h);
  atomic_store (&l->job->turn, TURN_ALL);
}

static int
list_all (struct lister *l, struct error *err)
{
  struct copy_job *job = l->job;
  struct nbd_handle *handles[SIDES];

  while (!copy_stopped (job->run)) {
    if (advance (l, err) == -1)
      return -1;
    if (open_windows (l) || answer_came (l))
      continue;
    if (l->n == 0 && l->next >= job->disk->size)
      break;
    if (!l->sources[BASE].mapped)
      leave_base (l);
    if (l->n == 0 && atomic_load (&job->turn) != TURN_ALL) {
      if (take_turns (l, err) == -1)
        return -1;
      continue;
    }
    for (enum side side = BASE; side < SIDES; side++)
      handles[side] = l->sources[side].h;
    nbd_conn_poll (handles, SIDES, job->lister_wake.fd, 1000);
    wake_clear (&job->lister_wake);
  }
  return 0;
}

static int
open_sources (struct lister *l, struct error *err)
{
  if (source_open (l, BASE, err) == -1)
    return -1;
  atomic_store (&l->job->base_size, l->sources[BASE].size);
  if (!has_source (l, OVERLAY))
    return 0;
  if (source_open (l, OVERLAY, err) == -1)
    return -1;
  if (!l->sources[OVERLAY].mapped)
    return error_set (err, REASON_UNSUPPORTED,
                      _("qemu-nbd does not tell what the overlay has "
                        "allocated"));
  if (l->sources[OVERLAY].size < l->job->disk->size)
    return error_set (err, REASON_READ,
                      _("the overlay is smaller than the disk"));
  return 0;
}

static void
lister_reset (struct lister *l)
{
  for (enum side side = BASE; side < SIDES; side++)
    nbd_conn_close (&l->sources[side].h);
  for (unsigned i = 0; i < WINDOWS; i++) {
    for (enum side side = BASE; side < SIDES; side++)
      extents_reset (&l->windows[i].zero[side]);
    extents_reset (&l->windows[i].allocated);
  }
  pieces_reset (&l->pieces);
  pieces_reset (&l->selected);
}

static int
list_disk (struct copy_job *job, struct error *err)
{
  struct lister l = {
    .job = job,
    .sources = {
      [BASE] = { .uri = job->disk->base_uri, .contexts = base_contexts },
      [OVERLAY] = { .uri = job->disk->overlay_uri,
                    .contexts = overlay_contexts },
    },
    .window_len = WINDOW_MIN,
  };
  int r = open_sources (&l, err);

  if (r == 0) {
    skip_unwanted (&l);
    r = list_all (&l, err);
  }
  leave_base (&l);
  lister_reset (&l);
  return r;
}

static void
wait_for_workers (struct copy_job *job)
{
  while (!copy_stopped (job->run) &&
         !queue_finished (job->queue, &job->lister_wake)) {
    nbd_conn_poll (NULL, 0, job->lister_wake.fd, -1);
    wake_clear (&job->lister_wake);
  }
  queue_leave (job->queue, &job->lister_wake);
}

void *
lister_main (void *data)
{
  struct copy_job *job = data;
  struct error err = ERROR_INIT;

  if (list_disk (job, &err) == 0) {
    queue_end (job->queue);
    wait_for_workers (job);
    if (!copy_stopped (job->run) && job->disk->target != NULL)
      target_flush (job->disk->target, &err);
  }
  if (error_is_set (&err))
    copy_fail (job, &err);
  error_reset (&err);
  atomic_store (&job->finished, true);
  wake_up (&job->run->main_wake);
  return NULL;
}
