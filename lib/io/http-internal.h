/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the files that use curl share. */

#ifndef V2V_HTTP_INTERNAL_H
#define V2V_HTTP_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>

#include "base/cleanup.h"

struct error;
struct http_request;
struct supervisor;

/* An unreachable source must be reported within 5 seconds. */
#define HTTP_CONNECT_TIMEOUT_MS 4000L

V2V_DEFINE_CLEANUP (cleanup_curl, CURL *, curl_easy_cleanup);
#define CLEANUP_CURL __attribute__ ((cleanup (cleanup_curl)))
V2V_DEFINE_CLEANUP (cleanup_slist, struct curl_slist *, curl_slist_free_all);
#define CLEANUP_SLIST __attribute__ ((cleanup (cleanup_slist)))

/* Timeouts, and a signal ends it.  ERROR_BUF has CURL_ERROR_SIZE bytes. */
extern void http_set_common (CURL *, struct supervisor *, char *error_buf);
/* Let curl do it.  CURLE_ABORTED_BY_CALLBACK: there was a signal. */
extern CURLcode http_perform (CURL *, struct supervisor *);
/* The URL, and the way there: nothing that is secret. */
extern void http_set_request (CURL *, const struct http_request *);
/* The user and the password. */
extern void http_set_login (CURL *, const struct http_request *);
/* Curl has failed with CODE: what that means, and what to do.  Returns -1. */
extern int http_report_curl (CURL *, CURLcode code, const char *message,
                             struct error *err);

/* The first certificate that the server has shown, as PEM, which belongs to
 * curl; NULL: it is not known.
 */
extern const char *http_certificate (CURL *);
/* It was not accepted, which curl puts as TEXT: why, and what to do.  Returns
 * -1.
 */
extern int http_report_certificate (CURL *, const char *text,
                                    struct error *err);

/* The same, when the server has answered the request with an error. */
extern int http_report_status (const struct http_request *, long status,
                               struct error *err);

/* For all that is asked of a server before nbdkit is, however often.  A source
 * that does not answer must be reported within 5 seconds; nbdkit's own
 * requests may take longer.
 */
#define HTTP_ANSWER_TIMEOUT_MS 4500

/* Not byte 0: the start of the file would look the same. */
#define HTTP_RANGE "1-1"
/* How Content-Range must begin, where there is one. */
#define HTTP_RIGHT_RANGE "bytes " HTTP_RANGE "/"

struct http_asking {
  const struct http_request *request;
  const char *agent;            /* or NULL */
  struct supervisor *supervisor;
  int64_t deadline_ms;          /* of clock_ms */
  bool head;                    /* no byte: HEAD */
  const char *range;            /* NULL: HTTP_RANGE */
  size_t length;                /* bytes in it; 0: 1 */
};

struct http_answer {
  long status;
  size_t wanted, received;      /* bytes of the body */
  char range[64], etag[256], modified[64], type[128], retry_after[32];
  char *next;                   /* where the server redirects to, or NULL */
  /* All servers that were asked: */
  char *url;                    /* the last one's, if it is not the first's */
  bool elsewhere;               /* not all of them were of one origin */
};

extern void http_answer_reset (struct http_answer *);
#define CLEANUP_HTTP_ANSWER __attribute__ ((cleanup (http_answer_reset)))

/* Ask for one byte, or what ASKING says.  Whatever the last server answers is
 * an answer; what it means is the caller's to judge.  ANSWER is to be reset,
 * also after a failure.
 */
extern int http_ask (const struct http_asking *, struct http_answer *,
                     struct error *err);

#endif /* V2V_HTTP_INTERNAL_H */
