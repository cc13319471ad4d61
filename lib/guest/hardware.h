/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What KVM gives a guest, whatever tells it to: libvirt XML, a script that
 * starts qemu, a virtual machine of KubeVirt.
 */

#ifndef V2V_HARDWARE_H
#define V2V_HARDWARE_H

#include <stdbool.h>
#include <stdint.h>

#include "guest/guest.h"

struct error;

/* The guest, with what its conversion has found where its source says nothing.
 * All that the copy points to is still GUEST's.
 */
extern struct guest hardware_known (const struct guest *);

extern bool hardware_is_x86 (const struct guest *);
/* The architecture as in qemu-system-ARCH. */
extern const char *hardware_arch (const struct guest *);
/* Of x86 machines: is it q35, and not pc? */
extern bool hardware_is_q35 (const struct guest *);
/* Does it start with UEFI? */
extern bool hardware_has_uefi (const struct guest *);
extern uint64_t hardware_memory (const struct guest *); /* bytes */
extern unsigned hardware_cpus (const struct guest *);
/* Does cpu.sockets and so on say how all CPUs are arranged? */
extern bool hardware_has_topology (const struct guest *);
/* The model of the copy's NIC: the source's, where KVM has it; virtio after a
 * conversion.
 */
extern const char *hardware_nic_model (const struct guest *,
                                       const struct nic *);
/* Has KVM what the source names, if it names any? */
extern bool hardware_has_nic_model (const struct nic *);
/* The MAC address, or NULL where the NIC has none that a NIC can have. */
extern const char *hardware_mac (const struct nic *);

/* Of a NIC that the user has connected to a bridge: can one be called that? */
extern int hardware_check_bridge (const struct nic *, struct error *err);

#endif /* V2V_HARDWARE_H */
