/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_PROGRESS_H
#define V2V_PROGRESS_H

#include <stdint.h>

struct copy_job;
struct copy_run;
struct error;

struct progress {
  int64_t start_ms, last_ms;
  struct rate {
    uint64_t done;
    double rate;                /* bytes per second, smoothed */
  } whole, *disks;
};
extern int progress_init (struct progress *, const struct copy_run *,
                          struct error *err);
extern void progress_tick (struct progress *, const struct copy_run *);
extern void progress_job (struct progress *, const struct copy_job *);
extern void progress_whole (struct progress *, const struct copy_run *);
extern void progress_reset (struct progress *);

#endif /* V2V_PROGRESS_H */
