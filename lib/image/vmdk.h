/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What kind of VMDK a file is, from its first bytes.  qemu reads the disk
 * itself, but it would also open the files that a VMDK names.
 */

#ifndef V2V_VMDK_H
#define V2V_VMDK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct reader;

enum vmdk_kind {
  VMDK_NONE,                    /* not a VMDK at all */
  VMDK_SPARSE,                  /* header and data in this file */
  VMDK_DESCRIPTOR,              /* text that names files with the data */
  VMDK_COW,                     /* a snapshot's delta of an ESXi host */
};

/* The kind of a file that begins with these bytes; qemu, too, looks at no more
 * than VMDK_START of them.
 */
#define VMDK_START 512
extern enum vmdk_kind vmdk_kind_of (const char *start, size_t len);

struct vmdk {
  enum vmdk_kind kind;
  bool delta;                   /* needs a parent disk */
  /* Of a descriptor: */
  unsigned extents;             /* pieces that the disk consists of */
  char *file;                   /* of the first extent, or NULL */
  bool flat;                    /* the file holds plain sectors */
  uint64_t offset, length;      /* the extent's bytes in the file */
};

/* Look at READER, called NAME in errors.  A sparse file that would make qemu
 * open other files is refused as untrusted.
 */
extern int vmdk_probe (struct reader *, const char *name, struct vmdk *ret,
                       struct error *err);
extern void vmdk_reset (struct vmdk *);
#define CLEANUP_VMDK __attribute__ ((cleanup (vmdk_reset)))

#endif /* V2V_VMDK_H */
