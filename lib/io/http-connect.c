/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Connections on which nothing is asked: does a server answer at all, what does
 * it say first, and which certificate does it show?  Requests are made by
 * http.c.
 */

#include <config.h>

#include <ctype.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include <curl/curl.h>
#include <gnutls/gnutls.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/uri.h"
#include "io/http.h"
#include "io/http-internal.h"
#include "io/supervisor.h"

/* For what a server says that has refused us before. */
#define FIRST_LINE_TIMEOUT_MS 1000

/* Wait for what the server sends.  *N is how much it was; 0: it has closed the
 * connection.
 *   0  that is so
 *   1  it has sent nothing until the deadline
 *  -1  a signal of the user
 */
static int
receive (CURL *curl, char *buf, size_t len, int64_t deadline_ms,
         struct supervisor *supervisor, size_t *n, struct error *err)
{
  CURLcode code;

  while ((code = curl_easy_recv (curl, buf, len, n)) == CURLE_AGAIN) {
    if (supervisor_signal (supervisor) != 0)
      return error_set (err, REASON_INTERRUPTED,
                        _("interrupted by a signal"));
    if (clock_ms () > deadline_ms)
      return 1;
    poll (NULL, 0, 20);
  }
  if (code != CURLE_OK)
    *n = 0;
  return 0;
}

/* A connection to HOST:PORT, and nothing sent on it but what the scheme
 * begins with: a TLS handshake for https, nothing for http.
 */
static CURL *
connect_only (const char *scheme, const char *host, unsigned port,
              struct supervisor *supervisor, struct error *err)
{
  char error_buf[CURL_ERROR_SIZE] = "";
  CLEANUP_CURL CURL *curl = curl_easy_init ();
  CLEANUP_FREE char *name = uri_host (host, err);
  CLEANUP_FREE char *url = name == NULL ? NULL
    : format (err, "%s://%s:%u/", scheme, name, port);
  CURLcode code;

  if (curl == NULL)
    error_nomem (err);
  if (curl == NULL || url == NULL)
    return NULL;
  http_set_common (curl, supervisor, error_buf);
  curl_easy_setopt (curl, CURLOPT_URL, url);
  curl_easy_setopt (curl, CURLOPT_PROXY, "");
  curl_easy_setopt (curl, CURLOPT_CONNECT_ONLY, 1L);
  curl_easy_setopt (curl, CURLOPT_SSL_VERIFYPEER, 0L);
  curl_easy_setopt (curl, CURLOPT_SSL_VERIFYHOST, 0L);
  code = curl_easy_perform (curl);
  if (code == CURLE_OK)
    return STEAL (curl);
  http_report_curl (curl, code, error_buf, err);
  return NULL;
}

int
http_check_endpoint (const char *host, unsigned port,
                     struct supervisor *supervisor, struct error *err)
{
  const int64_t deadline_ms = clock_ms () + HTTP_CONNECT_TIMEOUT_MS;
  CLEANUP_CURL CURL *curl = connect_only ("http", host, port, supervisor,
                                          err);
  char byte;
  size_t n = 0;
  int r;

  if (curl == NULL)
    return -1;
  r = receive (curl, &byte, 1, deadline_ms, supervisor, &n, err);
  if (r != 0 || n > 0)
    return r;
  error_set (err, REASON_UNREACHABLE,
             _("the server closes the connection without answering"));
  error_hint (err, _("is it the right port, and does the server accept "
                     "connections from here?"));
  return -1;
}

/* How long LINE is, when it ends at the first byte that is not for people. */
static size_t
readable_length (const char *line, size_t len)
{
  size_t n = 0;

  while (n < len && line[n] >= ' ' && line[n] <= '~')
    n++;
  return n;
}

char *
http_first_line (const char *host, unsigned port,
                 struct supervisor *supervisor, struct error *err)
{
  const int64_t deadline_ms = clock_ms () + FIRST_LINE_TIMEOUT_MS;
  CLEANUP_CURL CURL *curl = connect_only ("http", host, port, supervisor,
                                          err);
  char line[200];
  size_t len = 0, n;

  if (curl == NULL)
    return NULL;
  do {
    if (receive (curl, line + len, sizeof line - len, deadline_ms,
                 supervisor, &n, err) != 0)
      break;
    len += n;
  } while (n > 0 && len < sizeof line &&
           readable_length (line, len) == len);
  len = readable_length (line, len);
  return error_is_set (err) ? NULL : format (err, "%.*s", (int) len, line);
}

/* The certificate that the server shows, as PEM. */
static char *
fetch_certificate (const char *host, unsigned port,
                   struct supervisor *supervisor, struct error *err)
{
  CLEANUP_CURL CURL *curl = connect_only ("https", host, port, supervisor,
                                          err);
  const char *pem;

  if (curl == NULL)
    return NULL;
  pem = http_certificate (curl);
  if (pem != NULL)
    return alloc_copy (pem, err);
  error_set (err, REASON_TLS, _("the server shows no certificate"));
  return NULL;
}

/* "AB:CD" for "abcd". */
static char *
with_colons (const char *hex, struct error *err)
{
  const size_t bytes = strlen (hex) / 2;
  char *text = alloc_zero (3 * bytes + 1, err);

  if (text == NULL)
    return NULL;
  for (size_t i = 0; i < bytes; i++)
    sprintf (text + 3 * i, "%c%c:", toupper (hex[2*i]), toupper (hex[2*i+1]));
  text[3 * bytes - 1] = '\0';
  return text;
}

char *
http_thumbprint (const char *host, unsigned port,
                 struct supervisor *supervisor, struct error *err)
{
  CLEANUP_FREE char *pem = fetch_certificate (host, port, supervisor, err);
  char sha1[DIGEST_HEX_MAX], *text = NULL;
  gnutls_datum_t der, datum;
  int code;

  if (pem == NULL)
    return NULL;
  datum = (gnutls_datum_t) {
    .data = (unsigned char *) pem, .size = (unsigned) strlen (pem) };
  code = gnutls_pem_base64_decode2 ("CERTIFICATE", &datum, &der);
  if (code != GNUTLS_E_SUCCESS) {
    error_set (err, REASON_TLS,
               _("cannot read the server's certificate: %s"),
               gnutls_strerror (code));
    return NULL;
  }
  if (digest_of (der.data, der.size, DIGEST_SHA1, sha1, err) == 0)
    text = with_colons (sha1, err);
  gnutls_free (der.data);
  return text;
}
