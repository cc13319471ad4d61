/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What source-curl.c shares with curl-secrets.c, curl-pin.c, curl-why.c and
 * source-vcenter.c.
 */

#ifndef V2V_CURL_INTERNAL_H
#define V2V_CURL_INTERNAL_H

#include <stdbool.h>

struct error;
struct http_file;
struct nbdkit_cmd;
struct secret;
struct source_request;
struct supervisor;

/* What to do when the server has another file than it had; untranslated. */
#define CURL_ANOTHER_FILE \
  N_("the file was replaced since the run began: copy it again; or several " \
     "servers, or a cache, have this name, and do not have the same file " \
     "and ETag: read it from one of them")

/* Who asks, where the server wants to know. */
#define CURL_AGENT PACKAGE_NAME "/" PACKAGE_VERSION

extern const char *curl_user (const struct source_request *); /* or NULL */
extern bool curl_is_ftp (const struct source_request *);
/* FTP has no Range, and only nbdkit knows what a cookie script prints. */
extern bool curl_can_be_asked (const struct source_request *);
/* Check that the server supports ranges, and take what it says of the file. */
extern int curl_preflight (const struct source_request *, struct supervisor *,
                           struct http_file *ret, struct error *err);
/* Say more than nbdkit does, by what the server answers to ourselves. */
extern void curl_ask_why (const struct source_request *,
                          const struct http_file *before,
                          struct supervisor *, struct error *err);

/* -io curl-location-trusted: secrets are for every server. */
extern bool curl_trusts (const struct source_request *);
extern int curl_check_trusts (const struct source_request *,
                              struct error *err);
/* -io curl-cainfo: nobody else may choose whom we trust. */
extern int curl_check_cainfo (const struct source_request *,
                              struct error *err);
/* Is anything sent that is for the server only which the user named? */
extern bool curl_has_secrets (const struct source_request *);
/* Is it all of a kind that libcurl sends to that one only, whatever it
 * redirects to?
 */
extern bool curl_secrets_are_bound (const struct source_request *);
/* -io curl-cookie, or the metadata's unless there is a script; NULL when
 * there is none.
 */
extern struct secret *curl_cookie (const struct source_request *,
                                   struct error *err);

enum curl_headers {
  CURL_HEADERS,                 /* the user's, and with them the cookie */
  CURL_HEADERS_AND_COOKIE,      /* the same, but the cookie in any case */
  CURL_HEADERS_SECRET,          /* those that are for one server */
  CURL_HEADERS_PLAIN,           /* those that any server may see */
};

/* What nbdkit's header-script has to print, one header on a line: with the
 * user's own, where they do not say otherwise, what FILE (or NULL) wants.
 * NULL: there is none, or an error.
 */
extern struct secret *curl_headers (const struct source_request *,
                                    const struct http_file *file,
                                    enum curl_headers which,
                                    struct error *err);

/* Have nbdkit send these headers; NULL: none. */
extern void curl_add_headers (struct nbdkit_cmd *,
                              const struct secret *headers);
/* Is the cookie one of nbdkit's headers in any case?  libcurl keeps it for the
 * first origin then, where nbdkit cannot be told to follow no redirection.
 */
extern bool curl_cookie_is_header (const struct source_request *);
/* Let nbdkit follow no redirection, if it has secrets and can be told. */
extern void curl_keep_secrets (const struct source_request *,
                               struct nbdkit_cmd *);
/* Let nbdkit, which reads from URL, follow redirections only to where ours may
 * lead: not from https to http, and to web servers only.
 */
extern void curl_limit_protocols (const struct source_request *,
                                  const char *url, struct nbdkit_cmd *);
/* Can the URL, to which the server of ASKED redirects, be of use for a while
 * only?
 */
extern bool curl_url_may_expire (const char *asked, const char *url);
/* source_ops.pin */
extern int curl_pin (const struct source_request *, const struct http_file *,
                     struct nbdkit_cmd *, struct error *err);

#endif /* V2V_CURL_INTERNAL_H */
