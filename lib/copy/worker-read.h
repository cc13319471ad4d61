/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_WORKER_READ_H
#define V2V_WORKER_READ_H

#include "copy/worker-connect.h"

/* Begin reads as long as that is possible.
 *   1  there may be more to do
 *   0  everything is completed, or this worker is not wanted any more
 *  -1  failed, or this worker has to end
 */
extern int worker_fill (struct worker *, int *wait_ms, struct error *err);
/* The completed read with the lowest offset; NULL: there is none. */
extern struct slot *worker_next_read (struct worker *);
/* Deliver what was read, or try again. */
extern int worker_handle_read (struct worker *, struct slot *,
                               struct error *err);

#endif /* V2V_WORKER_READ_H */
