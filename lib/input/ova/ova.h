/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The steps of -i ova. */

#ifndef V2V_OVA_H
#define V2V_OVA_H

#include <stdint.h>

struct disk;
struct error;
struct ovf_disk;
struct package;
struct reader;

/* Compare the files of the package with its manifests.  Of a remote package
 * only small files are compared, and a message says so: disks would be read
 * twice.
 */
extern int ova_check_manifests (const struct package *, struct error *err);

/* Fill in DISK's location and format.  OVF is the name of the OVF in the
 * package: it names the disk's file relative to itself.
 */
extern int ova_locate_disk (struct package *, const char *ovf,
                            const struct ovf_disk *, struct disk *disk,
                            struct error *err);

/* Let DISK's location be the COUNT files NAME.000000000 and so on, one after
 * another, and return a reader of all of them.  They have to be files: of
 * any other package this is an error.
 */
extern struct reader *ova_join_chunks (const struct package *,
                                       const char *name, unsigned count,
                                       const struct ovf_disk *,
                                       struct disk *disk, struct error *err);

/* HREF with each %XX decoded: references are URIs by the specification and
 * plain names in practice, so that both have to be tried.  The caller frees
 * it.
 */
extern char *ova_href_decode (const char *href, struct error *err);

/* The most bytes that the disk's file may sensibly have, whatever it
 * unpacks to.
 */
extern uint64_t ova_disk_limit (const struct ovf_disk *);

#endif /* V2V_OVA_H */
