/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_WORKER_H
#define V2V_WORKER_H

#include <stdbool.h>

struct copy_job;
struct error;
struct worker;

/* Start a worker. */
extern struct worker *worker_start (struct copy_job *, unsigned index,
                                    struct error *err);
extern bool worker_ended (const struct worker *);
/* Wake a worker, whose index may have changed. */
extern void worker_wake (struct worker *, unsigned index);
extern void worker_join (struct worker *); /* and free it */

#endif /* V2V_WORKER_H */
