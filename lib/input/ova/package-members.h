/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A package and the list of its members: what package.c opens, and
 * package-archive.c and package-directory.c fill.
 */

#ifndef V2V_PACKAGE_MEMBERS_H
#define V2V_PACKAGE_MEMBERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vector.h"
#include "guest/location.h"

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

struct package {
  const struct input_request *request;
  const char *source;           /* as the user wrote it */
  struct location location;
  struct reader *reader;        /* NULL: a directory */
  bool must_unpack;             /* nothing can be used in place */
  char *unpack_dir;             /* NULL: nothing was unpacked yet */
  unsigned unpacked;            /* files in it */
  struct package_members members;
};

/* Add a member called NAME, of which MEMBER says the rest.  Its strings
 * belong to the package then, and are freed on error.  A name that is
 * there already is refused, and so are more members than a package has.
 */
extern int package_add (struct package *, const char *name,
                        struct package_member member, struct error *err);
extern void package_forget_members (struct package *);

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

#endif /* V2V_PACKAGE_MEMBERS_H */
