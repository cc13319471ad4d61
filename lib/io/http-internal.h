/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the files that use curl share. */

#ifndef V2V_HTTP_INTERNAL_H
#define V2V_HTTP_INTERNAL_H

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
/* The URL, and who asks; not its headers. */
extern void http_set_request (CURL *, const struct http_request *);
/* Curl has failed with CODE: what that means, and what to do.  Returns -1. */
extern int http_report_curl (CURL *, CURLcode code, const char *message,
                             struct error *err);

/* The same, when the server has answered with an error. */
extern int http_report_status (long status, struct error *err);

#endif /* V2V_HTTP_INTERNAL_H */
