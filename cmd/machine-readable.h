/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Where other programs read along: the stream of --machine-readable, and
 * --progress=FD.
 */

#ifndef V2V_MACHINE_READABLE_H
#define V2V_MACHINE_READABLE_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct json_object;

struct machine {
  int fd;                       /* -1: none, or its reader has gone */
  bool is_ours;                 /* to be closed */
};

#define MACHINE_INIT { .fd = -1 }

/* STREAM is what follows "--machine-readable=": fd:N, file:PATH,
 * stream:stdout or stream:stderr; NULL is standard output.
 */
extern int machine_open (struct machine *, const char *stream,
                         struct error *err);
/* One line.  A reader that has gone does not stop a migration. */
extern void machine_print (struct machine *, struct json_object *);
extern void machine_close (struct machine *);

/* A descriptor that the user has named in OPTION: is it open for writing?
 * It will not be inherited by the programs that we run: a reader waits for
 * the end.
 */
extern int named_fd (const char *option, const char *number, int *ret,
                     struct error *err);

/* Write all of it, however slowly it is read.  -1 when the reader is gone,
 * or when a signal asks us to end while nothing is read.
 */
extern int patient_write (int fd, const char *text, size_t len);

#endif /* V2V_MACHINE_READABLE_H */
