/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Inside image_vmdk: the text that describes a disk, in a file of its own or
 * in a sparse file.
 */

#ifndef V2V_VMDK_TEXT_H
#define V2V_VMDK_TEXT_H

#include <stddef.h>

#include "image/image.h"

/* A descriptor is some hundred bytes; one of many 2 GB extents some thousand.
 * qemu, too, reads no more.
 */
#define VMDK_TEXT_MAX (1 << 20)

/* Fill in size, parent and files.  TEXT, which is changed, has LEN bytes and
 * then a NUL.
 */
extern int vmdk_read_text (char *text, size_t len, struct image *ret,
                           struct error *err);

#endif /* V2V_VMDK_TEXT_H */
