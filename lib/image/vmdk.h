/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What kind of VMDK a file is, from its first bytes, and what an examined one
 * is besides an image.
 */

#ifndef V2V_VMDK_H
#define V2V_VMDK_H

#include <stdbool.h>
#include <stddef.h>

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

/* "NAME.vmdk", of which NAME-s001.vmdk or NAME-f001.vmdk is a piece; NULL: it
 * is called otherwise.  The caller frees it.
 */
extern char *vmdk_name_of_whole (const char *piece, struct error *err);

#endif /* V2V_VMDK_H */
