/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What must be known about a file on a web server before nbdkit is started for
 * it: does the server know Range requests, and what does it say of the file?
 * http-ask.c asks it.  The data themselves are read by nbdkit's curl plugin;
 * connections on which nothing is asked are left to http-connect.c.
 */

#include <config.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/uri.h"
#include "io/http.h"
#include "io/http-internal.h"
#include "io/supervisor.h"

/* The same for what is asked when nbdkit has got no answer for a while. */
#define ANOTHER_TIMEOUT_MS (HTTP_ANSWER_TIMEOUT_MS - 600)
/* A server that is asked too often is asked again after 0.2, 0.4, 0.8 and 1.6
 * seconds, or when it says, if that is soon.
 */
#define ATTEMPTS 4
#define FIRST_PAUSE_MS 200
#define RETRY_AFTER_MAX_S 4

static int
judge_range (const struct http_request *request,
             const struct http_answer *answer, struct error *err)
{
  const long status = answer->status;

  if (status == 206 && (answer->received > 1 ||
                        strncasecmp (answer->range, HTTP_RIGHT_RANGE,
                                     strlen (HTTP_RIGHT_RANGE)) != 0))
    return error_set (err, REASON_NO_RANGE,
                      _("the server answers Range requests with bytes that "
                        "were not asked for"));
  /* 416: the file has fewer than two bytes, and the server knows Range. */
  if (status == 206 || status == 416)
    return 0;
  if (status >= 400)
    return http_report_status (request, status, err);
  error_set (err, REASON_NO_RANGE,
             _("the server does not support Range requests (HTTP status %ld "
               "where 206 was expected)"), status);
  error_hint (err, _("serve the file with a web server that does (nginx and "
                     "Apache do), or download it first"));
  return -1;
}

/* How long to wait before the next of the attempts; -1: there is none. */
static int
pause_before (unsigned attempt, const struct http_answer *answer)
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
ask_patiently (const struct http_asking *asking, struct http_answer *answer,
               struct error *err)
{
  for (unsigned i = 0;; i++) {
    CLEANUP_ERROR struct error failed = ERROR_INIT;
    int pause_ms;

    if (http_ask (asking, answer, &failed) == 0 &&
        judge_range (asking->request, answer, &failed) == 0)
      return 0;
    pause_ms = failed.reason == REASON_SESSION_LIMIT
      ? pause_before (i, answer) : -1;
    if (pause_ms == -1 || clock_ms () + pause_ms >= asking->deadline_ms) {
      error_move (err, &failed);
      return -1;
    }
    if (asking->supervisor == NULL)
      poll (NULL, 0, pause_ms);
    else if (supervisor_pause (asking->supervisor, pause_ms, err) == -1)
      return -1;
  }
}

/* "bytes 1-1/N", or "bytes *" "/N" where the file is too short for that. */
static uint64_t
size_of (const struct http_answer *answer)
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
ask_with_agent (struct http_asking *asking, struct http_answer *answer,
                bool *wants_agent, struct error *err)
{
  CLEANUP_ERROR struct error refused = ERROR_INIT;
  CLEANUP_ERROR struct error again = ERROR_INIT;

  *wants_agent = false;
  if (ask_patiently (asking, answer, &refused) == 0)
    return 0;
  asking->agent = asking->request->agent;
  if (asking->agent != NULL && may_want_agent (answer->status) &&
      ask_patiently (asking, answer, &again) == 0) {
    *wants_agent = true;
    return 0;
  }
  error_move (err, again.reason == REASON_INTERRUPTED ? &again : &refused);
  return -1;
}

/* The server that the first one has sent us to refuses: perhaps for want of
 * what it was not given.
 */
static void
hint_at_secrets (const struct http_answer *answer, struct error *err)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *origin =
    answer->elsewhere && err->reason == REASON_AUTH
    ? uri_origin (answer->url, &ignored) : NULL;

  if (origin == NULL)
    return;
  free (err->hint);
  err->hint = NULL;
  error_hint (err, _("the server redirects to %s, which is not sent the "
                     "login, cookie and headers meant for the server that "
                     "you named; if it should get them, give its URL"), origin);
}

static int
take_answer (struct http_answer *answer, struct http_file *ret,
             struct error *err)
{
  ret->size = size_of (answer);
  ret->type = alloc_copy (answer->type, err);
  ret->url = STEAL (answer->url);
  ret->elsewhere = answer->elsewhere;
  if (is_strong (answer->etag))
    ret->etag = alloc_copy (answer->etag, err);
  if (answer->etag[0] != '\0' || answer->modified[0] != '\0')
    ret->version = format (err, "ETag %s, Last-Modified %s", answer->etag,
                           answer->modified);
  return error_is_set (err) ? -1 : 0;
}

int
http_probe (const struct http_request *request, struct supervisor *supervisor,
            struct http_file *ret, struct error *err)
{
  CLEANUP_HTTP_ANSWER struct http_answer answer = { .status = 0 };
  struct http_asking asking = {
    .request = request, .supervisor = supervisor,
    .deadline_ms = clock_ms () + HTTP_ANSWER_TIMEOUT_MS,
  };
  bool wants_agent;

  if (ask_with_agent (&asking, &answer, &wants_agent, err) == -1) {
    hint_at_secrets (&answer, err);
    return -1;
  }
  http_file_reset (ret);
  ret->wants_agent = wants_agent;
  return take_answer (&answer, ret, err);
}

int
http_answers (const struct http_request *request, enum http_question question,
              struct supervisor *supervisor, struct error *err)
{
  CLEANUP_HTTP_ANSWER struct http_answer answer = { .status = 0 };
  CLEANUP_ERROR struct error failed = ERROR_INIT;
  const struct http_asking asking = {
    .request = request, .supervisor = supervisor,
    .deadline_ms = clock_ms () + ANOTHER_TIMEOUT_MS,
    .head = question == HTTP_HEAD, .range = "0-511", .length = 512,
  };

  if (http_ask (&asking, &answer, &failed) == 0 ||
      failed.reason != REASON_TIMEOUT)
    return 0;
  error_set (err, REASON_TIMEOUT,
             question == HTTP_HEAD
             ? _("the server does not end its answer to HEAD, with which "
                 "nbdkit asks for the size")
             : _("the server does not end its answer to a request for the "
                 "first 512 bytes"));
  error_hint (err, _("if the server is slow, wait longer with "
                     "--startup-timeout SECONDS"));
  return -1;
}

void
http_file_reset (struct http_file *file)
{
  free (file->type);
  free (file->etag);
  free (file->version);
  free (file->url);
  *file = HTTP_FILE_INIT;
}
