/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the system of a guest calls its disks. */

#ifndef V2V_TARGET_NAME_H
#define V2V_TARGET_NAME_H

#include "guest/guest.h"

struct argv;
struct error;

/* Append to RET a name for each disk of the guest, in order: the one that its
 * description gives, else the first that is free on its bus.
 */
extern int target_names_of_disks (const struct guest *, struct argv *ret,
                                  struct error *err);

/* Append to RET the name of a drive on BUS: that of its SLOT, or the first
 * after it that RET does not hold yet.
 */
extern int target_name_of_drive (enum disk_bus bus, unsigned slot,
                                 struct argv *ret, struct error *err);

/* Append to RET the name of SLOT on BUS, or else the first of the MAX names
 * there that RET does not hold: 1; 0: there is none.
 */
extern int target_name_of_slot (enum disk_bus bus, unsigned slot,
                                unsigned max, struct argv *ret,
                                struct error *err);

#endif /* V2V_TARGET_NAME_H */
