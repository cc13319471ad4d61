/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What must be known about a file on a web server before nbdkit is started for
 * it: does the server know Range requests, and what does it say of the file?
 * The data themselves are read by nbdkit's curl plugin; connections on which
 * nothing is asked are left to http-connect.c.
 */

#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/secret.h"
#include "io/http.h"
#include "io/http-internal.h"
#include "io/supervisor.h"

/* For all of the answer, one byte; nbdkit's own requests may take longer. */
#define ANSWER_TIMEOUT_MS 5000L
/* A server that is asked too often is asked again after 0.2, 0.4, 0.8 and 1.6
 * seconds, or when it says, if that is soon.
 */
#define ATTEMPTS 4
#define FIRST_PAUSE_MS 200
#define RETRY_AFTER_MAX_S 4

/* Not byte 0: the start of the file would look the same. */
#define RANGE "1-1"
/* How Content-Range must begin, where there is one. */
#define RIGHT_RANGE "bytes " RANGE "/"

struct answer {
  long status;
  size_t received;              /* bytes of the body */
  /* Headers of the last answer, after redirections. */
  char range[64], etag[256], modified[64], type[128], retry_after[32];
};

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

  if (len > sizeof status && strncmp (line, status, sizeof status - 1) == 0)
    *answer = (struct answer) {
      .received = answer->received, .range = RIGHT_RANGE };
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
  return supervisor_signal (supervisor) != 0;
}

void
http_set_common (CURL *curl, struct supervisor *supervisor, char *error_buf)
{
  curl_easy_setopt (curl, CURLOPT_ERRORBUFFER, error_buf);
  curl_easy_setopt (curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt (curl, CURLOPT_CONNECTTIMEOUT_MS, HTTP_CONNECT_TIMEOUT_MS);
  curl_easy_setopt (curl, CURLOPT_TIMEOUT_MS, ANSWER_TIMEOUT_MS);
  curl_easy_setopt (curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt (curl, CURLOPT_XFERINFOFUNCTION, give_up_on_signal);
  curl_easy_setopt (curl, CURLOPT_XFERINFODATA, supervisor);
}

void
http_set_request (CURL *curl, const struct http_request *request)
{
  curl_easy_setopt (curl, CURLOPT_URL, request->url);
  curl_easy_setopt (curl, CURLOPT_FOLLOWLOCATION, 1L);
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
judge_range (const struct answer *answer, struct error *err)
{
  const long status = answer->status;

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
    return http_report_status (status, err);
  error_set (err, REASON_NO_RANGE,
             _("the server does not support Range requests (HTTP status %ld "
               "where 206 was expected)"), status);
  error_hint (err, _("serve the file with a web server that does (nginx and "
                     "Apache do), or download it first"));
  return -1;
}

static int
ask (const struct http_request *request, const char *agent,
     struct supervisor *supervisor, struct answer *answer, struct error *err)
{
  char error_buf[CURL_ERROR_SIZE] = "";
  CLEANUP_CURL CURL *curl = curl_easy_init ();
  CLEANUP_SLIST struct curl_slist *headers = header_list (request->headers);
  CURLcode code;

  if (curl == NULL)
    return error_nomem (err);
  *answer = (struct answer) { .range = RIGHT_RANGE };
  http_set_common (curl, supervisor, error_buf);
  http_set_request (curl, request);
  if (agent != NULL)
    curl_easy_setopt (curl, CURLOPT_USERAGENT, agent);
  curl_easy_setopt (curl, CURLOPT_RANGE, RANGE);
  curl_easy_setopt (curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt (curl, CURLOPT_WRITEFUNCTION, discard);
  curl_easy_setopt (curl, CURLOPT_WRITEDATA, answer);
  curl_easy_setopt (curl, CURLOPT_HEADERFUNCTION, look_at_header);
  curl_easy_setopt (curl, CURLOPT_HEADERDATA, answer);

  code = curl_easy_perform (curl);
  if (code == CURLE_ABORTED_BY_CALLBACK)
    return error_set (err, REASON_INTERRUPTED, _("interrupted by a signal"));
  if (code != CURLE_OK && code != CURLE_WRITE_ERROR)
    return http_report_curl (curl, code, error_buf, err);
  curl_easy_getinfo (curl, CURLINFO_RESPONSE_CODE, &answer->status);
  return judge_range (answer, err);
}

/* How long to wait before the next of the attempts; -1: there is none. */
static int
pause_before (unsigned attempt, const struct answer *answer)
{
  const long asked_s = strtol (answer->retry_after, NULL, 10);

  if (attempt >= ATTEMPTS || asked_s > RETRY_AFTER_MAX_S)
    return -1;
  return asked_s > 0 ? (int) asked_s * 1000 : FIRST_PAUSE_MS << attempt;
}

/* Ask again while the server says that it is asked too often: servers that
 * limit the requests in each second (nginx's limit_req) do not count those
 * that they refuse.
 */
static int
ask_patiently (const struct http_request *request, const char *agent,
               struct supervisor *supervisor, struct answer *answer,
               struct error *err)
{
  for (unsigned i = 0;; i++) {
    CLEANUP_ERROR struct error failed = ERROR_INIT;
    int pause_ms;

    if (ask (request, agent, supervisor, answer, &failed) == 0)
      return 0;
    pause_ms = failed.reason == REASON_SESSION_LIMIT
      ? pause_before (i, answer) : -1;
    if (pause_ms == -1) {
      error_move (err, &failed);
      return -1;
    }
    if (supervisor_pause (supervisor, pause_ms, err) == -1)
      return -1;
  }
}

/* "bytes 1-1/N", or "bytes *" "/N" where the file is too short for that. */
static uint64_t
size_of (const struct answer *answer)
{
  const char *slash = strchr (answer->range, '/');
  char *end;
  unsigned long long n;

  if (slash == NULL || slash[1] < '0' || slash[1] > '9')
    return HTTP_SIZE_UNKNOWN;
  errno = 0;
  n = strtoull (slash + 1, &end, 10);
  return errno == 0 && *end == '\0' ? n : HTTP_SIZE_UNKNOWN;
}

/* A strong one, and written as RFC 9110 has it: what else a server may take
 * for an ETag cannot be relied upon.
 */
static bool
is_strong (const char *etag)
{
  const size_t len = strlen (etag);

  if (len < 2 || etag[0] != '"' || etag[len-1] != '"')
    return false;
  for (size_t i = 1; i < len - 1; i++)
    if ((unsigned char) etag[i] <= ' ' || etag[i] == '"' || etag[i] == '\x7f')
      return false;
  return true;
}

/* Could this refusal be one of who does not say who asks?  There is no status
 * for that: GitHub says 403, others 400 or 406.
 */
static bool
may_want_agent (long status)
{
  return status >= 400 && status < 500 && status != 401 && status != 404 &&
    status != 407 && status != 429;
}

/* The first time as nbdkit asks, which does not say who it is. */
static int
ask_with_agent (const struct http_request *request,
                struct supervisor *supervisor, struct answer *answer,
                bool *wants_agent, struct error *err)
{
  CLEANUP_ERROR struct error refused = ERROR_INIT;
  CLEANUP_ERROR struct error again = ERROR_INIT;

  *wants_agent = false;
  if (ask_patiently (request, NULL, supervisor, answer, &refused) == 0)
    return 0;
  if (request->agent != NULL && may_want_agent (answer->status) &&
      ask_patiently (request, request->agent, supervisor, answer,
                     &again) == 0) {
    *wants_agent = true;
    return 0;
  }
  error_move (err, again.reason == REASON_INTERRUPTED ? &again : &refused);
  return -1;
}

int
http_probe (const struct http_request *request, struct supervisor *supervisor,
            struct http_file *ret, struct error *err)
{
  struct answer answer = { .status = 0 };
  bool wants_agent;

  if (ask_with_agent (request, supervisor, &answer, &wants_agent, err) == -1)
    return -1;
  http_file_reset (ret);
  ret->wants_agent = wants_agent;
  ret->size = size_of (&answer);
  ret->type = alloc_copy (answer.type, err);
  if (is_strong (answer.etag))
    ret->etag = alloc_copy (answer.etag, err);
  if (answer.etag[0] != '\0' || answer.modified[0] != '\0')
    ret->version = format (err, "ETag %s, Last-Modified %s", answer.etag,
                           answer.modified);
  return error_is_set (err) ? -1 : 0;
}

void
http_file_reset (struct http_file *file)
{
  free (file->type);
  free (file->etag);
  free (file->version);
  *file = HTTP_FILE_INIT;
}
