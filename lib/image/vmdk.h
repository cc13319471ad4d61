/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What kind of VMDK a file is, from its first bytes, and what an examined one
 * is besides an image.
 */

#ifndef V2V_VMDK_H
#define V2V_VMDK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image/image.h"

enum vmdk_kind {
  VMDK_NONE,                    /* not a VMDK at all */
  VMDK_SPARSE,                  /* header and data in this file */
  VMDK_DESCRIPTOR,              /* text that names files with the data */
  VMDK_DELTA,                   /* a snapshot's, of an ESXi host */
};

/* The kind of a file that begins with these bytes; qemu, too, looks at no more
 * than VMDK_START of them.
 */
#define VMDK_START 512
extern enum vmdk_kind vmdk_kind_of (const char *start, size_t len);

/* Of an image that was examined: is it text whose FILES are the disk? */
extern bool vmdk_is_descriptor (const struct image *);
/* Is it one of several files of a disk, which does not say how large that is
 * or where it belongs?
 */
extern bool vmdk_is_piece (const struct image *);

/* Examine a sparse piece, which is called PATH, and of which its descriptor
 * says FILE.  Whatever else it is, or a part of it, is refused: for qemu a
 * piece is as large as its own header says, so that what follows would move.
 * Only the last one may be larger, by less than a grain: ROUNDED is set where
 * it is, and NULL for others.
 */
extern int vmdk_examine_piece (struct reader *, const char *path,
                               const struct image_file *, bool *rounded,
                               struct image *ret, struct error *err);
/* Say that so many bytes of a piece are missing; -1. */
extern int vmdk_refuse_short (const char *path, uint64_t missing,
                              struct error *err);

/* "NAME.vmdk", of which NAME-flat.vmdk, NAME-s001.vmdk or NAME-f001.vmdk is a
 * piece; NULL: it is called otherwise.  The caller frees it.
 */
extern char *vmdk_name_of_whole (const char *piece, struct error *err);

/* Say what to give in place of a piece: WHOLE, the descriptor's name, or NULL.
 * REMOTE: they are on a server.
 */
extern void vmdk_hint_at_whole (const char *whole, bool remote,
                                struct error *err);

#endif /* V2V_VMDK_H */
