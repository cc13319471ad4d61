/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What was found as a text, in which it comes from the process that reads what
 * strangers have written.
 */

#ifndef V2V_FOUND_TEXT_H
#define V2V_FOUND_TEXT_H

#include "filesystem/filesystem.h"

/* The disks have SIZES, in bytes.  The caller frees the text. */
extern char *found_print (const struct filesystems *, const uint64_t *sizes,
                          struct error *err);
/* Read such a text, which is not trusted.  1: it is one, of N disks: all
 * ranges lie on the disks, as large as the text says they are, and are in
 * order; texts can be shown to people.  0: it is none.  -1: no memory.
 */
extern int found_parse (const char *text, unsigned n, struct filesystems *ret,
                        struct error *err);

#endif /* V2V_FOUND_TEXT_H */
