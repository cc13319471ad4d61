/* SPDX-License-Identifier: GPL-2.0-or-later */

/* In what a copy differs from its source. */

#ifndef V2V_DIFFERENCES_H
#define V2V_DIFFERENCES_H

#include <stdbool.h>
#include <stddef.h>

struct attached;
struct error;
struct events;
struct guest;
struct nic;
struct nics;

/* What runs the guest, where that is not libvirt.  Members may be NULL: it has
 * what libvirt has.
 */
struct differences_of {
  const char *name;             /* what people call it */
  /* Change what a disk is attached to into what it can have. */
  void (*attach) (const struct guest *, struct attached *);
  const char *(*nic_model) (const struct guest *, const struct nic *);
  bool attachments;             /* its networks, but that of the pod, are
                                   NetworkAttachmentDefinitions */
  /* Is NIC number INDEX on what the source or the user names? */
  bool (*keeps_network) (const struct nics *, size_t index);
};

/* Say what the copy will not have as the source has it: buses of disks and
 * models of network cards that KVM, or what runs the guest, lacks (OF; NULL is
 * libvirt), and displays on the host itself.  And say of which networks of the
 * source nothing is known here.
 */
extern int differences_tell (const struct guest *,
                             const struct differences_of *of,
                             const struct events *, struct error *err);

#endif /* V2V_DIFFERENCES_H */
