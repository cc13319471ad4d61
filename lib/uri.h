/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Putting URIs together from literal parts. */

#ifndef V2V_URI_H
#define V2V_URI_H

#include <stdbool.h>

struct error;

/* STR with everything percent-encoded but letters, digits, "-._~" and the
 * characters in SAFE.  The caller frees it; NULL: no memory.
 */
extern char *uri_escape (const char *str, const char *safe,
                         struct error *err);

/* What may stand in a path, and in a whole query, as it is. */
#define URI_PATH_SAFE "/!$&'()*+,;=:@"
#define URI_QUERY_SAFE URI_PATH_SAFE "?%"

/* Is HOST a name or address that cannot be taken for anything else (an
 * option, a user, a path, a port)?  IPv6 addresses have no brackets here.
 */
extern bool uri_host_valid (const char *host);
/* HOST as URIs have it: IPv6 addresses in brackets.  The caller frees it;
 * NULL: no memory.
 */
extern char *uri_host (const char *host, struct error *err);

#endif /* V2V_URI_H */
