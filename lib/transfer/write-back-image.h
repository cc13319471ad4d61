/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The other files that a qcow2 disk names, when it is written. */

#ifndef V2V_WRITE_BACK_IMAGE_H
#define V2V_WRITE_BACK_IMAGE_H

#include "base/digest.h"

struct error;
struct image;
struct qemu_nbd;
struct write_back_disk;

/* A digest of all names in the image. */
extern int write_back_digest_names (const struct image *,
                                    char ret[DIGEST_HEX_MAX],
                                    struct error *err);

/* Look at the image of the disk before qemu-nbd is started for it: it must
 * name what it did when the record was made.
 */
extern int write_back_check_names (const struct write_back_disk *,
                                   struct error *err);
/* And when a client is connected to WRITER, before anything is written: where
 * no names are allowed qemu-nbd must have opened nothing but the disk.
 */
extern int write_back_check_opened (const struct write_back_disk *,
                                    const struct qemu_nbd *writer,
                                    struct error *err);

#endif /* V2V_WRITE_BACK_IMAGE_H */
