/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A guest whose disks are physical volumes, for the tests of lvm_find. */

#ifndef V2V_LVM_GUEST_H
#define V2V_LVM_GUEST_H

#include <stddef.h>
#include <stdint.h>

#include "filesystem/lvm.h"
#include "lvm-image.h"

#define LVM_DISKS 4
#define LVM_EXTENT UINT64_C (65536)

extern const char *const lvm_uuids[]; /* of the disks */
extern const struct range lvm_areas[]; /* one or two of metadata */
extern const char lvm_metadata[];

extern struct lvm_image lvm_images[LVM_DISKS];
extern struct reader *lvm_disks[LVM_DISKS];
extern const struct lvm_pv lvm_pvs[];

/* METADATA with NEW for OLD, which must be there.  The caller frees it. */
extern char *lvm_edit (const char *metadata, const char *old,
                       const char *new);
/* Let the first two disks be physical volumes with METADATA in one area, and
 * the others empty.
 */
extern void lvm_make (const char *metadata);
/* The same with N disks that have these UUIDs. */
extern void lvm_make_of (const char *metadata, size_t n,
                         const char *const *uuids);
extern void lvm_free (void);

/* What must be found on the first N disks: "vg/root" or "vg/root: WHY", with
 * semicolons between; or the whole GROUP is in doubt for this reason.
 */
extern void lvm_expect (size_t n, const char *expected);
extern void lvm_expect_doubt (size_t n, const char *group, const char *why);

#endif /* V2V_LVM_GUEST_H */
