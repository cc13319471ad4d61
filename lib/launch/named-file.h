/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The files that an image names and qemu may open (-io allow-backing). */

#ifndef V2V_NAMED_FILE_H
#define V2V_NAMED_FILE_H

#include <stdbool.h>

struct confine;
struct error;
struct image;
struct launched_disk;

struct named_file {
  char *path;                   /* from the root on */
  bool is_block;                /* a block device */
};

/* Where the file is that qemu's driver of the disk's image calls OPTION.  NULL
 * as *RET's path: the image names none.  An error says why it cannot be
 * opened.
 */
extern int named_file_find (const struct launched_disk *, const char *option,
                            struct named_file *ret, struct error *err);
extern void named_file_reset (struct named_file *);
#define CLEANUP_NAMED_FILE __attribute__ ((cleanup (named_file_reset)))

/* Let a qemu open all files that the disk's image names, those that these
 * name, and so on.
 */
extern int named_file_allow (const struct launched_disk *, struct confine *,
                             struct error *err);
/* Options for qemu's driver of IMAGE, whose file is PATH (from the root on)
 * and is written to: ",KEY=VALUE..." which spells out the files that it names,
 * for qemu to find them where it has the image as a descriptor.  They, and
 * those that they name, are allowed in FILES; a data file to be written.  The
 * caller frees it.
 */
extern char *named_file_options (const struct image *image, const char *path,
                                 struct confine *files, struct error *err);

#endif /* V2V_NAMED_FILE_H */
