/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Inside lib/image: keeps the parts of an image that can name other files, so
 * that they are read once, and the image is judged by what was kept.
 */

#ifndef V2V_IMAGE_HEAD_H
#define V2V_IMAGE_HEAD_H

#include <stdint.h>

#include "image/image.h"

struct error;
struct image_ends;
struct reader;

/* These bytes are to be kept: of them what the file has, which need not be
 * all, and what is beside them in its blocks.  At most IMAGE_HEAD_MAX.
 */
extern int image_head_want (struct image_head *, const struct image_ends *,
                            uint64_t offset, uint64_t length,
                            struct error *err);
#define IMAGE_HEAD_MAX (4 << 20)

/* Read them.  What ENDS has of them was read before: that it is still the same
 * is looked at.
 */
extern int image_head_read (struct image_head *, const struct image_ends *,
                            struct reader *, struct error *err);

/* Like READER, which must live longer, as HEAD must; but what is kept comes
 * from there.
 */
extern struct reader *image_head_reader (const struct image_head *,
                                         struct reader *, struct error *err);

#endif /* V2V_IMAGE_HEAD_H */
