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

#endif /* V2V_COPY_H */
