/* SPDX-License-Identifier: GPL-2.0-or-later */

/* --in-place. */

#ifndef V2V_RUN_IN_PLACE_H
#define V2V_RUN_IN_PLACE_H

#include "run-steps.h"

/* From the command line to the converted disks. */
extern int run_in_place (struct run *, struct error *err);

/* Can the disks be changed? */
extern const struct step step_prepare_in_place;

#endif /* V2V_RUN_IN_PLACE_H */
