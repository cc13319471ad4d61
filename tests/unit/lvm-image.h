/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Disks with physical volumes of LVM2 that exist in memory only: their
 * metadata are written here, all other bytes are known from their places.
 */

#ifndef V2V_LVM_IMAGE_H
#define V2V_LVM_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ranges.h"
#include "io/reader.h"

#define IMAGE_SIZE (UINT64_C (96) << 20)
#define IMAGE_DATA (UINT64_C (1) << 20) /* where the extents begin */
#define IMAGE_UUID_LEN 38       /* with its dashes */

struct lvm_image {
  struct reader base;
  unsigned disk;
  unsigned char *head;          /* the first IMAGE_DATA bytes */
  const struct range *areas;    /* of metadata; area i */
  size_t n_areas;
  unsigned prefetches;          /* calls, and bytes of the last one */
  uint64_t prefetched;
};

/* Disk number DISK, empty. */
extern void lvm_image_init (struct lvm_image *, unsigned disk);
extern void lvm_image_free (struct lvm_image *);

/* Write the label of a physical volume into SECTOR: UUID (IMAGE_UUID_LEN
 * characters) and N metadata areas, which are kept in the image and get valid
 * headers without a text.
 */
extern void lvm_image_label (struct lvm_image *, unsigned sector,
                             const char *uuid, const struct range *areas,
                             size_t n);
/* Write TEXT, with the NUL byte that ends it, into area I from byte AT of the
 * area on, around its end if need be, and let its header say so.
 */
extern void lvm_image_text (struct lvm_image *, size_t i, uint64_t at,
                            const char *text);
/* What was changed in sector SECTOR's label, in the text of area I if all of
 * it is in the head, or in the header of this area, gets its checksum again.
 */
extern void lvm_image_fix_label (struct lvm_image *, unsigned sector);
extern void lvm_image_fix_text (struct lvm_image *, size_t i);
extern void lvm_image_fix_header (struct lvm_image *, size_t i);

/* The byte at OFFSET of disk number DISK, behind its head. */
extern unsigned char lvm_image_byte (unsigned disk, uint64_t offset);

#endif /* V2V_LVM_IMAGE_H */
