/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is in the logical volumes of all disks. */

#ifndef V2V_LOGICAL_H
#define V2V_LOGICAL_H

#include <stdbool.h>

#include "base/vector.h"
#include "filesystem/filesystem.h"
#include "filesystem/lvm.h"

DEFINE_VECTOR (struct physical, physical, struct lvm_pv);

/* Does libblkid call a physical volume so? */
extern bool physical_is (const char *kind);
/* Append one that was found; its name is copied. */
extern int physical_add (struct physical *, struct lvm_pv pv,
                         struct error *err);
extern void physical_release (struct physical *);

/* Add what is in the logical volumes on PVS, which lie on DISKS, to RET. */
extern int logical_find (struct reader *const *disks,
                         const struct physical *pvs, struct filesystems *ret,
                         struct error *err);

#endif /* V2V_LOGICAL_H */
