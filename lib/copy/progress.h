/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_PROGRESS_H
#define V2V_PROGRESS_H

struct copy_job;
struct copy_run;

/* Report all disks, unless that was done a moment ago. */
extern void progress_tick (struct copy_run *);
/* Report one disk, or all of them together. */
extern void progress_job (const struct copy_job *);
extern void progress_whole (const struct copy_run *);

#endif /* V2V_PROGRESS_H */
