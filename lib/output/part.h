/* SPDX-License-Identifier: GPL-2.0-or-later */

/* NAME.part/sda, which becomes NAME-sda.  From the moment at which it is held
 * until it is renamed this run has the file itself open, so that no other one
 * gets the guest's name or is removed.
 */

#ifndef V2V_PART_H
#define V2V_PART_H

#include "base/error.h"
#include "output/output-settings.h"

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

/* The same with names that must be new, and the files keep those that they
 * have: nothing of an older guest is replaced, and part_unlink_all takes the
 * new ones away again.  A run that is killed meanwhile leaves files with both,
 * of which part_drop_final takes the final one.
 */
extern int part_link_all (struct output *, struct error *err);
extern void part_unlink_all (const struct output *);
/* Whose is the final name of disk INDEX?  1: its file in NAME.part has it, too;
 * 2: that of a finished run, which part_link_all replaces; 0: it is free; -1:
 * another file has it, which is refused with REFUSED.
 */
extern int part_look_at_final (const struct output *, unsigned index,
                               enum reason refused, struct error *err);
/* They may be needed by something else: all names stay when this run is
 * killed.
 */
extern void part_keep_all (const struct output *);
extern int part_drop_final (const struct output *, unsigned index,
                            struct error *err);

/* The run writes it no more; unless it is KEPT it is removed. */
extern void part_forget (struct output *, unsigned index, bool kept);

#endif /* V2V_PART_H */
