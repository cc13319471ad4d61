/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Questions to servers that nbdkit does not ask, through libcurl. */

#ifndef V2V_HTTP_H
#define V2V_HTTP_H

#include <stdbool.h>
#include <stdint.h>

struct error;
struct secret;
struct supervisor;

struct http_request {
  const char *url;              /* without password */
  const char *user;             /* or NULL */
  const struct secret *password; /* or NULL */
  const struct secret *cookie;  /* "name=value; ...", or NULL */
  const struct secret *headers; /* one on a line, or NULL */
  const struct secret *plain_headers; /* the same, but for any server that the
                                   first one redirects to */
  bool trusted;                 /* redirections are followed wherever they
                                   lead, with everything */
  const char *agent;            /* who asks, where the server wants to know;
                                   or NULL */
  const char *cainfo;           /* or NULL */
  bool no_verify;               /* take any certificate */
  const char *proxy;            /* NULL: the environment's; "": none */
};

/* What a server says of a file. */
struct http_file {
  uint64_t size;                /* in bytes, or HTTP_SIZE_UNKNOWN */
  bool wants_agent;             /* who does not say who asks is refused */
  char *type;                   /* its Content-Type, or "" */
  /* The ETag, if it is a strong one: the same bytes have the same one, and
   * others another one.  With its quotes; else NULL.
   */
  char *etag;
  char *version;                /* what tells this file from a later one: its
                                   ETag and Last-Modified; NULL: neither */
  char *url;                    /* where it was in the end, after redirections;
                                   NULL: where it was asked for */
  bool elsewhere;               /* one of them led to another origin (scheme,
                                   host and port): from there on no secret was
                                   sent */
  bool temporary;               /* the URL may be another one the next time,
                                   or expire; set by who knows */
};

#define HTTP_SIZE_UNKNOWN UINT64_MAX
#define HTTP_FILE_INIT ((struct http_file) { .size = HTTP_SIZE_UNKNOWN })

extern void http_file_reset (struct http_file *);
#define CLEANUP_HTTP_FILE __attribute__ ((cleanup (http_file_reset)))

/* Ask for one byte of the file.  A server that ignores Range would make
 * nbdkit return the start of the file for every read, without any error, so
 * anything but "206 Partial Content" is an error (REASON_NO_RANGE).  So is
 * everything else that keeps nbdkit from opening the URL, with its reason.
 * A server that refuses because it is asked too often is asked again.  All
 * of it takes less than 5 seconds.  User, password, cookie and headers are
 * sent to the origin of the URL only.  The caller resets *RET, of which he has
 * initialised what is there.  Threads other than the main one have no
 * supervisor: NULL.
 */
extern int http_probe (const struct http_request *, struct supervisor *,
                       struct http_file *ret, struct error *err);

enum http_question { HTTP_HEAD, HTTP_FIRST_BYTES };

/* Nothing comes from nbdkit, although http_probe got its answer: does the
 * server end its answers to nbdkit's first questions?  -1 with
 * REASON_TIMEOUT: not within 5 seconds; whatever else it does, 0.
 */
extern int http_answers (const struct http_request *, enum http_question,
                         struct supervisor *, struct error *err);

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
