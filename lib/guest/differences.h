/* SPDX-License-Identifier: GPL-2.0-or-later */

/* In what a copy differs from its source. */

#ifndef V2V_DIFFERENCES_H
#define V2V_DIFFERENCES_H

struct error;
struct events;
struct guest;

/* Say what the copy will not have as the source has it: buses of disks and
 * models of network cards that KVM lacks.  And say of which networks of the
 * source nothing is known here.
 */
extern int differences_tell (const struct guest *, const struct events *,
                             struct error *err);

#endif /* V2V_DIFFERENCES_H */
