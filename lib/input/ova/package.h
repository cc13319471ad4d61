/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The files that an OVA consists of, in whatever form it comes: a directory, a
 * plain tar file that is used in place (local or remote), or an archive that
 * has to be unpacked.  What the files mean is known elsewhere, except that
 * .ovf and .mf files are small and wanted first.
 */

#ifndef V2V_PACKAGE_H
#define V2V_PACKAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/beneath.h"
#include "base/vector.h"
#include "guest/location.h"

struct error;
struct input_request;
struct local_file;
struct member_names;
struct ovf_disks;
struct reader;

/* Where the bytes of a member are. */
enum member_place {
  MEMBER_IN_PLACE,              /* in the package's file, at OFFSET */
  MEMBER_FILE,                  /* in a file of its own, PATH, without links */
  MEMBER_TEXT,                  /* in memory, TEXT */
  MEMBER_PACKED,                /* still in the archive; PATH is where a run
                                   would unpack it, or NULL */
  MEMBER_OUTSIDE,               /* a link out of the directory, or nowhere */
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
  char *only_ovf;               /* the member that SOURCE itself is; NULL:
                                   SOURCE is the package */
  bool beside;                  /* then: other files of its folder may not be
                                   of the package */
  struct beneath dir;           /* of a directory, or of the .ovf file */
  bool must_unpack;             /* nothing can be used in place */
  bool has_index;               /* all members can be listed at no cost */
  char *unpack_dir;             /* NULL: nothing was unpacked yet; of a dry
                                   run what it would be */
  unsigned unpacked;            /* files in it */
  struct package_members members;
};

extern void package_reset (struct package *);
#define CLEANUP_PACKAGE __attribute__ ((cleanup (package_reset)))

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
/* The first of NAMES that there is.  If there is none, and no other than that
 * member's name differs from one of them only in case: that one.
 */
extern const struct package_member *
package_find_any (const struct package *, const struct member_names *names);
/* Like NAME, but followed by a dot and digits: the one with the highest
 * number, and how many there are.
 */
extern const struct package_member *
package_find_numbered (const struct package *, const char *name,
                       unsigned *count);
extern bool package_name_is_numbered (const char *name, const char *base);

/* Open the file of a member that has one of its own. */
extern struct local_file *package_member_file (const struct package *,
                                               const struct package_member *,
                                               struct error *err);
/* Read a member.  The package must live longer. */
extern struct reader *package_member_open (const struct package *,
                                           const struct package_member *,
                                           struct error *err);

/*--- package-ovf.c. ---*/

/* The .ovf file that describes the guest, of those that are known so far. */
extern const struct package_member *
package_find_ovf (const struct package *, struct error *err);
/* Can it be the one called NAME? */
extern bool package_is_wanted_ovf (const struct package *, const char *name);

/*--- Steps of package-directory.c and package-archive.c. ---*/

/* List the files of the directory at the package's location. */
extern int package_list_directory (struct package *, struct error *err);
/* The location is an .ovf file: list what is beside it, which need not all be
 * of the package, so that folders are left out.
 */
extern int package_list_beside (struct package *, struct error *err);
/* Then: list the folders in which NAMES are. */
extern int package_list_folders (struct package *,
                                 const struct member_names *names,
                                 struct error *err);

/* List the members of the file that PACKAGE's reader reads: all of a plain
 * tar file, which is used in place, all .ovf files of a zip file, and of
 * another archive that has to be unpacked those up to the first .ovf file that
 * can be the one.
 */
extern int package_list_file (struct package *, struct error *err);

/* The same for a plain tar file.  *IN_PIECES: some members are stored in
 * pieces (sparse ones), so that they cannot be used in place.
 */
extern int package_list_tar (struct package *, bool *in_pieces,
                             struct error *err);

/* Of an archive: list all members and unpack the files of these disks, if
 * there is a scratch directory.  Of anything else: nothing.
 */
extern int package_unpack (struct package *, const struct ovf_disks *,
                           struct error *err);

/* A path for a new file beside those unpacked, called after the member NAME,
 * or the path that it would have (--dry-run).  The caller frees it.
 */
extern char *package_new_path (struct package *, const char *name,
                               struct error *err);

#endif /* V2V_PACKAGE_H */
