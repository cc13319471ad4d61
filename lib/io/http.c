/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What must be known about a server before nbdkit is started for it: does
 * it answer, does it know Range requests, and what is its certificate's
 * thumbprint?  The data themselves are read by nbdkit's curl plugin.
 */

#include <config.h>

#include <ctype.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>
#include <gnutls/gnutls.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/secret.h"
#include "base/uri.h"
#include "io/http.h"
#include "io/supervisor.h"

/* An unreachable source must be reported within 5 seconds. */
#define CONNECT_TIMEOUT_MS 4000L
/* For all of the answer, one byte; nbdkit's own requests may take longer. */
#define ANSWER_TIMEOUT_MS 5000L

V2V_DEFINE_CLEANUP (cleanup_curl, CURL *, curl_easy_cleanup);
#define CLEANUP_CURL __attribute__ ((cleanup (cleanup_curl)))
V2V_DEFINE_CLEANUP (cleanup_slist, struct curl_slist *, curl_slist_free_all);
#define CLEANUP_SLIST __attribute__ ((cleanup (cleanup_slist)))

/* For what a server says that has refused us before. */
#define FIRST_LINE_TIMEOUT_MS 1000

/* What curl's failures mean.  The texts that follow are curl's own. */
static const struct {
  CURLcode code;
  enum reason reason;
  const char *hint;
} meanings[] = {
  { CURLE_COULDNT_RESOLVE_HOST, REASON_UNREACHABLE,
    N_("check the host's name") },
  { CURLE_COULDNT_RESOLVE_PROXY, REASON_UNREACHABLE,
    N_("check the proxy's name") },
  { CURLE_COULDNT_CONNECT, REASON_UNREACHABLE,
    N_("is the server running, and is the port right?") },
  { CURLE_OPERATION_TIMEDOUT, REASON_TIMEOUT,
    N_("check the host, the port, and the firewalls between") },
  { CURLE_PEER_FAILED_VERIFICATION, REASON_TLS,
    N_("name the file with the server's CA certificate with -io "
       "curl-cainfo=FILE, or trust any certificate with -io "
       "curl-sslverify=false") },
  { CURLE_SSL_CACERT_BADFILE, REASON_TLS,
    N_("check the file given with -io curl-cainfo; if none was: apt "
       "install ca-certificates (Debian), dnf install ca-certificates "
       "(Fedora)") },
  { CURLE_SSL_CONNECT_ERROR, REASON_TLS,
    N_("does the server use TLS on this port?  http:// URLs do not") },
  { CURLE_REMOTE_FILE_NOT_FOUND, REASON_NOT_FOUND, N_("check the path") },
  { CURLE_REMOTE_ACCESS_DENIED, REASON_AUTH, N_("check the path") },
  { CURLE_LOGIN_DENIED, REASON_AUTH,
    N_("check the user and the password given with -ip FILE") },
  { CURLE_TOO_MANY_REDIRECTS, REASON_NOT_FOUND, N_("check the URL") },
  { CURLE_UNSUPPORTED_PROTOCOL, REASON_UNSUPPORTED, N_("check the URL") },
  { CURLE_URL_MALFORMAT, REASON_USAGE, N_("check the URL") },
  { CURLE_RECV_ERROR, REASON_UNREACHABLE,
    N_("the server closed the connection; https:// is for servers with "
       "TLS") },
  { CURLE_GOT_NOTHING, REASON_UNREACHABLE,
    N_("the server closed the connection; https:// is for servers with "
       "TLS") },
};

/* curl says that it could not connect, the system says why. */
static char *
with_os_error (CURL *curl, const char *text, struct error *err)
{
  long os_errno = 0;

  curl_easy_getinfo (curl, CURLINFO_OS_ERRNO, &os_errno);
  return os_errno == 0 ? alloc_copy (text, err)
    : format (err, "%s: %s", text, strerror ((int) os_errno));
}

static int
report_curl (CURL *curl, CURLcode code, const char *message,
             struct error *err)
{
  CLEANUP_FREE char *text =
    with_os_error (curl, *message != '\0' ? message
                                          : curl_easy_strerror (code), err);

  if (text == NULL)
    return -1;
  for (size_t i = 0; i < ARRAY_LEN (meanings); i++)
    if (meanings[i].code == code) {
      error_set (err, meanings[i].reason, "%s", text);
      error_hint (err, "%s", _(meanings[i].hint));
      return -1;
    }
  return error_set (err, REASON_READ, "%s", text);
}

static int
report_status (long status, struct error *err)
{
  switch (status) {
  case 401:
  case 407:
    error_set (err, REASON_AUTH, _("the server refuses the login (HTTP "
                                   "status %ld)"), status);
    error_hint (err, _("give the user as http://USER@... and the password "
                       "with -ip FILE"));
    return -1;
  case 403:
    error_set (err, REASON_AUTH, _("the server forbids it (HTTP status "
                                   "%ld)"), status);
    error_hint (err, _("check the user's rights, and the session cookie "
                       "where there is one"));
    return -1;
  case 404:
  case 410:
    error_set (err, REASON_NOT_FOUND, _("there is no such file on the "
                                        "server (HTTP status %ld)"), status);
    error_hint (err, _("check the path in the URL"));
    return -1;
  case 429:
  case 503:
    error_set (err, REASON_SESSION_LIMIT, _("the server is busy (HTTP status "
                                            "%ld)"), status);
    error_hint (err, _("try again later, or with fewer --connections"));
    return -1;
  default:
    return error_set (err, REASON_READ, _("the server answers with HTTP "
                                          "status %ld"), status);
  }
}

/* Not byte 0: the start of the file would look the same. */
#define RANGE "1-1"
/* How Content-Range must begin, where there is one. */
#define RIGHT_RANGE "bytes " RANGE "/"

static void
take_header (const char *line, size_t len, const char *name, char *ret,
             size_t size)
{
  const size_t name_len = strlen (name);

  if (len <= name_len || strncasecmp (line, name, name_len) != 0)
    return;
  line += name_len;
  len -= name_len;
  while (len > 0 && (*line == ' ' || *line == '\t')) {
    line++;
    len--;
  }
  while (len > 0 && (line[len-1] == '\r' || line[len-1] == '\n'))
    len--;
  snprintf (ret, size, "%.*s", (int) len, line);
}

struct answer {
  size_t received;              /* bytes of the body */
  /* Headers of the last answer, after redirections. */
  char range[64], etag[256], modified[64];
};

/* The answer is one byte, or too long to be an answer to Range. */
static size_t
discard (char *data __attribute__ ((unused)), size_t size, size_t n,
         void *data_of_answer)
{
  struct answer *answer = data_of_answer;

  answer->received += size * n;
  return answer->received > 1 ? 0 : size * n; /* 0: enough, stop */
}

static size_t
look_at_header (char *line, size_t size, size_t n, void *data)
{
  static const char status[] = "HTTP/";
  struct answer *answer = data;
  const size_t len = size * n;

  if (len > sizeof status && strncmp (line, status, sizeof status - 1) == 0)
    *answer = (struct answer) {
      .received = answer->received, .range = RIGHT_RANGE };
  take_header (line, len, "Content-Range:", answer->range,
               sizeof answer->range);
  take_header (line, len, "ETag:", answer->etag, sizeof answer->etag);
  take_header (line, len, "Last-Modified:", answer->modified,
               sizeof answer->modified);
  return len;
}

static int
give_up_on_signal (void *supervisor,
                   curl_off_t a __attribute__ ((unused)),
                   curl_off_t b __attribute__ ((unused)),
                   curl_off_t c __attribute__ ((unused)),
                   curl_off_t d __attribute__ ((unused)))
{
  return supervisor_signal (supervisor) != 0;
}

static void
set_common (CURL *curl, struct supervisor *supervisor, char *error_buf)
{
  curl_easy_setopt (curl, CURLOPT_ERRORBUFFER, error_buf);
  curl_easy_setopt (curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt (curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
  curl_easy_setopt (curl, CURLOPT_TIMEOUT_MS, ANSWER_TIMEOUT_MS);
  curl_easy_setopt (curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt (curl, CURLOPT_XFERINFOFUNCTION, give_up_on_signal);
  curl_easy_setopt (curl, CURLOPT_XFERINFODATA, supervisor);
}

static void
set_request (CURL *curl, const struct http_request *request)
{
  curl_easy_setopt (curl, CURLOPT_URL, request->url);
  curl_easy_setopt (curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt (curl, CURLOPT_RANGE, RANGE);
  if (request->user != NULL)
    curl_easy_setopt (curl, CURLOPT_USERNAME, request->user);
  if (request->password != NULL)
    curl_easy_setopt (curl, CURLOPT_PASSWORD,
                      secret_reveal (request->password));
  if (request->cookie != NULL)
    curl_easy_setopt (curl, CURLOPT_COOKIE, secret_reveal (request->cookie));
  if (request->cainfo != NULL)
    curl_easy_setopt (curl, CURLOPT_CAINFO, request->cainfo);
  if (request->proxy != NULL)
    curl_easy_setopt (curl, CURLOPT_PROXY, request->proxy);
  if (request->no_verify) {
    curl_easy_setopt (curl, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt (curl, CURLOPT_SSL_VERIFYHOST, 0L);
  }
}

static struct curl_slist *
header_list (const struct secret *headers)
{
  const char *line = headers != NULL ? secret_reveal (headers) : "";
  struct curl_slist *list = NULL;

  while (*line != '\0') {
    const size_t len = strcspn (line, "\n");
    CLEANUP_FREE char *header = strndup (line, len);

    if (header != NULL && len > 0)
      list = curl_slist_append (list, header);
    line += len + (line[len] == '\n');
  }
  return list;
}

static int
judge_range (CURL *curl, const struct answer *answer, struct error *err)
{
  long status = 0;

  curl_easy_getinfo (curl, CURLINFO_RESPONSE_CODE, &status);
  if (status == 206 && (answer->received > 1 ||
                        strncasecmp (answer->range, RIGHT_RANGE,
                                     strlen (RIGHT_RANGE)) != 0))
    return error_set (err, REASON_NO_RANGE,
                      _("the server answers Range requests with bytes that "
                        "were not asked for"));
  /* 416: the file has fewer than two bytes, and the server knows Range. */
  if (status == 206 || status == 416)
    return 0;
  if (status >= 400)
    return report_status (status, err);
  error_set (err, REASON_NO_RANGE,
             _("the server does not support Range requests (HTTP status %ld "
               "where 206 was expected)"), status);
  error_hint (err, _("serve the file with a web server that does (nginx and "
                     "Apache do), or download it first"));
  return -1;
}

static int
ask (const struct http_request *request, struct supervisor *supervisor,
     struct answer *answer, struct error *err)
{
  char error_buf[CURL_ERROR_SIZE] = "";
  CLEANUP_CURL CURL *curl = curl_easy_init ();
  CLEANUP_SLIST struct curl_slist *headers = header_list (request->headers);
  CURLcode code;

  if (curl == NULL)
    return error_nomem (err);
  set_common (curl, supervisor, error_buf);
  set_request (curl, request);
  curl_easy_setopt (curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt (curl, CURLOPT_WRITEFUNCTION, discard);
  curl_easy_setopt (curl, CURLOPT_WRITEDATA, answer);
  curl_easy_setopt (curl, CURLOPT_HEADERFUNCTION, look_at_header);
  curl_easy_setopt (curl, CURLOPT_HEADERDATA, answer);

  code = curl_easy_perform (curl);
  if (code == CURLE_ABORTED_BY_CALLBACK)
    return error_set (err, REASON_INTERRUPTED, _("interrupted by a signal"));
  if (code != CURLE_OK && code != CURLE_WRITE_ERROR)
    return report_curl (curl, code, error_buf, err);
  return judge_range (curl, answer, err);
}

int
http_check_range (const struct http_request *request,
                  struct supervisor *supervisor, char **identity,
                  struct error *err)
{
  struct answer answer = { .range = RIGHT_RANGE };

  if (ask (request, supervisor, &answer, err) == -1)
    return -1;
  if (identity == NULL ||
      (answer.etag[0] == '\0' && answer.modified[0] == '\0'))
    return 0;
  *identity = format (err, "ETag %s, Last-Modified %s", answer.etag,
                      answer.modified);
  return *identity != NULL ? 0 : -1;
}

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
  set_common (curl, supervisor, error_buf);
  curl_easy_setopt (curl, CURLOPT_URL, url);
  curl_easy_setopt (curl, CURLOPT_PROXY, "");
  curl_easy_setopt (curl, CURLOPT_CONNECT_ONLY, 1L);
  curl_easy_setopt (curl, CURLOPT_CERTINFO, 1L);
  curl_easy_setopt (curl, CURLOPT_SSL_VERIFYPEER, 0L);
  curl_easy_setopt (curl, CURLOPT_SSL_VERIFYHOST, 0L);
  code = curl_easy_perform (curl);
  if (code == CURLE_OK)
    return STEAL (curl);
  report_curl (curl, code, error_buf, err);
  return NULL;
}

int
http_check_endpoint (const char *host, unsigned port,
                     struct supervisor *supervisor, struct error *err)
{
  const int64_t deadline_ms = clock_ms () + CONNECT_TIMEOUT_MS;
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
  static const char label[] = "Cert:";
  CLEANUP_CURL CURL *curl = connect_only ("https", host, port, supervisor,
                                          err);
  struct curl_certinfo *chain = NULL;

  if (curl == NULL)
    return NULL;
  curl_easy_getinfo (curl, CURLINFO_CERTINFO, &chain);
  for (struct curl_slist *s = chain == NULL || chain->num_of_certs == 0 ? NULL
         : chain->certinfo[0]; s != NULL; s = s->next)
    if (strncmp (s->data, label, sizeof label - 1) == 0)
      return alloc_copy (s->data + sizeof label - 1, err);
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
