/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What failed is tried again: after a pause, and not for ever. */

#ifndef V2V_COPY_RETRY_H
#define V2V_COPY_RETRY_H

struct copy_job;
struct error;
struct request;

/* The longest pause between two attempts. */
#define RETRY_PAUSE_MAX_MS 30000

/* The pause after ATTEMPTS+1 failures. */
extern int retry_pause_ms (unsigned attempts);

/* Something is about to be tried again because of this: it is counted, told,
 * and the disk's first such reason is kept for the result.
 */
extern void retry_note (struct copy_job *, const char *fmt, ...)
  __attribute__ ((format (printf, 2, 3)));

/* A read failed with ERRNUM: give the request back to the queue, to be read
 * later by whoever comes first; after too many attempts -1.
 */
extern int retry_read (struct copy_job *, const struct request *failed,
                       int errnum, struct error *err);

#endif /* V2V_COPY_RETRY_H */
