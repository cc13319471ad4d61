/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The steps of -i ova. */

#ifndef V2V_OVA_H
#define V2V_OVA_H

#include <stdbool.h>

struct disk;
struct error;
struct image;
struct ovf_disk;
struct ovf_disks;
struct package;
struct reader;

/* Set the names of the disks' files in the package, as seen from the member
 * called OVF.
 */
extern int ova_name_files (const char *ovf, struct ovf_disks *,
                           struct error *err);

/* Fill in DISK's location and format. */
extern int ova_locate_disk (struct package *, const struct ovf_disk *,
                            struct disk *disk, struct error *err);

/* Is the file of one of the disks cut into chunks, which the package's file
 * does not hold one after another?
 */
extern bool ova_any_in_chunks (const struct package *,
                               const struct ovf_disks *);

/* Let DISK's location be the COUNT files NAME.000000000 and so on, one after
 * another, and return a reader of all of them.  They have to be files.
 */
extern struct reader *ova_join_chunks (const struct package *,
                                       const char *name, unsigned count,
                                       const struct ovf_disk *,
                                       struct disk *disk, struct error *err);

/* The same for chunks that a dry run has not unpacked. */
extern int ova_name_chunks (const struct package *, const char *name,
                            unsigned count, struct disk *disk,
                            struct error *err);

/* Is the disk in IMAGE, the file called NAME, as large as the OVF says?  Raw
 * disks that are shorter are refused, unless they are FORCED to be raw by the
 * user; what else differs is a warning.
 */
extern int ova_check_capacity (const struct package *,
                               const struct ovf_disk *, const char *name,
                               const struct image *, bool forced,
                               struct error *err);

#endif /* V2V_OVA_H */
