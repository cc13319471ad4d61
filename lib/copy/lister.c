/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The lister: asks the source and the overlay for their extents, window by
 * window, several windows at once, and turns the answers into segments for
 * the queue, in order.  When all of the disk is listed it waits for the
 * last segment and flushes the target.  Connections and commands are left to
 * lister-query.c.
 *
 * A base that does not list its extents is data.  For an overlay that is an
 * error: without its extents nobody knows which of its bytes are valid.
 */

#include <config.h>

#include <sys/param.h>

#include "base/i18n.h"
#include "copy/clone.h"
#include "copy/lister-query.h"
#include "copy/queue.h"
#include "copy/run.h"
#include "io/nbd-conn.h"
#include "target/target.h"

/* Windows grow, so that the first bytes are copied soon and a disk of 8 TiB
 * needs few queries; they shrink where a window needs several queries.
 */
#define WINDOW_MIN (UINT64_C (64) << 20)
#define WINDOW_MAX (UINT64_C (2) << 30)
#define QUERIES_FEW 3

/* Shorter unused ranges are read with what lies around them, and thrown away
 * (deliver.c): of a file system with blocks of 1 KiB there would be requests
 * as small as that.
 */
#define UNUSED_MIN (UINT64_C (16) << 10)

struct lister {
  struct copy_job *job;
  struct queries queries;
  uint64_t next, window_len;
  size_t range;                 /* the first that does not end before `next' */
  size_t delivered;             /* the first that is not all in the queue */
  size_t unused;                /* the first unused range that is not */
  struct pieces pieces, kept, selected, cloned;
};

/* Move `next' to the next byte that is to be copied. */
static void
skip_unwanted (struct lister *l)
{
  const struct copy_disk *disk = l->job->disk;
  const struct ranges *ranges = disk->ranges;

  if (ranges == NULL)
    return;
  while (l->range < ranges->len && ranges->ptr[l->range].offset +
         ranges->ptr[l->range].len <= l->next)
    l->range++;
  l->next = l->range == ranges->len ? disk->size
    : MAX (l->next, ranges->ptr[l->range].offset / QUERY_ALIGN * QUERY_ALIGN);
}

/* The end of the last range that begins before END, aligned for a query, but
 * not beyond END.
 */
static uint64_t
last_wanted (const struct lister *l, uint64_t end)
{
  const struct ranges *ranges = l->job->disk->ranges;
  uint64_t last = end;

  if (ranges == NULL)
    return end;
  for (size_t i = l->range; i < ranges->len &&
         ranges->ptr[i].offset < end; i++)
    last = ranges->ptr[i].offset + ranges->ptr[i].len;
  return MIN (end, (last + QUERY_ALIGN - 1) / QUERY_ALIGN * QUERY_ALIGN);
}

static void
open_window (struct lister *l)
{
  const uint64_t size = l->job->disk->size;
  const uint64_t border = (l->next / WINDOW_MIN + l->window_len / WINDOW_MIN)
    * WINDOW_MIN;
  const uint64_t end = last_wanted (l, MIN (border, size));

  queries_add_window (&l->queries, l->next, end);
  l->next = end;
  l->window_len = MIN (l->window_len * 2, WINDOW_MAX);
  skip_unwanted (l);
}

/* What lies beyond the end of the base is zero. */
static int
complete_base (const struct lister *l, struct window *window)
{
  const uint64_t end = queries_side_end (&l->queries, window, BASE);
  struct extents *zero = &window->maps[BASE_ZERO];

  if (zero->end < end &&
      extents_append (zero, zero->end, end - zero->end, false, 0) == -1)
    return -1;
  return extents_append (zero, zero->end, window->end - zero->end, true, 0);
}

static int
push_pieces (struct lister *l, struct error *err)
{
  const struct copy_disk *disk = l->job->disk;
  const struct pieces *pieces = &l->pieces;

  l->kept.len = l->selected.len = l->cloned.len = 0; /* but their memory is used again */
  if (disk->unused != NULL) {
    if (plan_leave_out (pieces, disk->unused, UNUSED_MIN, &l->unused,
                        &l->kept) == -1)
      return error_nomem (err);
    pieces = &l->kept;
  }
  if (disk->ranges != NULL) {
    if (plan_select (pieces, disk->ranges, &l->delivered, &l->selected) == -1)
      return error_nomem (err);
    pieces = &l->selected;
  }
  if (clone_wanted (l->job)) {
    if (clone_pieces (l->job, pieces, &l->cloned) == -1)
      return error_nomem (err);
    pieces = &l->cloned;
  }
  return queue_push (l->job->queue, pieces, err);
}

static int
push_window (struct lister *l, struct window *window, struct error *err)
{
  if (complete_base (l, window) == -1)
    return error_nomem (err);
  l->pieces.len = 0;
  if (plan_pieces (window->offset, window->end, window->maps,
                   &l->pieces) == -1)
    return error_nomem (err);
  if (window->n_queries > QUERIES_FEW * SIDES)
    l->window_len = MAX (l->window_len / 4, WINDOW_MIN);
  atomic_store (&l->job->counters.listed, window->end);
  return push_pieces (l, err);
}

static int
take_answers (struct lister *l, struct error *err)
{
  struct queries *q = &l->queries;

  if (queries_advance (q, err) == -1)
    return -1;
  while (q->n > 0 && queries_complete (q, queries_window (q, 0))) {
    if (push_window (l, queries_window (q, 0), err) == -1)
      return -1;
    q->first = (q->first + 1) % WINDOWS;
    q->n--;
  }
  return 0;
}

/* Open windows, unless the queue is full. */
static bool
open_windows (struct lister *l)
{
  const uint64_t size = l->job->disk->size;
  bool opened = false;

  if (queue_full (l->job->queue, &l->job->lister_wake))
    return false;
  while (l->queries.n < WINDOWS && l->next < size) {
    open_window (l);
    opened = true;
  }
  return opened;
}

/* The source allows one connection, and there is nothing to ask at the moment:
 * leave it to the worker until the queue is empty.
 */
static int
take_turns (struct lister *l, struct error *err)
{
  struct copy_job *job = l->job;

  queries_leave (&l->queries, BASE);
  atomic_store (&job->turn, TURN_WORKER);
  while (!copy_stopped (job->run) &&
         atomic_load (&job->turn) == TURN_WORKER) {
    wake_wait (&job->lister_wake, 1000);
    wake_clear (&job->lister_wake);
  }
  return copy_stopped (job->run) ? 0
    : queries_open_source (&l->queries, BASE, err);
}

/* No more queries: let the worker have the only connection for good. */
static void
leave_base (struct lister *l)
{
  if (atomic_load (&l->job->turn) == TURN_ALL)
    return;
  queries_leave (&l->queries, BASE);
  atomic_store (&l->job->turn, TURN_ALL);
}

static int
list_all (struct lister *l, struct error *err)
{
  struct copy_job *job = l->job;
  struct queries *q = &l->queries;

  while (!copy_stopped (job->run)) {
    if (take_answers (l, err) == -1)
      return -1;
    if (open_windows (l) || queries_answered (q))
      continue;
    if (q->n == 0 && l->next >= job->disk->size)
      break;
    if (!q->sources[BASE].tells_extents)
      leave_base (l);
    if (q->n == 0 && atomic_load (&job->turn) != TURN_ALL) {
      if (take_turns (l, err) == -1)
        return -1;
      continue;
    }
    queries_wait (q, 1000);
    wake_clear (&job->lister_wake);
  }
  return 0;
}

static int
open_sources (struct lister *l, struct error *err)
{
  if (queries_open_source (&l->queries, BASE, err) == -1)
    return -1;
  if (l->job->disk->overlay_uri == NULL)
    return 0;
  if (queries_open_source (&l->queries, OVERLAY, err) == -1)
    return -1;
  if (!l->queries.sources[OVERLAY].tells_extents)
    return error_set (err, REASON_UNSUPPORTED,
                      _("qemu-nbd does not report what is allocated in the "
                        "overlay"));
  if (l->queries.sources[OVERLAY].conn.size < l->job->disk->size)
    return error_set (err, REASON_READ,
                      _("the overlay is smaller than the disk"));
  return 0;
}

static int
list_disk (struct copy_job *job, struct error *err)
{
  struct lister l = { .job = job, .window_len = WINDOW_MIN };
  int r;

  queries_init (&l.queries, job);
  r = open_sources (&l, err);
  if (r == 0) {
    skip_unwanted (&l);
    r = list_all (&l, err);
  }
  leave_base (&l);
  queries_reset (&l.queries);
  pieces_reset (&l.pieces);
  pieces_reset (&l.kept);
  pieces_reset (&l.selected);
  pieces_reset (&l.cloned);
  return r;
}

static void
wait_for_workers (struct copy_job *job)
{
  while (!copy_stopped (job->run) &&
         !queue_finished (job->queue, &job->lister_wake)) {
    wake_wait (&job->lister_wake, -1);
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
    if (!copy_stopped (job->run) && copy_check_file (job, &err) == 0 &&
        job->disk->target != NULL)
      target_flush (job->disk->target, &err);
  }
  if (error_is_set (&err))
    copy_fail (job, &err);
  error_reset (&err);
  atomic_store (&job->finished, true);
  wake_up (&job->run->main_wake);
  return NULL;
}
