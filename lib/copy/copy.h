/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The copy engine: moves what NBD servers show to targets, with many
 * requests in flight.  It neither knows nor cares who runs the servers.
 *
 *   lister ──segments of pieces──> queue ──requests──> workers ──> target
 *
 * A disk being copied has one lister, a thread that asks for extents far
 * ahead, and workers, threads with connections of their own that read and
 * write.  The main thread only watches: progress, tuning, signals.
 */

#ifndef V2V_COPY_H
#define V2V_COPY_H

#include "copy/disk.h"

struct error;
struct events;
struct supervisor;

/* Copy all disks.  Events come from the calling thread, which waits in the
 * supervisor's loop.  RESULTS has one entry for each disk and is filled in
 * as far as the copy got, also after an error.  On success everything is
 * on the targets' stable storage.
 */
extern int copy_run (const struct copy_disk *disks, unsigned n,
                     const struct copy_settings *, struct supervisor *,
                     const struct events *, struct copy_result *results,
                     struct error *err);

#endif /* V2V_COPY_H */
