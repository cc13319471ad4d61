/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What source-curl.c and curl-why.c share. */

#ifndef V2V_CURL_INTERNAL_H
#define V2V_CURL_INTERNAL_H

#include <stdbool.h>

struct error;
struct http_file;
struct source_request;
struct supervisor;

/* What to do when the server has another file than it had; untranslated. */
#define CURL_ANOTHER_FILE \
  N_("the file was replaced since the run began: copy it again; or several " \
     "servers, or a cache, have this name, and do not have the same file " \
     "and ETag: read it from one of them")

extern const char *curl_user (const struct source_request *); /* or NULL */
extern bool curl_is_ftp (const struct source_request *);
/* FTP has no Range, and only nbdkit knows what a cookie script prints. */
extern bool curl_can_be_asked (const struct source_request *);
/* Check that the server supports ranges, and take what it says of the file. */
extern int curl_preflight (const struct source_request *, struct supervisor *,
                           struct http_file *ret, struct error *err);
/* Say more than nbdkit does, by what the server answers to ourselves. */
extern void curl_ask_why (const struct source_request *, struct supervisor *,
                          struct error *err);

#endif /* V2V_CURL_INTERNAL_H */
