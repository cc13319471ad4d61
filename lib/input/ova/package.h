/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The files that an OVA consists of, in whatever it comes: a directory, a
 * plain tar file that is used in place (local or remote), or an archive
 * that has to be unpacked.  Knows nothing of what the files mean, except
 * that .ovf and .mf files are small and wanted first.
 */

#ifndef V2V_PACKAGE_H
#define V2V_PACKAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vector.h"
#include "guest/guest.h"

struct error;
struct input_request;
struct reader;

/* Where the bytes of a member are. */
enum member_place {
  MEMBER_IN_PLACE,              /* in the package's file, at OFFSET */
  MEMBER_FILE,                  /* in a file of its own, PATH */
  MEMBER_TEXT,                  /* in memory, TEXT */
  MEMBER_PACKED,                /* still in the archive */
  MEMBER_OUTSIDE,               /* a link out of the directory */
};

struct package_member {
  char *name;                   /* plain, see member-name.h */
  enum member_place place;
  uint64_t offset, size;        /* bytes */
  char *path;
  char *text;
};
DEFINE_VECTOR (struct package_members, package_members,
               struct package_member);

/* A file to be unpacked: the member NAME, or those called NAME.NUMBER. */
struct package_want {
  char *name;
  uint64_t limit;               /* bytes that it may have */
};
DEFINE_VECTOR (struct package_wants, package_wants, struct package_want);

struct package {
  const struct input_request *request;
  const char *source;           /* as the user wrote it */
  struct location location;
  struct reader *reader;        /* NULL: a directory */
  bool archive;                 /* has to be unpacked */
  char *dir;                    /* where to, or NULL: nothing was yet */
  unsigned files;               /* in DIR */
  struct package_members members;
};

/* Open SOURCE and list its members: all of them, or of an archive only
 * those up to the first .ovf file.
 */
extern int package_open (struct package *, const struct input_request *,
                         const char *source, struct error *err);
extern void package_reset (struct package *);
#define CLEANUP_PACKAGE __attribute__ ((cleanup (package_reset)))

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

/* NULL: there is none of this name. */
extern const struct package_member *
package_find (const struct package *, const char *name);
/* Like NAME, but followed by a dot and digits: the one with the highest
 * number, and how many there are.
 */
extern const struct package_member *
package_find_numbered (const struct package *, const char *name,
                       unsigned *count);
extern bool package_name_is_numbered (const char *name, const char *base);

/* Read a member.  The package must live longer. */
extern struct reader *package_member_open (const struct package *,
                                           const struct package_member *,
                                           struct error *err);

#endif /* V2V_PACKAGE_H */
