/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Packages that are one file: tar, plain or compressed, or zip. */

#ifndef V2V_PACKAGE_ARCHIVE_H
#define V2V_PACKAGE_ARCHIVE_H

#include "input/ova/package-members.h"

/* List the members of the file that PACKAGE's reader reads: all of a plain
 * tar file, which is used in place, and of an archive that has to be
 * unpacked those up to the first .ovf file.
 */
extern int package_list_file (struct package *, struct error *err);

/* The same for a plain tar file.  *IN_PIECES: some members are stored in
 * pieces (sparse ones), so that they cannot be used in place.
 */
extern int package_list_tar (struct package *, bool *in_pieces,
                             struct error *err);

/* A file to be unpacked: the member NAME, or those called NAME.NUMBER. */
struct package_want {
  char *name;
  uint64_t limit;               /* bytes that it may have */
};
DEFINE_VECTOR (struct package_wants, package_wants, struct package_want);

/* Of an archive: list all members and unpack those that are wanted, if
 * there is a scratch directory.  Of anything else: nothing.
 */
extern int package_unpack (struct package *, const struct package_wants *,
                           struct error *err);

/* A path for a new file beside those unpacked, called after the member
 * NAME.  The caller frees it.
 */
extern char *package_new_path (struct package *, const char *name,
                               struct error *err);

#endif /* V2V_PACKAGE_ARCHIVE_H */
