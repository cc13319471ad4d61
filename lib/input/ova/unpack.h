/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Unpacking what cannot be used in place: compressed tar, zip, sparse tar
 * members, gzip.  The only door to libarchive.
 */

#ifndef V2V_UNPACK_H
#define V2V_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;
struct reader;
struct supervisor;

/* Does a file beginning with these bytes look like something that
 * unpack_walk reads, other than plain tar?
 */
extern bool unpack_claims (const unsigned char *start, size_t len);

struct unpack;                  /* an archive being read */

/* Called for each regular file in the archive's order.  NAME is plain
 * (member-name.h).  It may read the file once with the functions below, or
 * leave it.  1: enough, the rest is not looked at; -1: an error.
 */
typedef int (*unpack_fn) (void *data, struct unpack *, const char *name,
                          struct error *err);

/* Links, devices and names that lead out are refused as untrusted.
 * SUPERVISOR (may be NULL) is asked for signals meanwhile.
 */
extern int unpack_walk (struct reader *, struct supervisor *, unpack_fn fn,
                        void *data, struct error *err);

/* The file's text, of at most MAX bytes, ended by a NUL byte that LEN does
 * not count.
 */
extern char *unpack_text (struct unpack *, size_t max, size_t *len,
                          struct error *err);
/* Write the file to PATH, which must not exist; zeroes become holes.  More
 * than LIMIT bytes are an error, and so is more than the file system has.
 */
extern int unpack_file (struct unpack *, const char *path, uint64_t limit,
                        struct error *err);

/* Write what READER holds compressed by gzip to PATH, in the same way. */
extern int unpack_gzip (struct reader *, struct supervisor *,
                        const char *path, uint64_t limit,
                        struct error *err);

#endif /* V2V_UNPACK_H */
