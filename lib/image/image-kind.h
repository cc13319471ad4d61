/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_IMAGE_KIND_H
#define V2V_IMAGE_KIND_H

struct error;
struct reader;

/* The format of a disk that somebody packed into one file, in qemu's words:
 * "vmdk", "qcow2", "vdi", "vhdx", "vpc", else "raw".  An image that names
 * other files is refused: a part of a package has no business with them.
 * NAME is the image's in errors.
 */
extern const char *image_kind (struct reader *, const char *name,
                               struct error *err);

#endif /* V2V_IMAGE_KIND_H */
