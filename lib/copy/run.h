/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the threads of a copy share: the run, and a job for each disk. */

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
#include "copy/pieces.h"
#include "copy/tune.h"
#include "copy/yield.h"
#include "io/wake.h"
#include "settings.h"

struct buffers;
struct conn;
struct copy_run;
struct queue;
struct worker;

struct counters {
  _Atomic uint64_t done, read, reads, written, cloned, zero, unused, listed;
  _Atomic uint64_t read_ms;     /* how long the reads took, added up */
  atomic_uint retries, connected, refused, failed_reads, latency_ms;
};

/* How fast bytes are copied, for progress events. */
struct rate {
  uint64_t done;
  double rate;                  /* bytes per second, smoothed */
};

struct copy_job {
  struct copy_run *run;
  const struct copy_disk *disk;
  struct copy_result *result;   /* first_error is guarded by the run's lock */
  struct queue *queue;
  struct counters counters;
  struct copy_map map;
  uint64_t total;               /* bytes to be copied */
  uint64_t base_file_size;      /* bytes */
  _Atomic uint64_t base_size;   /* UINT64_MAX: not known */
  /* The setting that the tuner has chosen. */
  atomic_uint connections, in_flight;
  _Atomic uint32_t request;
  /* Whose turn it is to connect to a source that allows one connection. */
  enum turn { TURN_ALL, TURN_LISTER, TURN_WORKER } _Atomic turn;
  atomic_bool has_cloned;       /* so that nobody knows all digests */
  atomic_bool lister_connected; /* to the base, and so in others' way */
  /* Of single_uri: a worker has it; everything is read through it, because
   * base_uri has let nobody in so far; it is of no use any more, because
   * something failed.
   */
  atomic_bool single_taken, only_single, single_failed;
  atomic_bool base_connected;   /* somebody was let in by base_uri */
  atomic_uint max_workers;      /* how many may be connected, because the
                                   lister could not connect next to them */
  atomic_int connect_ms;        /* the longest that connecting has taken */
  _Atomic int64_t next_ms;      /* when the base may be asked again, with
                                   the disk's pace_ms */
  struct wake lister_wake, flusher_wake;
  bool cannot_clone;            /* the lister's: it was tried */
  atomic_bool finished;         /* set by the lister: flushed, or failed */
  atomic_bool flusher_last;     /* it is to flush once more, and end */
  atomic_bool flusher_done;
  atomic_uint alive;            /* workers that have not ended */

  /* The rest belongs to the main thread. */
  enum { JOB_WAITING, JOB_RUNNING, JOB_ENDED } state;
  pthread_t lister, flusher;
  bool has_flusher;
  struct worker *workers[COPY_CONNECTIONS_MAX];
  unsigned n_workers;
  int64_t start_ms;
  struct rate rate;
  struct tune tune;
  struct yield yield;           /* while the run yields */
  struct {
    uint64_t read;
    int64_t since_ms;
  } last_read;                  /* `read' has been the same since then */
};

struct copy_run {
  const struct settings *settings;
  const char *phase;
  const struct copy_hooks *hooks; /* or NULL */
  struct supervisor *supervisor;
  const struct events *events;
  struct buffers *buffers;
  struct wake main_wake;
  struct wake stop_wake;        /* readable from copy_stop on */
  atomic_bool stop;
  pthread_mutex_t lock;         /* guards the next three */
  struct error err;             /* the first of any thread */
  char remark[4096];            /* of a thread, to be reported by the main
                                   thread; "": none */
  int remark_disk;
  enum copy_yields yields;      /* the main thread's */
  struct copy_job *jobs;
  unsigned n;
  struct rate rate;
  int64_t start_ms, progress_ms; /* it began, it was reported */
  uint64_t stall_sum;           /* of all counters */
  int64_t stall_since_ms;
};

/* Record the error, unless there is one already, and stop everything. */
extern void copy_fail (struct copy_job *, struct error *err);
extern void copy_stop (struct copy_run *);
static inline bool
copy_stopped (const struct copy_run *run)
{
  return atomic_load_explicit (&run->stop, memory_order_relaxed);
}

/* Start a thread, and initialise what wakes it. */
extern int copy_start_thread (pthread_t *, void *(*fn) (void *), void *data,
                              struct wake *, struct error *err);

/* The threads of a job that fill its queue and make completed segments
 * durable: lister.c and flusher.c.
 */
extern void *lister_main (void *job);
extern void *flusher_main (void *job);

/* Connect to the base, by its single_uri or not, or to the overlay.  When
 * others of the job are connected to the base already it is not waited for as
 * long as for the first one.
 */
extern int copy_connect (struct copy_job *, struct conn *, enum side,
                         bool single, const char *const *contexts,
                         struct error *err);

/* May the base be asked for something now?  Where the source wants pauses,
 * true is for one request, and false says when to try again.
 */
extern bool copy_may_ask (struct copy_job *, int64_t *when_ms);

/* How long is base_file?  Later: is it as long as it was, and what its name
 * leads to?  If not, that is an error.
 */
extern int copy_open_file (struct copy_job *, struct error *err);
extern int copy_check_file (const struct copy_job *, struct error *err);

/* A connection says that the base has SIZE bytes: fail if others said
 * something else.
 */
extern int copy_check_base (struct copy_job *, uint64_t size,
                            struct error *err);

#endif /* V2V_COPY_RUN_H */
