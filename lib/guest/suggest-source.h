/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What was meant by a name that is not there. */

#ifndef V2V_SUGGEST_SOURCE_H
#define V2V_SUGGEST_SOURCE_H

#include <stdbool.h>

struct error;

/* Add a hint to *err for a SOURCE of -i disk, as it was typed, that was
 * taken for the path of a file and is not there: it may be a URL that was
 * written wrongly, a name of VMware's, or a mistyped path (suggest_file).
 */
extern void suggest_source (const char *source, struct error *err);

/* A hint for a URI of a SCHEME that is not known; KNOWN (an array that ends
 * with NULL) are those that are.  False: there is none.
 */
extern bool suggest_scheme (const char *uri, const char *scheme,
                            const char *const *known, struct error *err);

/* The -i for a file that describes a guest, by its name; NULL: it is none.
 */
extern const char *suggest_input (const char *path);

#endif /* V2V_SUGGEST_SOURCE_H */
