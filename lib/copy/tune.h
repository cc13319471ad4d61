/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_TUNE_H
#define V2V_TUNE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "copy/limits.h"

struct tune_setting {
  unsigned connections, in_flight;
  uint32_t request;
};
struct tune {
  struct copy_limits limits;
  size_t memory;                /* for this disk's buffers */
  uint32_t typical_read;        /* bytes of a recent read; 0: not known */
  struct tune_setting now, best;
  double best_rate;             /* bytes per ms */
  bool trial;                   /* `now' is tried, and differs from `best' */
  unsigned knob;                /* the one that is tried */
  unsigned ceiling;             /* connections that the source allows */
  unsigned refused, failed_reads; /* as in the last input */
  int64_t from_ms, rest_until_ms, rest_ms, changed_ms;
  uint64_t from_bytes, from_reads;
};
/* The state of the copy at NOW_MS. */
struct tune_input {
  int64_t now_ms;
  uint64_t read, reads;         /* bytes and requests, so far */
  uint64_t read_ms;             /* how long these took, added up */
  unsigned workers, connected;
  unsigned refused, failed_reads; /* connections and requests, so far */
  unsigned latency_ms;          /* of recent requests */
  bool starved;                 /* the queue is empty */
};
extern void tune_init (struct tune *, const struct copy_limits *,
                       size_t memory, int64_t now_ms);
/* Has the setting changed? */
extern bool tune_step (struct tune *, const struct tune_input *);
/* Ask for less if the source has refused something since the last input.  Has
 * the setting changed?
 */
extern bool tune_trouble (struct tune *, const struct tune_input *);
/* The source has refused more than CONNECTED connections. */
extern void tune_refused (struct tune *, unsigned connected, int64_t now_ms);

/* As many will never be allowed again. */
extern void tune_limit (struct tune *, unsigned connections, int64_t now_ms);

#endif /* V2V_TUNE_H */
