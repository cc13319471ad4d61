/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Inside image_vmdk: files with a header, tables and grains. */

#ifndef V2V_VMDK_SPARSE_H
#define V2V_VMDK_SPARSE_H

#include "image/image-format.h"

/* Its embedded descriptor says what it does as a text file, but names only
 * the file itself, so that *RET gets no files.  WITHOUT_TEXT: it has none.
 */
extern int vmdk_read_sparse (struct reader *, const struct image_ends *,
                             struct image *ret, bool *without_text,
                             struct error *err);

/* Want its header, footer and descriptor (image_format's head). */
extern int vmdk_want_sparse (const struct image_ends *,
                             struct image_head *ret, struct error *err);

#endif /* V2V_VMDK_SPARSE_H */
