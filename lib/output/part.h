/* SPDX-License-Identifier: GPL-2.0-or-later */

/* NAME.part/sda, which becomes NAME-sda.  From the moment at which it is held
 * until it is renamed this run has the file itself open, so that no other one
 * gets the guest's name or is removed.
 */

#ifndef V2V_PART_H
#define V2V_PART_H

#include "output/output-settings.h"

struct error;
struct output;

/* Choose the file of disk INDEX; it must not belong to another run. */
extern int part_choose (struct output *, unsigned index, enum output_how,
                        struct error *err);
/* Is there a file that an earlier run left?  Then -1. */
extern int part_refuse_left (const struct output *, unsigned index,
                             struct error *err);
/* Make it, empty, hold it, and let the guard know: before anything is written
 * to it, or its space allocated.
 */
extern int part_create (struct output *, unsigned index, struct error *err);
/* Hold the file of an earlier run; or, when one is held, check that it still
 * has its name.
 */
extern int part_hold (struct output *, unsigned index, struct error *err);
/* Is the file of that name the one that is held?  If not, -1 with
 * REASON_TARGET_CHANGED.
 */
extern int part_check (const struct output *, unsigned index,
                       struct error *err);
/* Check all of them, and give all of them their final names. */
extern int part_rename_all (struct output *, struct error *err);
/* The run writes it no more; unless it is KEPT it is removed. */
extern void part_forget (struct output *, unsigned index, bool kept);

#endif /* V2V_PART_H */
