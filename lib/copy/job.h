/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_JOB_H
#define V2V_JOB_H

#include <stdbool.h>
#include <stddef.h>

struct copy_job;
struct error;

extern int job_init (struct copy_job *, struct error *err);
extern int job_start (struct copy_job *, size_t memory, struct error *err);
/* Adapt the number of workers and what they do. */
extern int job_tick (struct copy_job *, struct error *err);
/* It was read beside others, who read no more. */
extern void job_hurry (struct copy_job *);
/* Has nothing been read for some time? */
extern bool job_is_stuck (struct copy_job *);
/* Have all threads but the flusher ended? */
extern bool job_is_idle (const struct copy_job *);
/* Let the flusher flush once more, and end. */
extern void job_flush_last (struct copy_job *);
/* Has the flusher ended, if it was told to end? */
extern bool job_is_flushed (const struct copy_job *);
/* Wait for the threads, which are about to end. */
extern void job_end (struct copy_job *);
extern void job_wake (struct copy_job *);
extern void job_reset (struct copy_job *);

#endif /* V2V_JOB_H */
