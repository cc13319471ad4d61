/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <config.h>

#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "copy/copy-internal.h"

/* Pieces waiting at which the lister pauses and goes on. */
#define PIECES_FULL 16384
#define PIECES_LOW 8192

struct queue {
  pthread_mutex_t lock;
  struct segment *head, *tail;  /* not yet wholly cut into requests */
  struct requests again;        /* failed ones */
  size_t pieces;                /* waiting */
  struct segment *live;         /* segments not completed */
  bool ended, track;
  struct copy_ranges completed; /* if they are tracked */
  struct wake_list waiting;     /* workers without work */
  struct wake *lister;          /* or NULL: it is not waiting */
};

struct queue *
queue_new (bool track, struct error *err)
{
  struct queue *queue = calloc (1, sizeof *queue);

  if (queue == NULL) {
    error_nomem (err);
    return NULL;
  }
  pthread_mutex_init (&queue->lock, NULL);
  queue->track = track;
  return queue;
}

void
queue_free (struct queue *queue)
{
  if (queue == NULL)
    return;
  while (queue->live != NULL) {
    struct segment *segment = queue->live;

    queue->live = segment->live_next;
    free (segment);
  }
  requests_reset (&queue->again);
  copy_ranges_reset (&queue->completed);
  pthread_mutex_destroy (&queue->lock);
  free (queue);
}

void
queue_leave (struct queue *queue, struct wake *wake)
{
  pthread_mutex_lock (&queue->lock);
  wake_list_remove (wake);
  if (queue->lister == wake)
    queue->lister = NULL;
  pthread_mutex_unlock (&queue->lock);
}

/* The segment made of the pieces from *I on, of which SKIP bytes are gone,
 * up to its border.  A run of zeroes is one segment, however long.
 */
static struct segment *
make_segment (const struct pieces *pieces, size_t *i, uint64_t *skip)
{
  const struct piece *first = &pieces->ptr[*i];
  const uint64_t offset = first->offset + *skip;
  uint64_t border = (offset / COPY_SEGMENT + 1) * COPY_SEGMENT;
  struct segment *segment;
  size_t n = 0;

  if (first->kind == PIECE_ZERO)
    border = MAX (border, (first->offset + first->len) /
                  COPY_SEGMENT * COPY_SEGMENT);
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
  if (queue->head == NULL)
    queue->head = segment;
  else
    queue->tail->next = segment;
  queue->tail = segment;
  queue->pieces += segment->n;
  segment->live_next = queue->live;
  if (queue->live != NULL)
    queue->live->live_prev = segment;
  queue->live = segment;
}

static void
remove_live (struct queue *queue, struct segment *segment)
{
  if (segment->live_prev != NULL)
    segment->live_prev->live_next = segment->live_next;
  else
    queue->live = segment->live_next;
  if (segment->live_next != NULL)
    segment->live_next->live_prev = segment->live_prev;
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
    pthread_mutex_lock (&queue->lock);
    append_segment (queue, segment);
    wake_list_up (&queue->waiting);
    pthread_mutex_unlock (&queue->lock);
  }
  return 0;
}

void
queue_end (struct queue *queue)
{
  pthread_mutex_lock (&queue->lock);
  queue->ended = true;
  wake_list_up (&queue->waiting);
  pthread_mutex_unlock (&queue->lock);
}

bool
queue_full (struct queue *queue, struct wake *wake)
{
  bool full;

  pthread_mutex_lock (&queue->lock);
  full = queue->pieces >= PIECES_FULL;
  queue->lister = full ? wake : NULL;
  pthread_mutex_unlock (&queue->lock);
  return full;
}

/* A failed request whose time has come. */
static bool
take_again (struct queue *queue, uint32_t max_len, struct request *ret,
            int *wait_ms)
{
  struct requests *again = &queue->again;
  const int64_t now_ms = again->len > 0 ? clock_ms () : 0;

  for (size_t i = 0; i < again->len; i++) {
    struct request *request = &again->ptr[i];

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
      *request = again->ptr[--again->len];
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
  if (segment->current == segment->n) {
    queue->head = segment->next;
    segment->next = NULL;
  }
}

/* Requests end at multiples of MAX_LEN, so that they stay aligned. */
static void
cut_request (struct queue *queue, uint32_t max_len, struct request *ret)
{
  struct segment *segment = queue->head;
  const struct piece *piece = &segment->pieces[segment->current];
  const uint64_t offset = piece->offset + segment->cut;
  const uint64_t left = piece->len - segment->cut;
  const uint32_t max = piece->kind == PIECE_ZERO ? COPY_ZERO_MAX : max_len;
  const uint64_t len = MIN (left, max - offset % max);

  *ret = (struct request) {
    .segment = segment, .offset = offset, .len = (uint32_t) len,
    .kind = piece->kind };
  segment->cut += len;
  if (len == left)
    piece_taken (queue, segment);
}

int
queue_take (struct queue *queue, uint32_t max_len, struct wake *wake,
            struct request *ret, int *wait_ms)
{
  int r = 1;

  pthread_mutex_lock (&queue->lock);
  if (!take_again (queue, max_len, ret, wait_ms)) {
    if (queue->head != NULL)
      cut_request (queue, max_len, ret);
    else if (queue->ended && queue->live == NULL)
      r = -1;
    else {
      wake_list_add (&queue->waiting, wake);
      r = 0;
    }
  }
  pthread_mutex_unlock (&queue->lock);
  return r;
}

int
queue_again (struct queue *queue, const struct request *request,
             struct error *err)
{
  int r;

  pthread_mutex_lock (&queue->lock);
  r = requests_append (&queue->again, *request);
  wake_list_up (&queue->waiting);
  pthread_mutex_unlock (&queue->lock);
  return r == -1 ? error_nomem (err) : 0;
}

struct segment *
queue_done (struct queue *queue, const struct request *request)
{
  struct segment *segment = request->segment;

  pthread_mutex_lock (&queue->lock);
  segment->left -= request->len;
  if (segment->left > 0)
    segment = NULL;
  pthread_mutex_unlock (&queue->lock);
  return segment;
}

void
queue_segment_done (struct queue *queue, struct segment *segment)
{
  const struct copy_range range = { segment->offset, segment->len };

  pthread_mutex_lock (&queue->lock);
  remove_live (queue, segment);
  /* One that is forgotten is copied once more, which does no harm. */
  if (queue->track)
    copy_ranges_append (&queue->completed, range);
  if (queue->ended && queue->live == NULL)
    wake_list_up (&queue->waiting);
  pthread_mutex_unlock (&queue->lock);
  free (segment);
}

void
queue_take_completed (struct queue *queue, struct copy_ranges *ret)
{
  pthread_mutex_lock (&queue->lock);
  *ret = queue->completed;
  queue->completed = (struct copy_ranges) { .len = 0 };
  pthread_mutex_unlock (&queue->lock);
}

bool
queue_finished (struct queue *queue, struct wake *wake)
{
  bool finished;

  pthread_mutex_lock (&queue->lock);
  finished = queue->ended && queue->live == NULL;
  if (!finished)
    wake_list_add (&queue->waiting, wake);
  pthread_mutex_unlock (&queue->lock);
  return finished;
}

bool
queue_starved (struct queue *queue)
{
  bool starved;

  pthread_mutex_lock (&queue->lock);
  starved = queue->head == NULL && queue->again.len == 0;
  pthread_mutex_unlock (&queue->lock);
  return starved;
}
