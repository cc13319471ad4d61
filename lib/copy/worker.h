/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the parts of a worker share: its connections (worker-connect.c), what
 * it reads (worker-read.c), its thread (worker.c).
 */

#ifndef V2V_WORKER_H
#define V2V_WORKER_H

#include "copy/copy-internal.h"

/* Reads in flight and one buffer being written. */
#define SLOTS (COPY_IN_FLIGHT_MAX + 1)

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

/*--- worker-connect.c ---*/

enum connected { CONNECTED, LATER, LEAVE, FAILED };
/* Make sure that the side has a connection. */
extern enum connected worker_connect (struct worker *, enum side,
                                      struct error *err);
/* Close a connection; what it was reading is read again. */
extern int worker_disconnect (struct worker *, enum side, int errnum,
                              struct error *err);
/* The same when it reads nothing, and the server is to notice at once. */
extern void worker_leave_base (struct worker *);
/* Only close it. */
extern void worker_close (struct worker *, enum side);
/* Give a request back, to be read later by whoever comes first; or, after
 * too many attempts, give up.
 */
extern int worker_try_again (struct worker *, const struct request *failed,
                             int errnum, struct error *err);
extern void worker_release (struct worker *, struct slot *);

/*--- worker-read.c ---*/

/* Keep the connections busy.  1: there is more to come; 0: everything is
 * completed; -1: failed, or leave.
 */
extern int worker_fill (struct worker *, int *wait_ms, struct error *err);
/* What has come frees its place on the wire before it is written. */
extern void worker_count_reads (struct worker *);
extern bool worker_is_reading (const struct worker *);
/* The read that came, lowest offset first; NULL: none. */
extern struct slot *worker_next_read (struct worker *);
/* Deliver it. */
extern int worker_handle_read (struct worker *, struct slot *,
                               struct error *err);

#endif /* V2V_WORKER_H */
