/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Names of files inside a package (tar, zip, directory, OVF). */

#ifndef V2V_MEMBER_NAME_H
#define V2V_MEMBER_NAME_H

#include <stdbool.h>

struct error;

/* A copy of NAME in its plain form: no "./", no "//".  A name that is
 * empty, absolute or leads out of the package ("..") is refused as
 * untrusted.  The caller frees it.
 */
extern char *member_name_clean (const char *name, struct error *err);

/* HREF as seen from the folder that the member FROM is in, plain.  ".." may
 * lead to other folders of the package.
 */
extern char *member_name_resolve (const char *from, const char *href,
                                  struct error *err);

/* What HREF can mean in a package, the likeliest first; NULL ends.  It is a
 * URI by the specification and a plain name in practice, so that its escapes
 * may have to be decoded; and some writers on Windows use backslashes.
 */
struct member_names {
  char *ptr[4];
};

/* Set the names that HREF can mean as seen from the folder of FROM.  They are
 * to be reset, also after a failure.
 */
extern int member_names_of (struct member_names *, const char *from,
                            const char *href, struct error *err);
extern void member_names_reset (struct member_names *);

/* Does the member's name end with SUFFIX, ignoring case?  Names beginning
 * with "._" never do: macOS puts such files next to the real ones.
 */
extern bool member_name_has_suffix (const char *name, const char *suffix);

#endif /* V2V_MEMBER_NAME_H */
