/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The other files that a qcow2 disk names, when it is written. */

#ifndef V2V_WRITE_BACK_IMAGE_H
#define V2V_WRITE_BACK_IMAGE_H

#include "base/digest.h"

struct error;
struct image;
struct launch_context;
struct qemu_nbd;
struct write_back_disk;

/* A digest of all names in the image. */
extern int write_back_digest_names (const struct image *,
                                    char ret[DIGEST_HEX_MAX],
                                    struct error *err);

/* Start a qemu-nbd that writes to the image, which must name what it did when
 * the record was made: it gets the descriptor that was looked at.  INDEX is
 * that of the disk, in events.
 */
extern struct qemu_nbd *write_back_write_qcow2 (const struct write_back_disk *,
                                                const char *socket, int index,
                                                const struct launch_context *,
                                                struct error *err);
/* And when a client is connected to WRITER, before anything is written: where
 * no names are allowed qemu-nbd must have opened nothing but the disk.
 */
extern int write_back_check_opened (const struct write_back_disk *,
                                    const struct qemu_nbd *writer,
                                    struct error *err);

#endif /* V2V_WRITE_BACK_IMAGE_H */
