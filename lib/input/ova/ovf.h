/* SPDX-License-Identifier: GPL-2.0-or-later */

/* OVF, the description inside an OVA (DSP0243, versions 1 and 2).  No file is
 * opened here.
 */

#ifndef V2V_OVF_H
#define V2V_OVF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/argv.h"
#include "base/vector.h"
#include "input/ova/member-name.h"

struct error;
struct guest;

/* What the OVF says about the file of one disk.  None of it need be true. */
struct ovf_disk {
  char *href;                   /* as written; NULL: an empty disk */
  uint64_t size;                /* of the file, bytes; 0: not said */
  uint64_t capacity;            /* of the disk, bytes; 0: not said */
  bool adjustable;              /* the capacity is chosen on deployment, and
                                   this is its default */
  uint64_t unit;                /* in which that is counted; 0: unknown */
  bool compressed;              /* the file is, by gzip or bzip2 */
  bool chunked;                 /* it is cut into HREF.000000000... */
  uint64_t chunk_size;          /* bytes of each but the last; 0: not said */
  bool vmdk;                    /* the format is said to be VMDK */
  struct member_names names;    /* of HREF, by ova_name_files; none of what
                                   is not in the package */
};

DEFINE_VECTOR (struct ovf_disks, ovf_disks, struct ovf_disk);
extern void ovf_disks_free (struct ovf_disks *);
#define CLEANUP_OVF_DISKS __attribute__ ((cleanup (ovf_disks_free)))

/* The most bytes that the disk's file may sensibly have, whatever it
 * unpacks to.
 */
extern uint64_t ovf_disk_limit (const struct ovf_disk *);

/* Fill in GUEST and append to DISKS one entry for each of its disks.  NAME
 * is the OVF's in errors; VM is the Name or ovf:id of the machine that is
 * wanted, NULL: there is only one; what is odd goes to WARNINGS.  The guest
 * has no name afterwards if the OVF gives none.
 */
extern int ovf_read (const char *text, size_t len, const char *name,
                     const char *vm, struct guest *guest,
                     struct ovf_disks *disks, struct argv *warnings,
                     struct error *err);

#endif /* V2V_OVF_H */
