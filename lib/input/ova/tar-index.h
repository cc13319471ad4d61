/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Where the members of a plain tar file are, read from its headers alone,
 * so that they can be used in place.  v7, ustar, pax and GNU tar; for
 * everything that has to be unpacked there is unpack.h.
 */

#ifndef V2V_TAR_INDEX_H
#define V2V_TAR_INDEX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vector.h"

struct error;
struct reader;

#define TAR_BLOCK 512

struct tar_member {
  char *name;                   /* plain, see member-name.h */
  uint64_t offset, size;        /* bytes, all of them in the file */
  bool sparse;                  /* stored in pieces: the bytes at OFFSET are
                                   not what the member holds */
};

DEFINE_VECTOR (struct tar_members, tar_members, struct tar_member);

/* Does this block, the file's first, begin a tar file? */
extern bool tar_is_header (const unsigned char block[TAR_BLOCK]);

/* Append the regular files to RET.  Links, devices, names that lead out or
 * come twice, and sizes that do not fit are refused.
 */
extern int tar_index (struct reader *, struct tar_members *ret,
                      struct error *err);
extern void tar_members_free (struct tar_members *);
#define CLEANUP_TAR_MEMBERS __attribute__ ((cleanup (tar_members_free)))

#endif /* V2V_TAR_INDEX_H */
