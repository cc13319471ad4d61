/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The qemu that runs guests, which is only asked what it can do. */

#ifndef V2V_QEMU_SYSTEM_H
#define V2V_QEMU_SYSTEM_H

#include <stdbool.h>

struct supervisor;

/* Can the qemu of this host that libvirt chooses for guests of ARCH show them
 * with SPICE?  Without such a qemu: no.
 */
extern bool qemu_system_has_spice (const char *arch, struct supervisor *);

#endif /* V2V_QEMU_SYSTEM_H */
