/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The file of --log.  Where it is something that another program reads (a
 * FIFO, a terminal), that program may be slow, or never come: lines then
 * wait in memory, and are left out when they become too many.  Nothing
 * waits for them, least of all nbdkit, whose messages they are.
 */

#ifndef V2V_LOG_H
#define V2V_LOG_H

#include <stddef.h>

struct error;
struct log;

extern struct log *log_open (const char *path, struct error *err);
/* LINE with its newline. */
extern void log_write (struct log *, const char *line, size_t len);
extern void log_close (struct log *); /* NULL is fine */

#endif /* V2V_LOG_H */
