/* SPDX-License-Identifier: GPL-2.0-or-later */

/* LVM2: the logical volumes that lie on the physical volumes of a guest, by
 * the metadata that the volume groups keep there themselves.  Nothing is
 * asked of the host's LVM.
 */

#ifndef V2V_LVM_H
#define V2V_LVM_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/ranges.h"
#include "base/vector.h"

struct error;
struct reader;

/* A disk or partition that libblkid calls LVM2_member. */
struct lvm_pv {
  const char *name;             /* for people: "sda2" */
  unsigned disk;                /* index of the disk that it is on */
  uint64_t offset, size;        /* bytes of that disk */
};

/* A logical volume; or a physical one, when nothing is known of what lies on
 * it.
 */
struct lvm_volume {
  char *name;                   /* "vg/root", or the physical volume's */
  const char *kind;             /* "LVM2_member" for a physical volume; NULL
                                   for a logical one: what is in it can be
                                   found out by its reader */
  unsigned disk;                /* that it begins on */
  uint64_t size;                /* bytes */
  struct reader *reader;        /* of all its bytes; NULL: see why_not */
  char *why_not;                /* all of it counts as used, and why */
};
DEFINE_VECTOR (struct lvm_volumes, lvm_volumes, struct lvm_volume);

/* Find the logical volumes on the N physical ones at PVS, which lie on DISKS
 * (both are borrowed as long as the result is used).  They have readers when
 * they are linear or striped, and when there is no doubt about them and their
 * volume group.  Hidden volumes, which others consist of, are left out.  What
 * is in no volume with a reader counts as used: extents that are free, the
 * metadata, and everything else on a physical volume.
 *
 * -1: a disk could not be read, or there is no memory.
 */
extern int lvm_find (struct reader *const *disks, const struct lvm_pv *pvs,
                     size_t n, struct lvm_volumes *ret, struct error *err);

/* Where bytes of a volume with a reader are: for each disk that has some of
 * them, they are appended to RET[disk], in bytes of the disk.  Ranges that
 * meet are joined, but they are in the order of the logical volume, which
 * need not be that of the disk.  RANGE gives at most one range for each
 * stripe of each segment.
 */
extern int lvm_map (const struct lvm_volume *, struct range,
                    struct ranges *ret, struct error *err);

/* These free the readers, too. */
extern void lvm_volume_reset (struct lvm_volume *);
extern void lvm_release (struct lvm_volumes *);

#define CLEANUP_LVM __attribute__ ((cleanup (lvm_release)))

#endif /* V2V_LVM_H */
