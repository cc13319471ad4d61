/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The queue between a disk's lister and its workers: pieces become segments,
 * segments are cut into requests, and failed requests come back.  When and
 * how often a request is tried again is left to retry.c.
 */

#include <config.h>

#include <string.h>
#include <sys/param.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/lock.h"
#include "copy/disk.h"
#include "copy/limits.h"
#include "copy/queue.h"
#include "io/wake.h"

/* With so many pieces in the queue the lister pauses, and continues. */
#define PIECES_FULL 16384
#define PIECES_LOW 8192

struct queue {
  pthread_mutex_t lock;
  STAILQ_HEAD (, segment) uncut; /* that still have pieces */
  struct requests failed;       /* to be tried again */
  size_t pieces;                /* not yet cut into requests */
  LIST_HEAD (, segment) live;   /* segments not completed */
  bool ended, tracks_completed;
  struct ranges completed; /* if they are tracked */
  struct wake_list waiting;     /* workers without work */
  struct wake *lister;          /* NULL: it is not waiting */
};

struct queue *
queue_new (bool tracks_completed, struct error *err)
{
  struct queue *queue = alloc_zero (sizeof *queue, err);

  if (queue == NULL)
    return NULL;
  pthread_mutex_init (&queue->lock, NULL);
  STAILQ_INIT (&queue->uncut);
  queue->tracks_completed = tracks_completed;
  return queue;
}

void
queue_free (struct queue *queue)
{
  struct segment *segment;

  if (queue == NULL)
    return;
  while ((segment = LIST_FIRST (&queue->live)) != NULL) {
    LIST_REMOVE (segment, live);
    free (segment);
  }
  requests_reset (&queue->failed);
  ranges_reset (&queue->completed);
  pthread_mutex_destroy (&queue->lock);
  free (queue);
}

void
queue_leave (struct queue *queue, struct wake *wake)
{
  LOCK_SCOPE (&queue->lock);

  wake_list_remove (wake);
  if (queue->lister == wake)
    queue->lister = NULL;
}

/* Make a segment from the pieces from number *I on, without the first *SKIP
 * bytes, up to a multiple of COPY_CHUNK.  What is not read is one segment,
 * however much it is.
 */
static struct segment *
make_segment (const struct pieces *pieces, size_t *i, uint64_t *skip)
{
  const struct piece *first = &pieces->ptr[*i];
  const uint64_t offset = first->offset + *skip;
  uint64_t border = (offset / COPY_CHUNK + 1) * COPY_CHUNK;
  struct segment *segment;
  size_t n = 0;

  if (!piece_is_read (first->kind))
    border = MAX (border, (first->offset + first->len) /
                  COPY_CHUNK * COPY_CHUNK);
  while (*i + n < pieces->len && pieces->ptr[*i + n].offset < border)
    n++;
  segment = malloc (sizeof *segment + n * sizeof segment->pieces[0]);
  if (segment == NULL)
    return NULL;
  *segment = (struct segment) { .offset = offset, .n = n };
  memcpy (segment->pieces, first, n * sizeof *first);
  segment->pieces[0].offset += *skip;
  segment->pieces[0].len -= *skip;
  *skip = 0;
  *i += n;

  struct piece *last = &segment->pieces[n - 1];
  if (last->offset + last->len > border) {
    last->len = border - last->offset;
    (*i)--;
    *skip = border - pieces->ptr[*i].offset;
  }
  segment->len = last->offset + last->len - offset;
  for (size_t k = 0; k < n; k++)
    segment->left += segment->pieces[k].len;
  return segment;
}

static void
append_segment (struct queue *queue, struct segment *segment)
{
  LOCK_SCOPE (&queue->lock);

  STAILQ_INSERT_TAIL (&queue->uncut, segment, next);
  LIST_INSERT_HEAD (&queue->live, segment, live);
  queue->pieces += segment->n;
  wake_list_up (&queue->waiting);
}

int
queue_push (struct queue *queue, const struct pieces *pieces,
            struct error *err)
{
  struct segment *segment;
  uint64_t skip = 0;
  size_t i = 0;

  while (i < pieces->len) {
    segment = make_segment (pieces, &i, &skip);
    if (segment == NULL)
      return error_nomem (err);
    append_segment (queue, segment);
  }
  return 0;
}

void
queue_end (struct queue *queue)
{
  LOCK_SCOPE (&queue->lock);

  queue->ended = true;
  wake_list_up (&queue->waiting);
}

bool
queue_full (struct queue *queue, struct wake *wake)
{
  LOCK_SCOPE (&queue->lock);

  queue->lister = queue->pieces >= PIECES_FULL ? wake : NULL;
  return queue->lister != NULL;
}

/* Take a failed request whose pause is over. */
static bool
take_failed (struct queue *queue, uint32_t max_len, struct request *ret,
             int *wait_ms)
{
  struct requests *failed = &queue->failed;
  const int64_t now_ms = failed->len > 0 ? clock_ms () : 0;

  for (size_t i = 0; i < failed->len; i++) {
    struct request *request = &failed->ptr[i];

    if (request->not_before_ms > now_ms) {
      *wait_ms = (int) MIN (request->not_before_ms - now_ms, *wait_ms);
      continue;
    }
    *ret = *request;
    if (request->max_len != 0)
      max_len = MIN (max_len, request->max_len);
    if (request->len > max_len) {
      ret->len = max_len;
      request->offset += max_len;
      request->len -= max_len;
    }
    else
      *request = failed->ptr[--failed->len];
    return true;
  }
  return false;
}

static void
piece_taken (struct queue *queue, struct segment *segment)
{
  segment->current++;
  segment->cut = 0;
  queue->pieces--;
  if (queue->lister != NULL && queue->pieces <= PIECES_LOW) {
    wake_up (queue->lister);
    queue->lister = NULL;
  }
  if (segment->current == segment->n)
    STAILQ_REMOVE_HEAD (&queue->uncut, next);
}

/* Requests end at multiples of MAX_LEN, so that they stay aligned. */
static void
cut_request (struct queue *queue, uint32_t max_len, struct request *ret)
{
  struct segment *segment = STAILQ_FIRST (&queue->uncut);
  const struct piece *piece = &segment->pieces[segment->current];
  const uint64_t offset = piece->offset + segment->cut;
  const uint64_t left = piece->len - segment->cut;
  const uint32_t max = piece_is_read (piece->kind) ? max_len : COPY_ZERO_MAX;
  const uint64_t len = MIN (left, max - offset % max);

  *ret = (struct request) {
    .segment = segment, .offset = offset, .len = (uint32_t) len,
    .kind = piece->kind };
  segment->cut += len;
  if (len == left)
    piece_taken (queue, segment);
}

static bool
all_completed (const struct queue *queue)
{
  return queue->ended && LIST_EMPTY (&queue->live);
}

int
queue_take (struct queue *queue, uint32_t max_len, struct wake *wake,
            struct request *ret, int *wait_ms)
{
  LOCK_SCOPE (&queue->lock);

  if (take_failed (queue, max_len, ret, wait_ms))
    return 1;
  if (!STAILQ_EMPTY (&queue->uncut)) {
    cut_request (queue, max_len, ret);
    return 1;
  }
  if (all_completed (queue))
    return -1;
  wake_list_add (&queue->waiting, wake);
  return 0;
}

int
queue_put_back (struct queue *queue, const struct request *request,
                struct error *err)
{
  LOCK_SCOPE (&queue->lock);

  wake_list_up (&queue->waiting);
  return requests_append (&queue->failed, *request) == -1 ? error_nomem (err)
                                                         : 0;
}

struct segment *
queue_done (struct queue *queue, const struct request *request)
{
  LOCK_SCOPE (&queue->lock);

  request->segment->left -= request->len;
  return request->segment->left > 0 ? NULL : request->segment;
}

void
queue_segment_done (struct queue *queue, struct segment *segment)
{
  const struct range range = { segment->offset, segment->len };
  LOCK_SCOPE (&queue->lock);

  LIST_REMOVE (segment, live);
  free (segment);
  /* Without memory it is not recorded, and copied again after a resume. */
  if (queue->tracks_completed)
    ranges_append (&queue->completed, range);
  if (all_completed (queue))
    wake_list_up (&queue->waiting);
}

void
queue_take_completed (struct queue *queue, struct ranges *ret)
{
  LOCK_SCOPE (&queue->lock);

  *ret = queue->completed;
  queue->completed = (struct ranges) { .len = 0 };
}

bool
queue_finished (struct queue *queue, struct wake *wake)
{
  LOCK_SCOPE (&queue->lock);

  if (all_completed (queue))
    return true;
  wake_list_add (&queue->waiting, wake);
  return false;
}

bool
queue_starved (struct queue *queue)
{
  LOCK_SCOPE (&queue->lock);

  return STAILQ_EMPTY (&queue->uncut) && queue->failed.len == 0;
}
