/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Where other programs read along: the stream of --machine-readable, and
 * --progress=FD.
 */

#ifndef V2V_MACHINE_READABLE_H
#define V2V_MACHINE_READABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "outlet.h"

struct error;

struct machine {
  int fd;                       /* -1: none, or its reader has gone */
  bool is_ours;                 /* to be closed */
  struct outlet outlet;
};

#define MACHINE_INIT { .fd = -1, .outlet = OUTLET_INIT (-1) }

/* STREAM is what follows "--machine-readable=": fd:N, file:PATH,
 * stream:stdout or stream:stderr; NULL is standard output.
 */
extern int machine_open (struct machine *, const char *stream,
                         struct error *err);
/* A line with its newline.  Neither a reader that has gone nor one that stops reading stops
 * a migration; a DISPENSABLE line is left out when another one waits.
 */
extern void machine_print (struct machine *, const char *line,
                           bool dispensable);
/* Wait a while for the reader.  -1: it has not read everything. */
extern int machine_close (struct machine *);

/* A descriptor that the user has named in OPTION: is it open for writing?
 * It will not be inherited by the programs that we run: a reader waits for
 * the end.
 */
extern int named_fd (const char *option, const char *number, int *ret,
                     struct error *err);

#endif /* V2V_MACHINE_READABLE_H */
