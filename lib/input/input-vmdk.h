/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What several inputs do about a disk that a VMDK descriptor describes. */

#ifndef V2V_INPUT_VMDK_H
#define V2V_INPUT_VMDK_H

struct beneath;
struct disk;
struct error;
struct image;
struct reader;

/* Where a descriptor is. */
struct vmdk_folder {
  const struct beneath *dir;    /* which no link leads out of */
  const char *sub;              /* the descriptor's folder in it: "", "sub/" */
  const char *option;           /* what would allow names outside, for a hint;
                                   or NULL */
  /* Names may lead anywhere, and each of these is told; or NULL. */
  void (*outside) (const void *data, const char *path);
  const void *data;
};

/* Let the local DISK, whose path is that of the descriptor IMAGE, be what is
 * in the files that IMAGE names.  They must be whole regular files beside the
 * descriptor: the names are a guest's, and must not lead elsewhere.  The files
 * are opened.
 */
extern int input_vmdk_use_files (const struct image *,
                                 const struct vmdk_folder *, struct disk *,
                                 struct error *err);

/* The same, if the disk is such a descriptor and may be followed: the user
 * has allowed it.
 */
extern int input_vmdk_follow (struct disk *, struct error *err);

struct vmdk_piece {
  struct reader *reader;
  const char *file;             /* as a descriptor beside it calls it */
  const char *name;             /* in errors */
};

/* Refuse a file of plain sectors if WHOLE, which may be anything, is a
 * descriptor that names it as one of several, or has it longer.
 */
extern int input_vmdk_check_piece (struct reader *whole,
                                   const char *whole_name,
                                   const struct vmdk_piece *,
                                   struct error *err);

/* The same of PATH, a local file, and the descriptor of its name, if there is
 * one.
 */
extern int input_vmdk_check_alone (struct reader *, const char *path,
                                   struct error *err);

#endif /* V2V_INPUT_VMDK_H */
