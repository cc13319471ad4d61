/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Copying the disks to the output. */

#ifndef V2V_RUN_COPY_H
#define V2V_RUN_COPY_H

#include "run-steps.h"

/* From the command line to the copied disks. */
extern int run_copy (struct run *, struct error *err);

/* Refuse disks that an interrupted --in-place run has not finished. */
extern const struct step step_refuse_unfinished;
/* Is there an interrupted copy to resume? */
extern const struct step step_open_resume;
extern const struct step step_copy;

#endif /* V2V_RUN_COPY_H */
