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
  uint32_t typical_read;        /* bytes of a read of late; 0: not known */
  struct tune_setting now, best;
  double best_rate;             /* bytes per ms */
  bool trial;                   /* now differs from best on purpose */
  unsigned knob;                /* the one being tried */
  unsigned ceiling;             /* connections that the source gives */
  unsigned refused, failed_reads; /* that have been seen */
  int64_t from_ms, rest_until_ms, rest_ms, changed_ms;
  uint64_t from_bytes, from_reads;
};
/* What the copy looks like at NOW_MS. */
struct tune_input {
  int64_t now_ms;
  uint64_t read, reads;         /* bytes and requests so far */
  unsigned workers, connected;
  unsigned refused, failed_reads; /* so far; each one more is answered by
                                   tune_refused or tune_complaint */
  unsigned latency_ms;          /* of a request of late */
  bool starved;                 /* nothing waits to be read */
};
extern void tune_init (struct tune *, const struct copy_limits *,
                       size_t memory, int64_t now_ms);
extern bool tune_step (struct tune *, const struct tune_input *);
/* The source gave no more than CONNECTED connections. */
extern void tune_refused (struct tune *, unsigned connected, int64_t now_ms);
/* The source failed to read. */
extern void tune_read_failed (struct tune *, int64_t now_ms);

#endif /* V2V_TUNE_H */
