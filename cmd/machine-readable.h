/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The stream of --machine-readable, and the descriptors that options name. */

#ifndef V2V_MACHINE_READABLE_H
#define V2V_MACHINE_READABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "outlet.h"

struct error;

/* STREAM is what follows "--machine-readable=": fd:N, file:PATH,
 * stream:stdout or stream:stderr; NULL is standard output.  The outlet's
 * descriptor is -1 before, and when the reader has gone.
 */
extern int machine_open (struct outlet *, const char *stream,
                         struct error *err);
/* Print LINE, which ends with a newline.  A reader that has gone or stops
 * reading does not stop the migration.  A DISPENSABLE line is left out while
 * another line waits for the reader.
 */
extern void machine_print (struct outlet *, const char *line,
                           bool dispensable);
/* Wait a while for the reader.  -1: it has not read everything. */
extern int machine_close (struct outlet *);

/* The descriptor NUMBER, the value of OPTION; -1 if it is not open for
 * writing.  Programs that we start do not inherit it: its reader would wait
 * for their end, too.
 */
extern int named_fd (const char *option, const char *number, int *ret,
                     struct error *err);

#endif /* V2V_MACHINE_READABLE_H */
