/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The rest of a qcow2 image that this program makes: its header, and its
 * refcounts, which are written when all else is there.  Until then the header
 * says that they cannot be relied on (the "dirty" bit): qemu makes them anew
 * before it writes to the image, and reads it without them.
 */

#ifndef V2V_QCOW2_IMAGE_H
#define V2V_QCOW2_IMAGE_H

#include "target/target.h"

struct error;
struct qcow2_map;
struct target_fd;

/* A cluster of them. */
extern const char qcow2_zeroes[];

/* Make an image of a disk of FILE's size, all of which reads as zeroes, in FILE,
 * which is empty.
 */
extern int qcow2_image_begin (struct target_fd *file,
                              const struct qcow2_map *,
                              enum target_compression, struct error *err);
/* Go on with one that is there, complete or not.  -1 with
 * REASON_TARGET_CHANGED: it is not what an earlier run was writing for such a
 * disk.
 */
extern int qcow2_image_go_on (struct target_fd *file, struct qcow2_map *,
                              enum target_compression, struct error *err);
/* All of the disk was written and stored: complete it.  It is on stable
 * storage then.
 */
extern int qcow2_image_end (struct target_fd *file, struct qcow2_map *,
                            enum target_compression, struct error *err);

#endif /* V2V_QCOW2_IMAGE_H */
