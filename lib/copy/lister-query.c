/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The lister's questions: connections to the source and the overlay, queries
 * for their extents, and what is made of answers that do not come.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/i18n.h"
#include "copy/lister.h"
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
lister_init_sources (struct lister *l)
{
  const struct copy_disk *disk = l->job->disk;

  l->sources[BASE] = (struct source) {
    .uri = disk->base_uri, .contexts = base_contexts };
  l->sources[OVERLAY] = (struct source) {
    .uri = disk->overlay_uri, .contexts = overlay_contexts };
}

bool
lister_has_source (const struct lister *l, enum side side)
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
                             l->job->run->stop_wake.fd,
                             l->job->run->settings->stall_timeout_s, err);
  if (source->h == NULL)
    return -1;
  size = nbd_get_size (source->h);
  if (size == -1)
    return error_set (err, REASON_READ, "%s: %s", source->uri,
                      nbd_conn_reason ());
  if (side == BASE && job_check_base (l->job, (uint64_t) size, err) == -1)
    return -1;
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
  wake_wait (&l->job->run->stop_wake, ms);
}

int
lister_open_source (struct lister *l, enum side side, struct error *err)
{
  const unsigned retries = l->job->run->settings->retries;

  for (unsigned attempt = 0;; attempt++) {
    CLEANUP_ERROR struct error failure = ERROR_INIT;

    if (source_connect (l, side, &failure) == 0)
      return 0;
    if (attempt >= retries || copy_stopped (l->job->run) ||
        failure.reason == REASON_SOURCE_CHANGED) {
      error_move (err, &failure);
      return -1;
    }
    copy_retried (l->job, "%s", failure.message);
    pause_ms (l, copy_backoff_ms (attempt));
  }
}

uint64_t
lister_side_end (const struct lister *l, const struct window *window,
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

bool
lister_side_complete (const struct lister *l, const struct window *window,
                      enum side side)
{
  return !lister_has_source (l, side) || !l->sources[side].mapped ||
    reached (window, side) >= lister_side_end (l, window, side);
}

/*--- Answers. ---*/

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
                            lister_side_end (l, window, side) - from, from,
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
    return lister_open_source (l, side, err);
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

int
lister_query (struct lister *l, struct window *window, enum side side,
              struct error *err)
{
  if (handle_query (l, window, side, err) == -1)
    return -1;
  if (!window->query[side].busy && !lister_side_complete (l, window, side))
    ask (l, window, side);
  return 0;
}
