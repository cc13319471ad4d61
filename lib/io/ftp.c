/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The server's own words, when nbdkit could not open a file on it.  The file
 * is read by nbdkit's curl plugin; what the words mean is left to curl-why.c.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "base/error.h"
#include "base/i18n.h"
#include "base/secret.h"
#include "io/ftp.h"
#include "io/http.h"
#include "io/http-internal.h"

/* Some servers (pure-ftpd) take seconds to refuse a login: nbdkit has waited
 * for that already.
 */
#define TIMEOUT_MS 4000L

struct reply {
  int code;
  char *words;                  /* FTP_WORDS_MAX bytes */
};

/* curl calls each line of a server's reply a header. */
static size_t
look_at_reply (char *line, size_t size, size_t n, void *data)
{
  struct reply *reply = data;
  char text[FTP_WORDS_MAX];
  size_t len;
  int code;

  snprintf (text, sizeof text, "%.*s", (int) (size * n), line);
  len = strcspn (text, "\r\n");
  text[len] = '\0';
  code = atoi (text);
  if (code >= 400 && code < 600) {
    reply->code = code;
    memcpy (reply->words, text, len + 1);
  }
  return size * n;
}

/* libcurl (seen with 7.88 and 8.14) gives size and date of a file as its
 * content, which goes to stdout by default.
 */
static size_t
discard (char *data __attribute__ ((unused)), size_t size, size_t n,
         void *nothing __attribute__ ((unused)))
{
  return size * n;
}

int
ftp_ask (const struct http_request *request, struct supervisor *supervisor,
         int *code, char words[FTP_WORDS_MAX], struct error *err)
{
  char error_buf[CURL_ERROR_SIZE] = "";
  CLEANUP_CURL CURL *curl = curl_easy_init ();
  struct reply reply = { .words = words };
  CURLcode r;

  words[0] = '\0';
  if (curl == NULL)
    return error_nomem (err);
  http_set_common (curl, supervisor, error_buf);
  http_set_request (curl, request);
  http_set_login (curl, request);
  curl_easy_setopt (curl, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
  curl_easy_setopt (curl, CURLOPT_NOBODY, 1L);
  curl_easy_setopt (curl, CURLOPT_WRITEFUNCTION, discard);
  curl_easy_setopt (curl, CURLOPT_HEADERFUNCTION, look_at_reply);
  curl_easy_setopt (curl, CURLOPT_HEADERDATA, &reply);
  r = http_perform (curl, supervisor);
  if (r == CURLE_ABORTED_BY_CALLBACK)
    return error_set (err, REASON_INTERRUPTED, _("interrupted by a signal"));
  *code = r == CURLE_OK ? 0 : reply.code;
  return 0;
}
