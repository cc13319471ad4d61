/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the parts of the copy engine share.
 *
 *   lister ──segments of pieces──> queue ──requests──> workers ──> target
 *
 * A disk being copied has one lister, a thread that asks for extents far
 * ahead, and workers, threads with connections of their own that read and
 * write.  The main thread only watches: progress, tuning, signals.
 */

#ifndef V2V_COPY_INTERNAL_H
#define V2V_COPY_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/param.h>

#include <libnbd.h>

#include "base/error.h"
#include "base/vector.h"
#include "copy/copy.h"
#include "copy/map.h"
#include "io/wake.h"

/* Buffers of all disks together. */
#define COPY_MEMORY (UINT32_C (64) << 20)
/* The smallest read worth its round trip, and the smallest buffer. */
#define COPY_REQUEST_MIN (UINT32_C (64) << 10)
#define COPY_REQUEST_MAX (UINT32_C (32) << 20)
/* The unit that is completed, written back and can be resumed from. */
#define COPY_SEGMENT COPY_CHUNK
/* Servers and devices take zero requests of this size (NBD's limit). */
#define COPY_ZERO_MAX (UINT32_C (32) << 20)
/* Requests on one connection. */
#define COPY_IN_FLIGHT_MAX 64
#define COPY_CONNECTIONS_MAX 128

/* Where bytes are read from. */
enum side { BASE, OVERLAY, SIDES };

/*--- buffers.c: memory for requests, bounded and used again. ---*/

struct buffers;
extern struct buffers *buffers_new (size_t max, struct error *err);
extern void buffers_free (struct buffers *);
/* The size of the buffer that holds LEN bytes. */
extern size_t buffers_size (size_t len);
/* NULL: the bound is reached (or the machine's); try again later. */
extern void *buffers_get (struct buffers *, size_t size);
extern void buffers_put (struct buffers *, void *buf, size_t size);

/*--- zero.c: finding zeroes by content. ---*/

extern bool is_zero (const char *buf, size_t len);
/* The length of the run at the start of BUF, which lies at OFFSET of the
 * disk, that is all zero or not: whole blocks of GRANULE bytes.
 */
extern size_t zero_run (const char *buf, size_t len, uint64_t offset,
                        uint32_t granule, bool *zero);

/*--- pieces.c: extent lists to pieces. ---*/

/* A list of extents without gaps from START to END; the flag tells the
 * ones that are set (zero, allocated).
 */
struct extent {
  uint64_t end;
  bool set;
};
DEFINE_VECTOR (struct extent_vector, extent_vector, struct extent);
struct extents {
  uint64_t start, end;
  struct extent_vector list;
};
extern void extents_begin (struct extents *, uint64_t start);
/* Append [OFFSET, OFFSET+LEN) as far as it continues the list.  Set extents
 * shorter than MIN_LEN count as not set.
 */
extern int extents_append (struct extents *, uint64_t offset, uint64_t len,
                           bool set, uint64_t min_len);
extern void extents_reset (struct extents *);

enum piece_kind {
  PIECE_ZERO,
  PIECE_BASE,                   /* read from base_uri */
  PIECE_OVERLAY,                /* read from overlay_uri */
};
struct piece {
  uint64_t offset, len;
  enum piece_kind kind;
};
DEFINE_VECTOR (struct pieces, pieces, struct piece);

/* The pieces of [OFFSET, END): where ALLOCATED (NULL: nowhere) is set, from
 * the overlay or zero as OVERLAY_ZERO says, else from the base or zero as
 * BASE_ZERO says.
 */
extern int plan_pieces (uint64_t offset, uint64_t end,
                        const struct extents *base_zero,
                        const struct extents *allocated,
                        const struct extents *overlay_zero,
                        struct pieces *ret);

/* What of PIECES lies in RANGES, appended to RET.  FIRST is the first of the
 * ranges that can matter; it moves on, for the pieces that come next.
 */
extern int plan_select (const struct pieces *, const struct copy_ranges *,
                        size_t *first, struct pieces *ret);

/*--- queue.c: segments waiting, requests made of them. ---*/

struct segment {
  struct segment *next;         /* to be cut */
  struct segment *live_prev, *live_next; /* not completed */
  uint64_t offset, len;         /* with the gaps between its pieces */
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
  unsigned attempts;            /* that failed */
  uint32_t max_len;             /* of the next attempt */
  int64_t not_before_ms;
};
DEFINE_VECTOR (struct requests, requests, struct request);

struct queue;
/* TRACK: queue_take_completed will be called. */
extern struct queue *queue_new (bool track, struct error *err);
extern void queue_free (struct queue *);
/* Cut PIECES, which lie behind those of the last push, into segments. */
extern int queue_push (struct queue *, const struct pieces *,
                       struct error *err);
extern void queue_end (struct queue *); /* nothing more will be pushed */
/* Is enough waiting?  Then WAKE is woken when it no longer is. */
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
extern int queue_again (struct queue *, const struct request *,
                        struct error *err);
/* The request is done.  Returns its segment if that is complete; the caller
 * hands it back with queue_segment_done.
 */
extern struct segment *queue_done (struct queue *, const struct request *);
extern void queue_segment_done (struct queue *, struct segment *);
/* Move the ranges that were completed since the last time to RET. */
extern void queue_take_completed (struct queue *, struct copy_ranges *ret);
/* Is everything completed?  If not WAKE is woken when it is. */
extern bool queue_finished (struct queue *, struct wake *);
/* Does nothing wait to be read? */
extern bool queue_starved (struct queue *);
extern void queue_leave (struct queue *, struct wake *);

/*--- tune.c: how hard to press. ---*/

struct tune_setting {
  unsigned connections, in_flight;
  uint32_t request;
};
struct tune {
  struct copy_limits limits;
  size_t memory;                /* for this disk's buffers */
  uint32_t usual;               /* bytes of a read of late; 0: not known */
  struct tune_setting now, best;
  double best_rate;             /* bytes per ms */
  bool trial;                   /* now differs from best on purpose */
  unsigned knob;                /* the one being tried */
  unsigned ceiling;             /* connections that the source gives */
  int64_t from_ms, hold_until_ms, hold_ms, changed_ms;
  uint64_t from_bytes, from_reads;
};
/* What the copy looks like at NOW_MS. */
struct tune_input {
  int64_t now_ms;
  uint64_t read, reads;         /* bytes and requests so far */
  unsigned connected;
  unsigned latency_ms;          /* of a request of late */
  bool starved;                 /* nothing waits to be read */
};
extern void tune_init (struct tune *, const struct copy_limits *,
                       size_t memory, int64_t now_ms);
extern bool tune_step (struct tune *, const struct tune_input *);
/* The source gave no more than CONNECTED connections. */
extern void tune_refused (struct tune *, unsigned connected, int64_t now_ms);
/* The source failed to read. */
extern void tune_complaint (struct tune *, int64_t now_ms);

/*--- A disk being copied. ---*/

struct copy_run;

struct counters {
  _Atomic uint64_t done, read, reads, written, zero, listed;
  atomic_uint retries, connected, refused, complaints, latency_ms;
};

struct copy_job {
  struct copy_run *run;
  const struct copy_disk *disk;
  struct copy_result *result;
  struct queue *queue;
  struct counters counters;
  struct copy_map map;
  uint64_t total;               /* bytes to be copied */
  _Atomic uint64_t base_size;   /* UINT64_MAX: not known */
  /* What the tuner wants. */
  atomic_uint connections, in_flight;
  _Atomic uint32_t request;
  struct tune tune;             /* main thread */

  pthread_t lister, keeper;
  struct wake lister_wake, keeper_wake;
  /* Whose turn it is on a source that must not have two connections. */
  enum turn { TURN_ALL, TURN_LISTER, TURN_WORKER } _Atomic turn;
  atomic_bool keeper_last;      /* no segment will be completed any more */
  atomic_bool keeper_done;
  bool keeps;                   /* there is a keeper */
  struct worker *workers[COPY_CONNECTIONS_MAX];
  unsigned n_workers;
  atomic_uint alive;            /* workers that have not ended */
  enum { JOB_WAITING, JOB_RUNNING, JOB_ENDED } state; /* main thread */
  atomic_bool finished;         /* by the lister: flushed, or failed */
  int64_t start_ms;
  unsigned refused, complaints; /* that the tuner has been told */
  struct {                      /* main thread */
    uint64_t read;
    int64_t since_ms;
  } seen;                       /* when something was last read */
  char first_error[COPY_FIRST_ERROR]; /* under the run's lock */
};

struct copy_run {
  const struct copy_settings *settings;
  struct supervisor *sv;
  const struct events *events;
  struct buffers *buffers;
  struct wake main_wake;
  struct wake stop_wake;        /* readable for good once stopped */
  atomic_bool stop;
  pthread_mutex_t lock;         /* of the next three */
  struct error err;             /* the first of any thread */
  char *remark;                 /* of a thread, to be told by main */
  int remark_disk;
  struct copy_job *jobs;
  unsigned n;
  uint64_t moved;               /* what the stall clock last saw */
  int64_t moved_ms;
};

/* Record the error, unless there is one, and stop everything. */
extern void copy_fail (struct copy_job *, struct error *err);
extern void copy_stop (struct copy_run *);
/* Something is about to be tried again because of this. */
extern void copy_retried (struct copy_job *, const char *fmt, ...)
  __attribute__ ((format (printf, 2, 3)));
/* Remember a remark for the log; the last one stays. */
extern void copy_remark (struct copy_job *, const char *fmt, ...)
  __attribute__ ((format (printf, 2, 3)));
static inline bool
copy_stopped (const struct copy_run *run)
{
  return atomic_load_explicit (&run->stop, memory_order_relaxed);
}
/* The pause before attempt N+1, growing, capped and jittered. */
extern int copy_backoff_ms (unsigned attempts);

/*--- lister.c: the lister. ---*/

extern void *lister_main (void *job);

/*--- connection.c: an NBD connection, or the file that it would serve. ---*/

struct conn {
  struct nbd_handle *h;         /* NULL, */
  int fd;                       /* or -1, or both: not open */
  uint64_t size;
  uint32_t align, max;          /* of requests */
};
extern int conn_open_nbd (struct conn *, const char *uri, int stop_fd,
                          unsigned timeout_s, struct error *err);
extern int conn_open_file (struct conn *, const char *path,
                           struct error *err);
extern bool conn_is_open (const struct conn *);
extern bool conn_is_file (const struct conn *);
extern bool conn_alive (const struct conn *);
extern void conn_close (struct conn *);
/* As nbd_aio_pread; a file's read has completed on return. */
extern int conn_read (struct conn *, void *buf, size_t len, uint64_t offset,
                      nbd_completion_callback completion);

/*--- deliver.c: what was read goes to the target. ---*/

extern int deliver_zero (struct copy_job *, const struct request *,
                         struct error *err);
extern int deliver_data (struct copy_job *, const struct request *,
                         const char *data, struct error *err);

/*--- worker.c ---*/

/* Start a worker thread.  NULL: none can be started. */
extern struct worker *worker_start (struct copy_job *, unsigned index,
                                    struct error *err);
extern void worker_renumber (struct worker *, unsigned index);
extern bool worker_ended (const struct worker *);
extern void worker_wake (struct worker *);
extern void worker_join (struct worker *); /* and free it */

/*--- flusher.c: what is complete goes to stable storage. ---*/

extern void *keeper_main (void *job);

/*--- job.c: one disk, as the main thread sees it. ---*/

extern int job_init (struct copy_job *, struct error *err);
/* A connection to the base found SIZE bytes: an error if that is not what
 * others found.
 */
extern int job_check_base (struct copy_job *, uint64_t size,
                           struct error *err);
extern int job_start (struct copy_job *, size_t memory, struct error *err);
/* Adapt the number of workers and what they do. */
extern int job_tick (struct copy_job *, struct error *err);
/* Has nothing been read for some time? */
extern bool job_is_stuck (struct copy_job *);
/* Have all threads but the keeper ended? */
extern bool job_is_idle (const struct copy_job *);
/* Nothing more will be completed. */
extern void job_keep_last (struct copy_job *);
/* Wait for the threads, which are about to end. */
extern void job_end (struct copy_job *);
extern void job_wake (struct copy_job *);
extern void job_reset (struct copy_job *);

/*--- progress.c ---*/

struct progress {
  int64_t start_ms, last_ms;
  struct rate {
    uint64_t done;
    double rate;                /* bytes per second, smoothed */
  } whole, *disks;
};
extern int progress_init (struct progress *, const struct copy_run *,
                          struct error *err);
extern void progress_tick (struct progress *, struct copy_run *);
extern void progress_job (struct progress *, struct copy_job *);
extern void progress_whole (struct progress *, struct copy_run *);
extern void progress_reset (struct progress *);

#endif /* V2V_COPY_INTERNAL_H */
