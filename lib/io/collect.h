/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A pipe whose other end a child writes to, or any descriptor, read into
 * memory while the supervisor waits.
 */

#ifndef V2V_COLLECT_H
#define V2V_COLLECT_H

#include <stdbool.h>
#include <stdio.h>

struct error;
struct supervisor;

struct collect {
  struct supervisor *supervisor;
  int fd;                       /* our end; -1 when all has been read */
  FILE *fp;
  char *text;                   /* after collect_close, ended by a NUL byte
                                   that LEN does not count; the caller's */
  size_t len;                   /* bytes */
  size_t max, n;                /* bytes that may come, that came */
  bool too_long;                /* more than MAX came: reading ended */
  int errnum;                   /* of a read that failed and ended it, or 0 */
};

#define COLLECT_INIT { .fd = -1 }

/* Make the pipe and read from it, MAX bytes at most.  Returns the end to
 * write to, which is the caller's; or -1.
 */
extern int collect_open (struct collect *, struct supervisor *, size_t max,
                         struct error *err);
/* Read from FD instead, which this takes, until its end.  A FIFO's writer is
 * waited for.  -1: FD is closed.
 */
extern int collect_from (struct collect *, int fd, struct supervisor *,
                         size_t max, struct error *err);
/* For supervisor_wait: has all been read?  DATA is a struct collect. */
extern bool collect_is_complete (void *data);
/* Read no more; from here on there is TEXT.  -1: no memory, and TEXT is NULL.
 * Does nothing to what was not opened.
 */
extern int collect_close (struct collect *, struct error *err);

#endif /* V2V_COLLECT_H */
