/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The files that an image names and qemu may open (-io allow-backing). */

#ifndef V2V_NAMED_FILE_H
#define V2V_NAMED_FILE_H

#include <stdbool.h>

struct confine;
struct error;
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

#endif /* V2V_NAMED_FILE_H */
