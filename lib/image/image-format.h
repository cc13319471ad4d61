/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a format must know, for the table of image-examine.c. */

#ifndef V2V_IMAGE_FORMAT_H
#define V2V_IMAGE_FORMAT_H

#include <stddef.h>

#include "image/image.h"

/* What tells formats apart is in the first and the last bytes of a file.
 * Where the file is shorter the rest are zeroes.
 */
#define IMAGE_START 1024
#define IMAGE_END 512

struct image_ends {
  uint64_t size;                /* of the file */
  unsigned char start[IMAGE_START];
  unsigned char end[IMAGE_END]; /* the last bytes, if there are so many */
};

struct image_format {
  const char *name;             /* qemu's, or of a container its own */
  const char *what;             /* N_("a qcow2 image") */
  bool (*probe) (const struct image_ends *);
  /* Fill in what is not in *RET yet (format and file_size are).  NULL: only
   * what it is is known.
   */
  int (*examine) (struct reader *, const struct image_ends *,
                  struct image *ret, struct error *err);
  /* It holds a disk, but is none: what to do about it, N_("..."). */
  const char *instead;
  /* What to do about an image with a parent, N_("..."); or NULL. */
  const char *parent_hint;
  /* Want all that qemu's driver reads before it knows which other files to
   * open (image/head.h).  NULL: it never opens any.
   */
  int (*head) (const struct image_ends *, struct image_head *ret,
               struct error *err);
};

extern const struct image_format image_raw;
extern const struct image_format image_parallels;
extern const struct image_format image_qcow, image_qcow2, image_qed;
extern const struct image_format image_vdi;
extern const struct image_format image_vmdk;
extern const struct image_format image_vhd, image_vhd_fixed, image_vhdx;

/* All others, each table ended by one without a name: formats, archives and
 * compressed files, descriptions of guests and other texts.
 */
extern const struct image_format image_others[];
extern const struct image_format image_archives[];
extern const struct image_format image_texts[];

/* Read a table that the image places at OFFSET.  It may lie behind the file's
 * end, which means that the image is not whole or damaged.
 */
extern int image_pread (struct reader *, void *buf, size_t len,
                        uint64_t offset, struct error *err);
/* Note that the image uses another file, called NAME by it; NULL: the name is
 * not known.
 */
extern int image_add_file (struct image *, const char *name, size_t len,
                           struct error *err);

#endif /* V2V_IMAGE_FORMAT_H */
