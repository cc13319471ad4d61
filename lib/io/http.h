/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Questions to servers that nbdkit does not ask, through libcurl. */

#ifndef V2V_HTTP_H
#define V2V_HTTP_H

#include <stdbool.h>

struct error;
struct secret;
struct supervisor;

struct http_request {
  const char *url;              /* without password */
  const char *user;             /* or NULL */
  const struct secret *password; /* or NULL */
  const struct secret *cookie;  /* "name=value; ...", or NULL */
  const struct secret *headers; /* one on a line, or NULL */
  const char *cainfo;           /* or NULL */
  bool no_verify;               /* take any certificate */
  const char *proxy;            /* NULL: the environment's; "": none */
};

/* Ask for one byte of the file.  A server that ignores Range would make
 * nbdkit return the start of the file for every read, without any error, so
 * anything but "206 Partial Content" is an error (REASON_NO_RANGE).  So is
 * everything else that keeps nbdkit from opening the URL, with its reason.
 *
 * *IDENTITY gets what the server says that tells this file from a later one,
 * its ETag and Last-Modified.  The caller frees it; it stays NULL where the
 * server says neither.  IDENTITY may be NULL.
 */
extern int http_check_range (const struct http_request *,
                             struct supervisor *, char **identity,
                             struct error *err);

/* Is there a server at all that takes a TCP connection and speaks first, as
 * SSH and NBD servers do?  When not: -1 with REASON_UNREACHABLE or
 * REASON_TIMEOUT, within 5 seconds.  1: it takes the connection, but has said
 * nothing by then.
 */
extern int http_check_endpoint (const char *host, unsigned port,
                                struct supervisor *, struct error *err);

/* The first line that such a server says, as far as it is plain text ("": it
 * says nothing, or not within a second).  The caller frees it; NULL: it cannot
 * be asked.
 */
extern char *http_first_line (const char *host, unsigned port,
                              struct supervisor *, struct error *err);

/* The SHA-1 thumbprint of the certificate that the server at HOST:PORT
 * shows, as VMware writes it: "AB:CD:...", 20 bytes.  Nothing is verified:
 * it is what the user would accept by hand.  The caller frees it.
 */
extern char *http_thumbprint (const char *host, unsigned port,
                              struct supervisor *, struct error *err);

#endif /* V2V_HTTP_H */
