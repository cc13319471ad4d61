/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The copy engine: copies from NBD servers to targets, with many requests in
 * flight.  Starting and watching the servers is left to its callers.
 *
 *   lister ──segments of pieces──> queue ──requests──> workers ──> target
 *
 * A disk being copied has a job: one lister, a thread that asks for extents
 * far ahead, and workers, threads with connections of their own that read and
 * write.  The main thread reports progress, tunes, and waits for signals.
 */

#ifndef V2V_COPY_H
#define V2V_COPY_H

#include "copy/disk.h"

struct error;
struct launch_context;

/* Copy all disks.  Events come from the calling thread, which waits in the
 * supervisor's loop.  PHASE ("copy") is in progress events.  HOOKS may be
 * NULL.  RESULTS has one entry for each disk and tells how far
 * the copy got, also after an error.  On success everything is
 * on the targets' stable storage.
 */
extern int copy_run (const struct copy_disk *disks, unsigned n,
                     const char *phase, const struct copy_hooks *hooks,
                     const struct launch_context *,
                     struct copy_result *results, struct error *err);

/* The phase of a copy that runs beside a conversion, which another one
 * follows.
 */
#define COPY_PHASE_AHEAD "copy-ahead"

/*--- The same beside something else that waits in the supervisor's loop. ---*/

struct copy_run;

/* Begin to copy; what is given must outlive the copy.  NULL on error. */
extern struct copy_run *copy_begin (const struct copy_disk *disks, unsigned n,
                                    const char *phase,
                                    const struct copy_hooks *hooks,
                                    const struct launch_context *,
                                    struct copy_result *results,
                                    struct error *err);
/* How many bytes are not copied yet. */
extern uint64_t copy_left (const struct copy_run *);
/* To be called every COPY_TICK_MS, and when copy_wake_fd is readable, which
 * the supervisor watches for nobody but who replaces that.  Does not wait, as
 * long as nothing fails.
 *   1  the copy goes on
 *   0  everything is on the targets' stable storage
 *  -1  failed, and stopped
 * After 0 and -1 it is to be called no more.
 */
#define COPY_TICK_MS 40
extern int copy_step (struct copy_run *, struct error *err);
extern int copy_wake_fd (const struct copy_run *);
/* Somebody else reads from the source, and goes first (yield.c): at the
 * moment, or now and then.  To be called before the first step, and whenever
 * that changes.
 */
extern void copy_yield (struct copy_run *, enum copy_yields);
/* Ends it, if it has not ended; NULL is fine. */
extern void copy_free (struct copy_run *);

#endif /* V2V_COPY_H */
