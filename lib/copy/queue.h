/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_QUEUE_H
#define V2V_QUEUE_H

#include <stdbool.h>
#include <sys/queue.h>

#include "base/ranges.h"
#include "copy/pieces.h"

struct error;
struct wake;

struct segment {
  STAILQ_ENTRY (segment) next;  /* to be cut */
  LIST_ENTRY (segment) live;    /* not completed */
  uint64_t offset, len;         /* including gaps between its pieces */
  uint64_t left;                /* bytes not completed */
  size_t current;               /* the piece being cut into requests */
  uint64_t cut;                 /* bytes of it already cut off */
  size_t n;
  struct piece pieces[];
};

struct request {
  struct segment *segment;
  uint64_t offset;
  uint32_t len;
  enum piece_kind kind;
  unsigned attempts;            /* so far, all of which failed */
  uint32_t max_len;             /* of the next attempt */
  int64_t not_before_ms;
};
DEFINE_VECTOR (struct requests, requests, struct request);

struct queue;
/* TRACKS_COMPLETED: queue_take_completed will be called. */
extern struct queue *queue_new (bool tracks_completed, struct error *err);
extern void queue_free (struct queue *);
/* Add PIECES, which come after those of earlier calls, as segments. */
extern int queue_push (struct queue *, const struct pieces *,
                       struct error *err);
extern void queue_end (struct queue *); /* nothing more will be pushed */
/* Is the queue full?  Then WAKE is woken when it no longer is. */
extern bool queue_full (struct queue *, struct wake *);
/* Take a request of at most MAX_LEN bytes.  WAKE is woken when the answer
 * may have changed.
 *   1  taken
 *   0  nothing now; *WAIT_MS is lowered to the time of the next retry
 *  -1  everything is completed
 */
extern int queue_take (struct queue *, uint32_t max_len, struct wake *,
                       struct request *ret, int *wait_ms);
/* Put back a request that failed. */
extern int queue_put_back (struct queue *, const struct request *,
                           struct error *err);
/* The request is done.  If its segment is complete now, the segment is
 * returned, and the caller gives it back with queue_segment_done.
 */
extern struct segment *queue_done (struct queue *, const struct request *);
extern void queue_segment_done (struct queue *, struct segment *);
/* Move the ranges that were completed since the last call to RET. */
extern void queue_take_completed (struct queue *, struct ranges *ret);
/* Is everything completed?  If not, WAKE is woken when it is. */
extern bool queue_finished (struct queue *, struct wake *);
/* Is no request left, except those that are under way? */
extern bool queue_starved (struct queue *);
extern void queue_leave (struct queue *, struct wake *);

#endif /* V2V_QUEUE_H */
