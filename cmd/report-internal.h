/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What report.c and report-text.c share. */

#ifndef V2V_REPORT_INTERNAL_H
#define V2V_REPORT_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/events.h"
#include "heartbeat.h"
#include "outlet.h"
#include "report.h"

struct log;
struct page_data;
struct progress_bar;

struct report {
  const struct options *options;
  struct events events;
  struct log *log;              /* --log, or NULL */
  struct outlet machine;        /* --machine-readable */
  struct page_data *page_data;  /* --report, or NULL */
  const struct guest *guest;    /* or NULL */
  struct heartbeat heartbeat;
  struct progress_bar *bar;     /* or NULL */
  bool colours;
  bool tells_progress;          /* in lines on stderr, as there are no bars */
  int64_t started_ms, phase_ms; /* when the run and its phase began */
  int64_t waiting_ms;           /* when waiting for a turn began; 0: it does
                                   not wait */
  int64_t waited_ms;            /* how long it has waited before */
  int64_t told_ms;              /* when progress was told, or the phase began */
  const char *phase;
  bool status_failed;           /* --status-file could not be written */
  bool leaves_result, leaves_page; /* not written, as report_leave says */
};

/* Print a line to the log, and TO_STDERR for people, with the time in front.
 */
extern void report_text_line (struct report *, bool to_stderr,
                              const char *fmt, ...)
  __attribute__ ((format (printf, 3, 4)));
/* Print the event's line, if it is one that has a line. */
extern void report_text_event (struct report *, const struct event *);

#endif /* V2V_REPORT_INTERNAL_H */
