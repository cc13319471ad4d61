/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a physical volume of LVM2 says of itself, and the text that its
 * metadata areas hold of its volume group.
 */

#ifndef V2V_LVM_LABEL_H
#define V2V_LVM_LABEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ranges.h"

struct error;
struct reader;

#define LVM_UUID_LEN 32         /* without dashes */
#define LVM_AREAS_MAX 2         /* that pvcreate makes */

struct lvm_label {
  char uuid[LVM_UUID_LEN];      /* no NUL byte ends it */
  uint64_t size;                /* bytes that the volume really has */
  struct range data;            /* where the extents begin; 0 bytes: up to the
                                   end, or to the next area */
  struct range areas[LVM_AREAS_MAX]; /* of metadata, inside the volume */
  size_t n_areas;
};

/* Read the label of PV.  What is not as LVM2 writes it sets *WHY_NOT, which
 * the caller frees; the UUID is known even then, if it is found.  -1: PV could
 * not be read, or there is no memory.
 */
extern int lvm_label_read (struct reader *pv, struct lvm_label *ret,
                           char **why_not, struct error *err);

/* Read the text that AREA of PV holds now; the caller frees it.  NULL without
 * a reason: there is none, as on a volume that is in no group; or LVM2 was
 * told to ignore the area, and *IGNORED is set.
 */
extern int lvm_area_read (struct reader *pv, struct range area,
                          char **text, size_t *len, bool *ignored,
                          char **why_not, struct error *err);

#endif /* V2V_LVM_LABEL_H */
