/* SPDX-License-Identifier: GPL-2.0-or-later */

/* When and how often failed connections and reads are tried again. */

#ifndef V2V_COPY_RETRY_H
#define V2V_COPY_RETRY_H

struct copy_job;
struct error;
struct request;

/* The longest pause between two attempts. */
#define RETRY_PAUSE_MAX_MS 30000

/* The pause after ATTEMPTS+1 failures. */
extern int retry_pause_ms (unsigned attempts);

/* Count and report that something is tried again, and why.  The first reason
 * becomes part of the disk's result.
 */
extern void retry_note (struct copy_job *, const char *fmt, ...)
  __attribute__ ((format (printf, 2, 3)));

/* A read has failed with ERRNUM: put its request back in the queue, or fail
 * if it has been tried as often as the user allows.
 */
extern int retry_read (struct copy_job *, const struct request *failed,
                       int errnum, struct error *err);

#endif /* V2V_COPY_RETRY_H */
