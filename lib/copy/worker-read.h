/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_WORKER_READ_H
#define V2V_WORKER_READ_H

#include "copy/worker-connect.h"

/* Keep the connections busy.  1: there is more to come; 0: everything is
 * completed; -1: failed, or leave.
 */
extern int worker_fill (struct worker *, int *wait_ms, struct error *err);
extern bool worker_is_reading (const struct worker *);
/* The read that came, lowest offset first; NULL: none. */
extern struct slot *worker_next_read (struct worker *);
/* Deliver it. */
extern int worker_handle_read (struct worker *, struct slot *,
                               struct error *err);

#endif /* V2V_WORKER_READ_H */
