/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The guest as a virtual machine of KubeVirt: YAML for kubectl create. */

#ifndef V2V_KUBEVIRT_H
#define V2V_KUBEVIRT_H

#include <stdbool.h>
#include <stddef.h>

struct differences_of;
struct domain_disk;
struct error;
struct guest;

/* The VirtualMachine (kubevirt.io/v1) for the guest under the name NAME, its N
 * disks being DISKS: files of the host that runs it, or what the
 * PersistentVolumeClaims of these names hold (CLAIMS, N strings; NULL: the
 * files).  It is not started.  The caller frees it.
 *
 * What Kubernetes calls it is made of the lower-case letters, digits and
 * hyphens of NAME; a name without any is an error, as is a path that is not
 * UTF-8.
 */
extern char *kubevirt_vm (const struct guest *, const char *name,
                          const struct domain_disk *disks, size_t n,
                          const char *const *claims, struct error *err);

/* Is TEXT such a virtual machine? */
extern bool kubevirt_vm_is (const char *text, size_t len);

/* Can a PersistentVolumeClaim have this name? */
extern bool kubevirt_claim_valid (const char *name);

/* What KubeVirt has not, for differences_tell. */
extern const struct differences_of kubevirt_differences;

#endif /* V2V_KUBEVIRT_H */
