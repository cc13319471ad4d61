/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Packages that are one file: plain tar, of which only the headers are read,
 * and what has to be unpacked (compressed tar, zip, sparse tar members,
 * compressed files).  libarchive is used only behind this header.
 */

#ifndef V2V_UNPACK_H
#define V2V_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct error;
struct reader;
struct supervisor;

struct unpack;                  /* an archive being read */

enum unpack_kind {
  UNPACK_ARCHIVE,               /* compressed tar, zip, or plain tar */
  UNPACK_TAR_IN_PLACE,          /* plain tar: headers only, nothing of what
                                   the members hold is read */
  UNPACK_COMPRESSED,            /* one file, gzip or bzip2, which is the
                                   current one from the beginning */
};

/* SUPERVISOR (may be NULL) is asked for signals meanwhile.  The reader must
 * live longer.
 */
extern struct unpack *unpack_open (struct reader *, enum unpack_kind,
                                   struct supervisor *, struct error *err);
extern void unpack_free (struct unpack *); /* NULL is fine */
V2V_DEFINE_CLEANUP (cleanup_unpack, struct unpack *, unpack_free);
#define CLEANUP_UNPACK __attribute__ ((cleanup (cleanup_unpack)))

/* Go to the next regular file.  Returns 1 if there is one, 0 at the end.
 * Links, devices and names that lead out are refused as untrusted.
 */
extern int unpack_next (struct unpack *, struct error *err);
/* The file's name, plain (member-name.h). */
extern const char *unpack_name (const struct unpack *);

/* Of a tar file in place: the bytes in the tar file that are the file's. */
extern void unpack_place (const struct unpack *, uint64_t *offset,
                          uint64_t *size);
/* Is any file so far stored in pieces, so that its place says nothing?
 * Known for certain only at the end.
 */
extern bool unpack_any_in_pieces (const struct unpack *);

/* Otherwise a file may be read once, in one of these ways, or left.  Its text,
 * of at most MAX bytes, ended by a NUL byte that LEN does not count.  The
 * caller frees it.
 */
extern char *unpack_text (struct unpack *, size_t max, size_t *len,
                          struct error *err);
/* Its next LEN bytes at BUF, which belong at OFFSET; OFFSET holds where they
 * would without a hole.  Returns 1; at the end 0, with no bytes, and OFFSET
 * is where a last hole ends.
 */
extern int unpack_block (struct unpack *, const void **buf, size_t *len,
                         uint64_t *offset, struct error *err);

/* Write it to PATH (unpack-file.c), which must not exist; zeroes become
 * holes.  More than LIMIT bytes are an error, and so is more than the file
 * system has.
 */
extern int unpack_file (struct unpack *, const char *path, uint64_t limit,
                        struct error *err);

#endif /* V2V_UNPACK_H */
