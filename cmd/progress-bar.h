/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Progress for people on a terminal (a line for each disk), or as nbdcopy's
 * N/100 lines on a descriptor.
 */

#ifndef V2V_PROGRESS_BAR_H
#define V2V_PROGRESS_BAR_H

#include <stdbool.h>

#include "base/events.h"

struct error;
struct progress_bar;

/* FD -1: bars on stderr. */
extern struct progress_bar *progress_bar_new (int fd, bool colours,
                                              struct error *err);
extern void progress_bar_event (struct progress_bar *, const struct event *);
/* Other lines are about to be printed: take the bars away, unless they are
 * complete: those stay.  NULL is fine.
 */
extern void progress_bar_clear (struct progress_bar *);
extern void progress_bar_free (struct progress_bar *); /* NULL is fine */

/* How much of the event's total is done. */
extern int progress_percent (const struct event *);

#endif /* V2V_PROGRESS_BAR_H */
