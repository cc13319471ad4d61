/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the disks of a copy are attached to on KVM: to what they are attached
 * to in the source, so that a guest that was not converted finds what it
 * boots from; after a conversion, or if the user says so, to virtio.
 */

#ifndef V2V_ATTACH_H
#define V2V_ATTACH_H

#include <stdbool.h>
#include <stddef.h>

#include "guest/guest.h"

struct error;

struct attached {
  enum disk_bus bus;            /* IDE, SATA, SCSI, USB or virtio */
  const char *model;            /* of its SCSI controller, as libvirt calls
                                   it; NULL: what KVM takes for SCSI */
  unsigned controller, slot;    /* where there, if there is a model; of IDE:
                                   slot 0 is hda, 2 hdc */
  bool differs;                 /* KVM has not what the source has */
};

enum { ATTACH_IDE_MAX = 4 };    /* disks and drives of i440fx's controller */

/* N disks of the guest, which hardware_known has made.  The caller frees the
 * array.  NULL: no memory, or what the user wants cannot be had.
 */
extern struct attached *attach_disks (const struct guest *, size_t n,
                                      struct error *err);

/* The bus that NAME, of -oo bus=NAME, stands for. */
extern int attach_parse_bus (const char *name, enum copy_bus *ret,
                             struct error *err);

#endif /* V2V_ATTACH_H */
