/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the files of the ext2, ext3 and ext4 reader share. */

#ifndef V2V_EXT_INTERNAL_H
#define V2V_EXT_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ext2fs/ext2fs.h>

#include "base/ranges.h"

struct error;
struct reader;
struct usage;

/* What reads a volume for libext2fs.  It must live as long as what was opened
 * with it.
 */
struct ext_io {
  struct struct_io_manager manager;
  struct reader *volume;
  const unsigned char *super;   /* SUPERBLOCK_SIZE bytes, as they were read and
                                   checked: the library gets no others */
  struct ranges ahead;          /* announced, and read next in this order */
  size_t next;                  /* of these */
  struct error *err;            /* of the volume */
};

/* Let libext2fs open VOLUME, read-only.  NULL: it refuses to, as *WHY says, or
 * (*WHY is 0) *ERR says what went wrong.
 */
extern ext2_filsys ext_open (struct ext_io *, struct reader *volume,
                             const unsigned char *super, errcode_t *why,
                             struct error *err);
/* FS may be NULL. */
extern void ext_close (struct ext_io *, ext2_filsys fs);

/* Doubt unless SUPER (in the host's byte order, and const but for the
 * library's functions) is that of a file system that is
 * clean, has only features known here, and can be as it says in SIZE bytes.
 */
extern int ext_check_super (struct ext2_super_block *super, uint64_t size,
                            struct usage *, struct error *err);

/* The blocks of FS that are in use whatever its block bitmaps say: superblocks
 * and group descriptors with their copies and what is reserved for them,
 * bitmaps, and inode tables.  They are sorted, and no block is there twice;
 * doubt when that cannot be, or they do not lie within FS.
 */
extern int ext_find_metadata (ext2_filsys fs, struct ranges *ret,
                              struct usage *, struct error *err);

/* Doubt unless the journal of FS, if it has one, is empty.  Its metadata must
 * have been found to lie within it.
 */
extern int ext_check_journal (const struct ext_io *, ext2_filsys fs,
                              struct usage *, struct error *err);

#endif /* V2V_EXT_INTERNAL_H */
