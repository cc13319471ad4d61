/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The file of --log.  If it is a FIFO or a terminal, its reader may be slow or
 * missing: lines then wait in memory, and are left out when there are too
 * many.  The reader holds up neither the run nor nbdkit, most of whose
 * messages are in the log.
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
