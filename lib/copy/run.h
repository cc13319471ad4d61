/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What all threads of a copy share: the run, a job for each of its disks,
 * and how any of them ends it.
 */

#ifndef V2V_COPY_RUN_H
#define V2V_COPY_RUN_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "copy/disk.h"
#include "copy/map.h"
#include "copy/tune.h"
#include "io/wake.h"

struct buffers;
struct copy_run;
struct queue;
struct worker;

struct counters {
  _Atomic uint64_t done, read, reads, written, zero, listed;
  atomic_uint retries, connected, refused, failed_reads, latency_ms;
};

struct copy_job {
  struct copy_run *run;
  const struct copy_disk *disk;
  struct copy_result *result;   /* first_error: under the run's lock */
  struct queue *queue;
  struct counters counters;
  struct copy_map map;
  uint64_t total;               /* bytes to be copied */
  _Atomic uint64_t base_size;   /* UINT64_MAX: not known */
  /* What the tuner wants. */
  atomic_uint connections, in_flight;
  _Atomic uint32_t request;
  /* Whose turn it is on a source that must not have two connections. */
  enum turn { TURN_ALL, TURN_LISTER, TURN_WORKER } _Atomic turn;
  struct wake lister_wake, flusher_wake;
  atomic_bool finished;         /* by the lister: flushed, or failed */
  atomic_bool flusher_last;     /* no segment will be completed any more */
  atomic_bool flusher_done;
  atomic_uint alive;            /* workers that have not ended */

  /* The rest is the main thread's. */
  enum { JOB_WAITING, JOB_RUNNING, JOB_ENDED } state;
  pthread_t lister, flusher;
  bool has_flusher;
  struct worker *workers[COPY_CONNECTIONS_MAX];
  unsigned n_workers;
  int64_t start_ms;
  struct tune tune;
  struct {
    uint64_t read;
    int64_t since_ms;
  } last_read;                  /* when something was last read */
};

struct copy_run {
  const struct copy_settings *settings;
  struct supervisor *supervisor;
  const struct events *events;
  struct buffers *buffers;
  struct wake main_wake;
  struct wake stop_wake;        /* readable for good once stopped */
  atomic_bool stop;
  pthread_mutex_t lock;         /* of the next three */
  struct error err;             /* the first of any thread */
  char remark[COPY_FIRST_ERROR]; /* of a thread, to be told by main; the last
                                    one stays; "": none */
  int remark_disk;
  struct copy_job *jobs;
  unsigned n;
  uint64_t stall_sum;           /* what the stall clock last saw */
  int64_t stall_since_ms;
};

/* Record the error, unless there is one, and stop everything. */
extern void copy_fail (struct copy_job *, struct error *err);
extern void copy_stop (struct copy_run *);
static inline bool
copy_stopped (const struct copy_run *run)
{
  return atomic_load_explicit (&run->stop, memory_order_relaxed);
}

/* Start a thread, and what wakes it. */
extern int copy_start_thread (pthread_t *, void *(*fn) (void *), void *data,
                              struct wake *, struct error *err);

/* A connection to the base found SIZE bytes: an error if that is not what
 * others found.
 */
extern int copy_check_base (struct copy_job *, uint64_t size,
                            struct error *err);

#endif /* V2V_COPY_RUN_H */
