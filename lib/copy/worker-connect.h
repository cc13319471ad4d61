/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A worker's state, and its connections: made, refused, lost. */

#ifndef V2V_WORKER_CONNECT_H
#define V2V_WORKER_CONNECT_H

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

/* A worker's connection to one side. */
struct link {
  enum side side;
  struct conn conn;
  unsigned reading;             /* slots */
  unsigned failures;            /* reads in a row */
  unsigned refusals;            /* connects in a row */
  int64_t not_before_ms;        /* of the next connect */
  bool counted;                 /* as connected */
  bool closing;                 /* once nothing is in flight any more */
};

/* A read under way, or one that has come. */
struct slot {
  enum { SLOT_FREE, SLOT_READING, SLOT_READ } state;
  struct link *link;
  struct request request;
  uint64_t from;                /* aligned to what the server wants */
  uint32_t len;
  char *buf;
  size_t buf_size;
  int error;
  int64_t start_ms;
};

/* Reads in flight and one buffer being written. */
#define SLOTS (COPY_IN_FLIGHT_MAX + 1)

struct worker {
  struct copy_job *job;
  atomic_uint index;            /* main counts those that are left */
  pthread_t thread;
  struct wake wake;
  atomic_bool ended;
  struct link links[SIDES];
  struct slot slots[SLOTS];
  struct request held;          /* taken, waits for its connection */
  bool has_held;
};

enum connected { CONNECTED, LATER, LEAVE, FAILED };
/* Make sure that there is a connection. */
extern enum connected worker_connect (struct worker *, struct link *,
                                      struct error *err);
/* Close a connection; what it was reading is read again. */
extern int worker_disconnect (struct worker *, struct link *, int errnum,
                              struct error *err);
/* The same when it reads nothing, and the server is to notice at once. */
extern void worker_leave_base (struct worker *);
/* Only close it. */
extern void worker_close (struct worker *, struct link *);
/* Wait for what happens on the connections, or until WAKE_FD is readable. */
extern void worker_poll (struct worker *, int wake_fd, int timeout_ms);
/* Give the buffer of a read back, and its place. */
extern void worker_release (struct worker *, struct slot *);

#endif /* V2V_WORKER_CONNECT_H */
