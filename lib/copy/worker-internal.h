/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A worker's state, and what worker.c, worker-read.c and worker-connect.c call
 * of each other.
 */

#ifndef V2V_WORKER_INTERNAL_H
#define V2V_WORKER_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "copy/connection.h"
#include "copy/limits.h"
#include "copy/pieces.h"
#include "copy/queue.h"
#include "io/wake.h"

struct copy_job;
struct error;

/* A worker's connection to the base or the overlay. */
struct link {
  enum side side;
  struct conn conn;
  unsigned reading;             /* how many slots */
  unsigned failures;            /* of reads, in a row */
  unsigned refusals;            /* of connections, in a row */
  int64_t not_before_ms;        /* the next attempt to connect */
  bool counted;                 /* in the counter `connected' */
  bool closing;                 /* as soon as nothing is in flight */
  bool single;                  /* it leads to the base's single_uri */
};

/* A read in flight, or one that has completed. */
struct slot {
  enum { SLOT_FREE, SLOT_READING, SLOT_READ } state;
  struct link *link;
  struct request request;
  uint64_t from;                /* aligned to the server's blocks */
  uint32_t len;
  char *buf;
  size_t buf_size;
  int error;
  int64_t start_ms;
  int64_t waited_ms;            /* for the reply: not while a reply could
                                   not be taken, because data was written */
};

/* Reads in flight, and one whose data is being written. */
#define SLOTS (COPY_IN_FLIGHT_MAX + 1)

struct worker {
  struct copy_job *job;
  atomic_uint index;            /* set by the main thread; ends the worker
                                   when it exceeds the tuner's setting */
  pthread_t thread;
  struct wake wake;
  atomic_bool ended;
  struct link links[SIDES];
  struct slot slots[SLOTS];
  struct request held;          /* taken, but not yet being read */
  bool has_held;
  bool leaving;                 /* one too many: it ends */
};

/*--- worker-connect.c ---*/

enum connected { CONNECTED, LATER, LEAVE, FAILED };
/* Connect, unless that is done.  LEAVE: this worker is one too many. */
extern enum connected worker_connect (struct worker *, struct link *,
                                      struct error *err);
/* Close a connection; what was in flight on it will be read again. */
extern int worker_disconnect (struct worker *, struct link *, int errnum,
                              struct error *err);
/* Close the connection to the base, which is idle, so that the lister can
 * open one.
 */
extern void worker_leave_base (struct worker *);
/* Is it the lister's turn to use the only connection to the base?  Then this
 * worker's is closed as soon as nothing is in flight on it.
 */
extern bool worker_yield_base (struct worker *);
/* Is this worker one too many? */
extern bool worker_is_superfluous (struct worker *);
/* Close a connection, without regard to what is in flight. */
extern void worker_close (struct worker *, struct link *);
/* Wait for events on the connections, or until WAKE_FD is readable. */
extern void worker_poll (struct worker *, int wake_fd, int timeout_ms);
/* Free a slot and its buffer. */
extern void worker_release (struct worker *, struct slot *);

/*--- worker-read.c ---*/

/* Begin reads as long as that is possible.
 *   1  there may be more to do
 *   0  everything is completed, or this worker is not wanted any more
 *  -1  failed, or this worker has to end
 */
extern int worker_fill (struct worker *, int *wait_ms, struct error *err);
/* The completed read with the lowest offset; NULL: there is none. */
extern struct slot *worker_next_read (struct worker *);
/* Deliver what was read, or try again. */
extern int worker_handle_read (struct worker *, struct slot *,
                               struct error *err);

#endif /* V2V_WORKER_INTERNAL_H */
