/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One question to a web server, and to those that it redirects to.
 * Redirections are followed here and not by libcurl, whose rules for what is
 * sent to whom differ from version to version: a cookie went to every server
 * before 8.21, headers but for Authorization and Cookie still do, and until
 * 7.83 another port of the same host was the same server.  What an answer
 * means is http.c's to say.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/secret.h"
#include "base/uri.h"
#include "io/http.h"
#include "io/http-internal.h"
#include "io/supervisor.h"

/* As browsers have it; libcurl has no limit before 8.3. */
#define MAX_REDIRECTS 20

/* Bytes that are shown of what is no URL. */
#define MAX_SHOWN 200

void
http_answer_reset (struct http_answer *answer)
{
  free (answer->next);
  free (answer->url);
  *answer = (struct http_answer) { .status = 0 };
}

static bool
take_header (const char *line, size_t len, const char *name, char *ret,
             size_t size)
{
  const size_t name_len = strlen (name);

  if (len <= name_len || strncasecmp (line, name, name_len) != 0)
    return false;
  line += name_len;
  len -= name_len;
  while (len > 0 && (*line == ' ' || *line == '\t')) {
    line++;
    len--;
  }
  while (len > 0 && (line[len-1] == '\r' || line[len-1] == '\n'))
    len--;
  snprintf (ret, size, "%.*s", (int) len, line);
  return true;
}

/* The answer is one byte, or too long to be an answer to Range; what comes
 * with a redirection does not matter, but libcurl has to see its end.
 */
static size_t
discard (char *data __attribute__ ((unused)), size_t size, size_t n,
         void *data_of_answer)
{
  struct http_answer *answer = data_of_answer;

  if (answer->status >= 300 && answer->status < 400)
    return size * n;
  answer->received += size * n;
  return answer->received > answer->wanted ? 0 : size * n; /* 0: stop */
}

static void
forget_headers (struct http_answer *answer)
{
  strcpy (answer->range, HTTP_RIGHT_RANGE);
  answer->etag[0] = answer->modified[0] = '\0';
  answer->type[0] = answer->retry_after[0] = '\0';
}

/* "HTTP/1.1 302 Found" */
static long
status_of (const char *line, size_t len)
{
  const char *blank = memchr (line, ' ', len);
  char digits[4] = "";

  if (blank != NULL && blank + sizeof digits <= line + len)
    memcpy (digits, blank + 1, sizeof digits - 1);
  return strtol (digits, NULL, 10);
}

static size_t
look_at_header (char *line, size_t size, size_t n, void *data)
{
  static const char status[] = "HTTP/";
  struct http_answer *answer = data;
  const size_t len = size * n;
  const struct {
    const char *name;
    char *ret;
    size_t size;
  } wanted[] = {
    { "Content-Range:", answer->range, sizeof answer->range },
    { "ETag:", answer->etag, sizeof answer->etag },
    { "Last-Modified:", answer->modified, sizeof answer->modified },
    { "Content-Type:", answer->type, sizeof answer->type },
    { "Retry-After:", answer->retry_after, sizeof answer->retry_after },
  };

  if (len > sizeof status && strncmp (line, status, sizeof status - 1) == 0) {
    forget_headers (answer);
    answer->status = status_of (line, len);
  }
  for (size_t i = 0; i < ARRAY_LEN (wanted); i++)
    if (take_header (line, len, wanted[i].name, wanted[i].ret,
                     wanted[i].size))
      break;
  return len;
}

static int
give_up_on_signal (void *supervisor,
                   curl_off_t a __attribute__ ((unused)),
                   curl_off_t b __attribute__ ((unused)),
                   curl_off_t c __attribute__ ((unused)),
                   curl_off_t d __attribute__ ((unused)))
{
  return supervisor != NULL && supervisor_signal (supervisor) != 0;
}

void
http_set_common (CURL *curl, struct supervisor *supervisor, char *error_buf)
{
  curl_easy_setopt (curl, CURLOPT_ERRORBUFFER, error_buf);
  curl_easy_setopt (curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt (curl, CURLOPT_CONNECTTIMEOUT_MS, HTTP_CONNECT_TIMEOUT_MS);
  curl_easy_setopt (curl, CURLOPT_TIMEOUT_MS,
                    (long) HTTP_ANSWER_TIMEOUT_MS);
  curl_easy_setopt (curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt (curl, CURLOPT_XFERINFOFUNCTION, give_up_on_signal);
  curl_easy_setopt (curl, CURLOPT_XFERINFODATA, supervisor);
  curl_easy_setopt (curl, CURLOPT_CERTINFO, 1L);
}

/* While libcurl 8.23 waits for a handshake nothing calls back, and the time
 * limit ends the waiting.
 */
CURLcode
http_perform (CURL *curl, struct supervisor *supervisor)
{
  const CURLcode code = curl_easy_perform (curl);

  return code != CURLE_OK && give_up_on_signal (supervisor, 0, 0, 0, 0)
    ? CURLE_ABORTED_BY_CALLBACK : code;
}

void
http_set_request (CURL *curl, const struct http_request *request)
{
  curl_easy_setopt (curl, CURLOPT_URL, request->url);
  if (request->cainfo != NULL)
    curl_easy_setopt (curl, CURLOPT_CAINFO, request->cainfo);
  if (request->proxy != NULL)
    curl_easy_setopt (curl, CURLOPT_PROXY, request->proxy);
  if (request->no_verify) {
    curl_easy_setopt (curl, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt (curl, CURLOPT_SSL_VERIFYHOST, 0L);
  }
}

void
http_set_login (CURL *curl, const struct http_request *request)
{
  if (request->user != NULL)
    curl_easy_setopt (curl, CURLOPT_USERNAME, request->user);
  if (request->password != NULL)
    curl_easy_setopt (curl, CURLOPT_PASSWORD,
                      secret_reveal (request->password));
}

static int
add_headers (struct curl_slist **list, const struct secret *headers,
             struct error *err)
{
  const char *line = headers != NULL ? secret_reveal (headers) : "";

  while (*line != '\0') {
    const size_t len = strcspn (line, "\n");
    CLEANUP_FREE char *header = strndup (line, len);
    struct curl_slist *longer = header == NULL || len == 0 ? *list
      : curl_slist_append (*list, header);

    if (header == NULL || (len > 0 && longer == NULL))
      return error_nomem (err);
    *list = longer;
    line += len + (line[len] == '\n');
  }
  return 0;
}

/* What is for the first origin only. */
static int
set_secrets (CURL *curl, const struct http_request *request,
             struct curl_slist **headers, struct error *err)
{
  http_set_login (curl, request);
  if (request->cookie != NULL)
    curl_easy_setopt (curl, CURLOPT_COOKIE, secret_reveal (request->cookie));
  return add_headers (headers, request->headers, err);
}

static int
perform (CURL *curl, struct supervisor *supervisor, const char *error_buf,
         struct http_answer *answer, struct error *err)
{
  const CURLcode code = http_perform (curl, supervisor);
  char *next = NULL;

  if (code == CURLE_ABORTED_BY_CALLBACK)
    return error_set (err, REASON_INTERRUPTED, _("interrupted by a signal"));
  if (code != CURLE_OK && code != CURLE_WRITE_ERROR)
    return http_report_curl (curl, code, error_buf, err);
  curl_easy_getinfo (curl, CURLINFO_RESPONSE_CODE, &answer->status);
  curl_easy_getinfo (curl, CURLINFO_REDIRECT_URL, &next);
  if (next != NULL)
    answer->next = alloc_copy (next, err);
  return next != NULL && answer->next == NULL ? -1 : 0;
}

/* One request, of the server at URL. */
static int
ask_at (const struct http_asking *asking, const char *url,
        struct http_answer *answer, struct error *err)
{
  const struct http_request *first = asking->request;
  struct http_request request = *first;
  char error_buf[CURL_ERROR_SIZE] = "";
  CLEANUP_CURL CURL *curl = curl_easy_init ();
  CLEANUP_SLIST struct curl_slist *headers = NULL;
  const int64_t left_ms = asking->deadline_ms - clock_ms ();

  if (curl == NULL)
    return error_nomem (err);
  request.url = url;
  forget_headers (answer);
  answer->received = 0;
  answer->wanted = asking->length != 0 ? asking->length : 1;
  http_set_common (curl, asking->supervisor, error_buf);
  curl_easy_setopt (curl, CURLOPT_TIMEOUT_MS,
                    left_ms > 0 ? (long) left_ms : 1L);
  http_set_request (curl, &request);
  if (add_headers (&headers, first->plain_headers, err) == -1 ||
      (!answer->elsewhere &&
       set_secrets (curl, first, &headers, err) == -1))
    return -1;
  if (asking->agent != NULL)
    curl_easy_setopt (curl, CURLOPT_USERAGENT, asking->agent);
  if (asking->head)
    curl_easy_setopt (curl, CURLOPT_NOBODY, 1L);
  else
    curl_easy_setopt (curl, CURLOPT_RANGE,
                      asking->range != NULL ? asking->range : HTTP_RANGE);
  curl_easy_setopt (curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt (curl, CURLOPT_WRITEFUNCTION, discard);
  curl_easy_setopt (curl, CURLOPT_WRITEDATA, answer);
  curl_easy_setopt (curl, CURLOPT_HEADERFUNCTION, look_at_header);
  curl_easy_setopt (curl, CURLOPT_HEADERDATA, answer);
  return perform (curl, asking->supervisor, error_buf, answer, err);
}

/* What the server redirects to is no URL.  Only what cannot be secret of it is
 * shown: no login and no query.
 */
static int
refuse_place (const char *to, struct error *err)
{
  const char *scheme = strstr (to, "://");
  const char *start = scheme != NULL ? scheme + 3 : to;
  size_t len = strcspn (start, "/?#");
  const char *at = memrchr (start, '@', len);

  if (at != NULL) {
    len -= (size_t) (at + 1 - start);
    start = at + 1;
  }
  len += strcspn (start + len, "?#");
  if (len > MAX_SHOWN)
    len = MAX_SHOWN;
  error_set (err, REASON_UNSUPPORTED,
             _("the server redirects to '%.*s', which is not a valid URL"),
             (int) len, start);
  error_hint (err, _("give the URL of the file itself"));
  return -1;
}

/* As uri_origin. */
static char *
origin_of (const char *to, struct error *err)
{
  CLEANUP_ERROR struct error invalid = ERROR_INIT;
  char *origin = uri_origin (to, &invalid);

  if (origin == NULL && invalid.reason != REASON_USAGE &&
      error_is_set (&invalid))
    error_move (err, &invalid);
  else if (origin == NULL)
    refuse_place (to, err);
  return origin;
}

/* The server at FROM redirects to TO.  What a user may rely on when he writes
 * https:// is that nobody on the way reads or changes anything.
 */
static int
judge_redirect (const char *from, const char *to, bool trusted,
                struct error *err)
{
  CLEANUP_FREE char *origin = origin_of (to, err);

  if (origin == NULL)
    return -1;
  if (strncmp (origin, "https:", 6) == 0)
    return 0;
  if (strncmp (origin, "http:", 5) != 0) {
    error_set (err, REASON_UNSUPPORTED,
               _("the server redirects to %s, which is not a web server"),
               origin);
    error_hint (err, _("give the URL that it redirects to, directly"));
    return -1;
  }
  if (trusted || strncasecmp (from, "https:", 6) != 0)
    return 0;
  error_set (err, REASON_TLS,
             _("the server redirects from https to http (%s)"), origin);
  error_hint (err, _("where nobody on the way can change what is read, give "
                     "the http:// URL itself, or -io "
                     "curl-location-trusted=true"));
  return -1;
}

/* Go where the server says, if that may be. */
static int
follow (const struct http_request *request, struct http_answer *answer,
        struct error *err)
{
  const char *from = answer->url != NULL ? answer->url : request->url;
  char *to;
  int same;

  if (judge_redirect (from, answer->next, request->trusted, err) == -1)
    return -1;
  same = uri_same_origin (request->url, answer->next, err);
  if (same == -1)
    return -1;
  /* Once elsewhere, for ever: what is there must not choose what is asked
   * of the first server by its user.
   */
  answer->elsewhere |= same == 0 && !request->trusted;
  /* libcurl adds our own login to what is relative. */
  to = same == 1 ? uri_without_credentials (answer->next, err)
    : STEAL (answer->next);
  if (to == NULL)
    return -1;
  free (answer->next);
  answer->next = NULL;
  free (answer->url);
  answer->url = to;
  return 0;
}

/* libcurl refuses more when it has to go there than when it takes a URL
 * apart.
 */
static int
report_failed (const struct http_answer *answer, struct error *failed,
               struct error *err)
{
  if (answer->url != NULL && failed->reason == REASON_USAGE)
    return refuse_place (answer->url, err);
  error_move (err, failed);
  return -1;
}

int
http_ask (const struct http_asking *asking, struct http_answer *answer,
          struct error *err)
{
  const char *first = asking->request->url;

  http_answer_reset (answer);
  for (unsigned i = 0; i <= MAX_REDIRECTS; i++) {
    CLEANUP_ERROR struct error failed = ERROR_INIT;

    if (ask_at (asking, answer->url != NULL ? answer->url : first, answer,
                &failed) == -1)
      return report_failed (answer, &failed, err);
    if (answer->next == NULL)
      return 0;
    if (follow (asking->request, answer, err) == -1)
      return -1;
  }
  error_set (err, REASON_NOT_FOUND,
             _("the server redirects more than %d times"), MAX_REDIRECTS);
  error_hint (err, _("check the URL, and the session cookie where there is "
                     "one"));
  return -1;
}
