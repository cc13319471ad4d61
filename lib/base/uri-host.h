/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The host in a URI that is put together from literal parts. */

#ifndef V2V_URI_HOST_H
#define V2V_URI_HOST_H

#include <stdbool.h>

struct error;

/* Is HOST a name or address that cannot be taken for anything else (an
 * option, a user, a path, a port)?  IPv6 addresses have no brackets here.
 */
extern bool uri_host_valid (const char *host);
/* HOST as URIs have it: IPv6 addresses in brackets.  The caller frees it;
 * NULL: no memory.
 */
extern char *uri_host (const char *host, struct error *err);

#endif /* V2V_URI_HOST_H */
