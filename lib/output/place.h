/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Whether two disks are one: under another name, through links, as another
 * node of the same device, by a URI that is written otherwise.
 */

#ifndef V2V_PLACE_H
#define V2V_PLACE_H

#include <stdbool.h>

struct error;
struct location;

/* A text that is the same for all names of an NBD export, as far as the URI
 * tells.  The caller frees it.
 */
extern char *place_of_uri (const char *uri, struct error *err);
/* Do both URIs name the same export, as far as they tell? */
extern bool place_same_uri (const char *a, const char *b);

/* Are both the same file, device or NBD export?  A loop device is the same as
 * its file.  False where that cannot be found out.
 */
extern bool place_same (const struct location *a, const struct location *b);

/* Do both paths name the same file?  They need not exist: then they name the
 * same if that name is in the same directory.
 */
extern bool place_same_name (const char *a, const char *b);

#endif /* V2V_PLACE_H */
