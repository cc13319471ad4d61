/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Where the extents of a volume group are, and which volume has which. */

#ifndef V2V_LVM_PLACES_H
#define V2V_LVM_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vector.h"
#include "filesystem/lvm-text.h"

struct error;
struct lvm_group;
struct lvm_member;
struct lvm_members;

/* A physical volume of a group. */
struct lvm_place {
  const struct lvm_member *member; /* NULL: missing */
  uint64_t start;               /* of the extents, in bytes of the disk */
  uint64_t extents;
};
DEFINE_VECTOR (struct lvm_places, lvm_places, struct lvm_place);

/* Extents that are part of a volume. */
struct lvm_claim {
  size_t place;                 /* in the order of the group's pvs */
  uint64_t first, n;
};
DEFINE_VECTOR (struct lvm_claims, lvm_claims, struct lvm_claim);

/* The places of the physical volumes of GROUP, in their order.  What cannot
 * be sets *WHY_NOT.  -1: no memory.
 */
extern int lvm_places_read (const struct lvm_group *group,
                            const struct lvm_members *members,
                            struct lvm_places *ret, char **why_not,
                            struct error *err);
/* The place that the metadata call NAME; -1: none is called so. */
extern ssize_t lvm_places_find (const struct lvm_group *group,
                                struct lvm_slice name);

/* Whether each of CLAIMS, which are sorted here, is inside of its place, and
 * none overlaps another.
 */
extern bool lvm_claims_valid (struct lvm_claims *claims,
                              const struct lvm_places *places);

#endif /* V2V_LVM_PLACES_H */
