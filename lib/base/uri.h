/* SPDX-License-Identifier: GPL-2.0-or-later */

/* URIs taken apart and put together; libcurl does the work. */

#ifndef V2V_URI_H
#define V2V_URI_H

#include <stdbool.h>

struct error;

/* A URI's parts, percent-decoded (but for the query); NULL where it has
 * none.
 */
struct uri_parts {
  char *scheme;
  char *user, *password;
  char *host;                   /* IPv6 without its brackets */
  unsigned port;                /* 0: none */
  char *path;
  char *query;                  /* as it is written */
};

extern int uri_parse (const char *uri, struct uri_parts *ret,
                      struct error *err);
extern void uri_parts_reset (struct uri_parts *);
#define CLEANUP_URI __attribute__ ((cleanup (uri_parts_reset)))

/* "scheme" of "scheme://...", or NULL when STR is no URI but a path.  The
 * caller frees it.
 */
extern char *uri_scheme (const char *str);

/* The URI without user and password, blanks and UTF-8 in it encoded.  The
 * caller frees it.
 */
extern char *uri_without_credentials (const char *uri, struct error *err);

/* The same with the user. */
extern char *uri_without_password (const char *uri, struct error *err);

/* scheme://host:port, in lower case, for people and to compare.  The caller
 * frees it.
 */
extern char *uri_origin (const char *uri, struct error *err);
/* 1 when both have the same one, 0, or -1 with an error. */
extern int uri_same_origin (const char *a, const char *b, struct error *err);

/* STR with everything percent-encoded that is not unreserved or in KEEP.
 * The caller frees it.
 */
extern char *uri_escape (const char *str, const char *keep,
                         struct error *err);

/* The URI for people: "..." stands for the values in its query, which may be
 * secrets.  The caller frees it.
 */
extern char *uri_without_values (const char *uri, struct error *err);

/* The value, decoded, of KEY in "KEY=VALUE&...".  NULL: it is not there, or
 * *err is set.  The caller frees it.
 */
extern char *uri_query_value (const char *query, const char *key,
                              struct error *err);

/* nbd+unix:///?socket=PATH.  The caller frees it. */
extern char *uri_of_unix_socket (const char *path, struct error *err);

/* Is HOST a name or address that cannot be taken for anything else (an
 * option, a user, a path, a port)?  IPv6 addresses have no brackets here.
 */
extern bool uri_host_valid (const char *host);
/* HOST as URIs have it: IPv6 addresses in brackets.  The caller frees it. */
extern char *uri_host (const char *host, struct error *err);

#endif /* V2V_URI_H */
