/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What people and scripts see of a run: lines, a progress bar, JSON lines,
 * the log, the result file, the page of --report.
 */

#ifndef V2V_REPORT_H
#define V2V_REPORT_H

#include <stdio.h>

#include "base/error.h"
#include "base/events.h"
#include "options.h"
#include "transfer/transfer.h"

struct guest;
struct report;
struct success;
struct supervisor;

/* Before anything else: the result file (if OPTIONS name one) does not hold
 * what an earlier run has written there.
 */
extern int report_begin (const struct options *, struct error *err);

/* The streams that the options name are opened. */
extern struct report *report_new (const struct options *, struct error *err);
/* Writes what is left.  NULL is fine. */
extern void report_free (struct report *);

/* What the run is about, for the page; it must live until the run has ended.
 */
extern void report_guest (struct report *, const struct guest *);

/* PATH, of --log, --report, --result-file or --status-file, is something else
 * as well: nothing is written to it.
 */
extern void report_leave (struct report *, const char *path);

/* The handler of the library's events. */
extern const struct events *report_events (struct report *);

/* From here on the reader of JSON lines gets one at least once a second. */
extern int report_watch (struct report *, struct supervisor *,
                         struct error *err);
/* To be called before the supervisor is freed. */
extern void report_unwatch (struct report *);

/* Is a command's output needed as EVENT_LOG? */
extern bool report_wants_output (const struct report *);
/* What the source holds, for --machine-readable. */
extern int report_source (struct report *, const struct guest *,
                          struct error *err);

/* Where a command's stdout may go without spoiling JSON lines. */
extern int report_stdout_fd (const struct report *);

/* The one error of the run, and its end.  STATUS is the exit status. */
extern void report_error (struct report *, const struct error *, int status);
extern void report_success (struct report *, const struct success *);

/* "v2v-nbdkit-launch: error: ..." with its hint, on stderr.  For errors
 * that come before there is a report.
 */
extern void report_print_error (const struct error *, bool colours);

#endif /* V2V_REPORT_H */
