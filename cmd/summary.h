/* SPDX-License-Identifier: GPL-2.0-or-later */

/* --summary: what the runs of a fleet have told, in one table.  It is read from
 * the files that --result-file and --status-file have written.
 */

#ifndef V2V_SUMMARY_H
#define V2V_SUMMARY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/argv.h"
#include "base/vector.h"

struct error;
struct options;

enum summary_state {
  SUMMARY_OK,
  SUMMARY_UNCHANGED,            /* a run before had done it */
  SUMMARY_CHECKED,              /* by --check: it can be done */
  SUMMARY_FAILED,
  SUMMARY_RUNNING,
  SUMMARY_WAITING,              /* for --source-limit */
  SUMMARY_SILENT,               /* it said nothing for so long that it must
                                   have died */
  SUMMARY_STATES                /* how many there are */
};

struct summary_guest {
  char *file;                   /* the latest word is from */
  char *name;                   /* its base name without the suffix: a result
                                   and a status file are one guest's; the whole
                                   file where guests would have one name */
  dev_t dir_dev;                /* of the directory of the file */
  ino_t dir_ino;
  char *host;                   /* that it is read from, or NULL: not known */
  char *reason, *message, *hint; /* FAILED; or NULL */
  char *phase;                  /* RUNNING, or NULL */
  enum summary_state state;
  bool ended;                   /* it is from a result or error object */
  bool stored;                  /* there is a target, or a disk was changed */
  bool retryable, resumable;    /* FAILED */
  int64_t time_ms;              /* of that word, since 1970 */
  double seconds;               /* how long the run took without waiting for
                                   its turn, or has waited; 0: not known */
  uint64_t size;                /* of the disks, in bytes; 0: not known */
  uint64_t done;                /* of it */
  uint64_t read, written;       /* bytes */
  uint64_t rate;                /* bytes per second: now, or on average */
  int64_t eta_s;                /* -1: not known */
};

DEFINE_VECTOR (struct summary_guests, summary_guests, struct summary_guest);

struct summary_host {
  const char *name;             /* a guest's; NULL: where it is not known */
  unsigned guests, ended, running;
  uint64_t read;                /* bytes, of those that have ended */
  double busy_s;                /* while at least one of these ran */
  uint64_t rate;                /* bytes per second: of the ended ones, and
                                   what the running ones do now */
};

DEFINE_VECTOR (struct summary_hosts, summary_hosts, struct summary_host);

struct summary_reason {
  const char *name, *hint;      /* a guest's; the hint may be NULL */
  unsigned guests;
  bool retryable;
};

DEFINE_VECTOR (struct summary_reasons, summary_reasons,
               struct summary_reason);

struct summary {
  struct summary_guests guests; /* by their names */
  struct argv skipped;          /* files, each with why */
  /* summary_add_up: */
  struct summary_hosts hosts;   /* by their names */
  struct summary_reasons reasons; /* the most frequent first */
  unsigned states[SUMMARY_STATES];
  uint64_t size, read, written; /* bytes, of what is stored */
  int64_t eta_s;                /* until the running ones have ended, or -1 */
};

extern const char *summary_state_name (enum summary_state);

/*--- summary-read.c ---*/

/* Read the file PATH, or each file of the directory PATH.  What is not of this
 * program is listed in skipped.  -1: PATH cannot be read.  NOW_MS is the time
 * of day.
 */
extern int summary_read (struct summary *, const char *path, int64_t now_ms,
                         struct error *err);

/*--- summary-sum.c ---*/

/* *SUM is never more than JSON can say, whatever the files claim. */
extern void summary_add (uint64_t *sum, uint64_t n);
/* BYTES per second, 0 if that took no time. */
extern uint64_t summary_rate (uint64_t bytes, double seconds);
/* Sort the guests, and fill in what follows from them. */
extern int summary_add_up (struct summary *, struct error *err);
extern void summary_reset (struct summary *);

/*--- summary-print.c ---*/

extern void summary_print_table (const struct summary *);
extern void summary_print_csv (const struct summary *);
extern int summary_print_json (const struct summary *, struct error *err);
/* The caller puts it; NULL: no memory. */
extern struct json_object *summary_json (const struct summary *);

/*--- summary-page.c ---*/

/* Write the page with pictures to PATH. */
extern int summary_write_page (const struct summary *, const char *path,
                               struct error *err);

/*--- summary.c ---*/

/* Do what --summary asks for. */
extern int summary_run (const struct options *, struct error *err);

#endif /* V2V_SUMMARY_H */
