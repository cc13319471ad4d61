/* SPDX-License-Identifier: GPL-2.0-or-later */

/* --changed-extents. */

#ifndef V2V_RUN_EXTENTS_H
#define V2V_RUN_EXTENTS_H

#include "run-steps.h"

/* Read the lists, if there are any. */
extern const struct step step_read_extents;
/* See whether they fit the disks, which are open by then. */
extern const struct step step_check_extents;

extern void run_free_extents (struct run *);

#endif /* V2V_RUN_EXTENTS_H */
