/* SPDX-License-Identifier: GPL-2.0-or-later */

/* NAME-sda.part, which becomes NAME-sda.  From the moment at which it is held
 * until it is renamed this run knows the file itself, so that no other one
 * gets the guest's name or is removed.
 */

#ifndef V2V_PART_H
#define V2V_PART_H

#include "output/output-settings.h"

struct error;
struct output;
struct output_disk_state;

/* Choose the file's name; it must not belong to another run. */
extern int part_choose (struct output_disk_state *, enum output_how,
                        struct error *err);
/* Is there a file of disk INDEX that an earlier run left?  Then -1. */
extern int part_refuse_left (const struct output *, unsigned index,
                             struct error *err);
/* Make it, empty, hold it, and let the guard know: before anything is written
 * to that name, or its space allocated.
 */
extern int part_create (const struct output *, struct output_disk_state *,
                        struct error *err);
/* Hold the file of that name; or, when one is held, check that it is that. */
extern int part_hold (const struct output *, struct output_disk_state *,
                      struct error *err);
/* Is the file of that name the one that is held?  If not, -1 with
 * REASON_TARGET_CHANGED.
 */
extern int part_check (const struct output_disk_state *, struct error *err);
/* Check all of them, and give all of them their final names. */
extern int part_rename_all (struct output *, struct error *err);

#endif /* V2V_PART_H */
