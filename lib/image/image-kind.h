/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_IMAGE_KIND_H
#define V2V_IMAGE_KIND_H

struct error;
struct reader;

/* The format of a disk image in a package, in qemu's words: "vmdk", "qcow2",
 * "vdi", "vhdx", "vpc", else "raw".  An image that names other files is
 * refused, as an image in a package has no reason to.  NAME is the image's in
 * errors.
 */
extern const char *image_kind (struct reader *, const char *name,
                               struct error *err);

#endif /* V2V_IMAGE_KIND_H */
