/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the page of --report tells about a run: it listens to the run's
 * events.
 */

#ifndef V2V_PAGE_RECORD_H
#define V2V_PAGE_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/argv.h"
#include "base/events.h"
#include "base/vector.h"
#include "copy/map.h"

struct error;

/* Times are in seconds from the start of the run. */

/* The whole run's progress. */
struct sample {
  double at;
  uint64_t read, written, zero; /* bytes so far */
  unsigned connections;
};
DEFINE_VECTOR (struct samples, samples, struct sample);

struct phase {
  const char *name;             /* as in JSON */
  double start;                 /* it ends where the next one begins */
};
DEFINE_VECTOR (struct phases, phases, struct phase);

/* Something that was said. */
struct note {
  double at;
  bool is_warning;
  int disk;                     /* or -1 */
  char *text;
};
DEFINE_VECTOR (struct notes, notes, struct note);

struct cell {
  uint64_t bytes[COPY_MAP_KINDS];
  bool retried;
};

struct disk_record {
  int index;
  char *name, *target;          /* may be NULL */
  uint64_t size;
  struct cell *cells;           /* NULL: its copy has not begun */
  unsigned n;
  uint64_t cell_size;
};
DEFINE_VECTOR (struct disk_records, disk_records, struct disk_record);

struct page_record {
  int64_t started_ms;
  struct samples samples;
  unsigned every;               /* that many samples came for each kept */
  unsigned skipped;             /* since the last one kept */
  struct phases phases;
  struct notes notes;
  struct disk_records disks;
  struct argv commands;         /* nbdkit's, as a shell takes them */
};

extern struct page_record *page_record_new (struct error *err);
extern void page_record_event (struct page_record *, const struct event *);
/* How long the run has taken so far. */
extern double page_record_seconds (const struct page_record *);
extern void page_record_free (struct page_record *); /* NULL is fine */

#endif /* V2V_PAGE_RECORD_H */
