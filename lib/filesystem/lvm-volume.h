/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Where the bytes of a logical volume are, and a reader of them. */

#ifndef V2V_LVM_VOLUME_H
#define V2V_LVM_VOLUME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ranges.h"
#include "base/vector.h"

struct error;
struct reader;

/* A part of a disk. */
struct lvm_stripe {
  unsigned disk;
  uint64_t offset;              /* bytes of the disk */
};
DEFINE_VECTOR (struct lvm_stripes, lvm_stripes, struct lvm_stripe);

/* A part of a logical volume, on one stripe (linear) or in chunks on several
 * by turns.
 */
struct lvm_segment {
  uint64_t start, len;          /* bytes of the volume; whole chunks on each
                                   stripe */
  uint64_t chunk;               /* bytes; of a linear one, all of it */
  size_t first, n;              /* among the stripes of the layout */
};
DEFINE_VECTOR (struct lvm_segments, lvm_segments, struct lvm_segment);

struct lvm_layout {
  struct lvm_segments segments; /* without gaps, the first from byte 0 on */
  struct lvm_stripes stripes;
};

/* The volume that LAYOUT describes; it takes what LAYOUT holds.  DISKS is
 * borrowed.
 */
extern struct reader *lvm_volume_new (struct reader *const *disks,
                                      struct lvm_layout *layout,
                                      struct error *err);
extern void lvm_layout_reset (struct lvm_layout *);

#define CLEANUP_LVM_LAYOUT __attribute__ ((cleanup (lvm_layout_reset)))

#endif /* V2V_LVM_VOLUME_H */
