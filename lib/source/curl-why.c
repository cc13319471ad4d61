/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Why a file on a web or FTP server cannot be opened or read: what nbdkit's
 * messages mean, and what the server says that these leave out.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/uri.h"
#include "io/ftp.h"
#include "io/http.h"
#include "source/curl-internal.h"
#include "source/source-curl.h"

static const char *
ftp_hint (enum reason reason)
{
  switch (reason) {
  case REASON_SESSION_LIMIT:
    return N_("the server allows no more connections: try again later");
  case REASON_TLS:
    return N_("nbdkit cannot upgrade an FTP connection to TLS (AUTH TLS): "
              "use ftps://, if the server has a port for that (990), "
              "https:// or ssh://");
  case REASON_AUTH:
    return N_("check the user and the password");
  default:
    return N_("check the path");
  }
}

static bool
has_any (const char *words, const char *const *texts, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (strcasestr (words, texts[i]) != NULL)
      return true;
  return false;
}

/* 421: "service not available", what servers say to one connection too many;
 * proftpd says 530, "the maximum number of clients".  522 and 534 are about
 * TLS by themselves, others by their text (vsftpd's 530: "Non-anonymous
 * sessions must use encryption.", proftpd's 550: "SSL/TLS required on the
 * control channel").
 */
static enum reason
ftp_reason (int code, const char *words)
{
  static const char *const limit[] = { "maximum number", "too many" };
  static const char *const tls[] = { "TLS", "SSL", "encrypt" };

  if (code == 0)
    return REASON_NONE;
  if (code == 421 || has_any (words, limit, ARRAY_LEN (limit)))
    return REASON_SESSION_LIMIT;
  if (code == 522 || code == 534 || has_any (words, tls, ARRAY_LEN (tls)))
    return REASON_TLS;
  return code == 530 ? REASON_AUTH
    : code == 550 ? REASON_NOT_FOUND : REASON_NONE;
}

/* It has libcurl write what it asks for to something that is no FILE: libcurl
 * (seen: 8.14 and 8.23, not 7.88) writes size and date of a file, too.
 */
static void
report_crash (const char *what, struct error *ret)
{
  error_set (ret, REASON_UNSUPPORTED,
             _("cannot open %s: nbdkit's curl plugin crashes where it opens a "
               "file on an FTP server"), what);
  error_hint (ret, _("this nbdkit and this libcurl cannot read from FTP "
                     "servers: use http:// or ssh:// if the server has that, "
                     "or download the file first"));
}

/* nbdkit calls 421 a timeout, and leaves out why a login was refused. */
static void
ask_ftp (const struct source_request *request, struct supervisor *supervisor,
         const char *what, const struct error *why, struct error *ret)
{
  const struct http_request ftp = {
    .url = request->location->uri,
    .user = curl_user (request),
    .password = request->location->password,
    .cainfo = source_param (request, "cainfo"),
    .no_verify = curl_no_verify (request),
  };
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  char words[FTP_WORDS_MAX];
  enum reason reason;
  int code;

  if (ftp_ask (&ftp, supervisor, &code, words, &ignored) == -1)
    return;
  if (code == 0 && why->reason == REASON_NBDKIT_CRASH)
    report_crash (what, ret);
  reason = ftp_reason (code, words);
  /* 421 may be about the connection that nbdkit has just had. */
  if (reason == REASON_NONE || (code == 421 && why->reason != REASON_TIMEOUT))
    return;
  error_set (ret, reason, _("cannot open %s: the server says: %s"), what,
             words);
  error_hint (ret, "%s", _(ftp_hint (reason)));
}

static bool
is_about_head (const struct error *err)
{
  for (size_t i = 0; i < err->detail.len; i++)
    if (strstr (err->detail.ptr[i], "HEAD request") != NULL &&
        strstr (err->detail.ptr[i], "returned error: ") != NULL)
      return true;
  return false;
}

/* nbdkit asks for the size with HEAD.  Is that what the server refuses? */
static void
report_head (const char *what, const struct error *why, struct error *ret)
{
  static const char before[] = "returned error: ";
  const char *status = strstr (why->message, before);

  /* Another file than before is refused to GET as well (412). */
  if (status == NULL || why->reason == REASON_SOURCE_CHANGED ||
      !is_about_head (why))
    return;
  error_set (ret, REASON_UNSUPPORTED,
             _("cannot open %s: the server answers GET, but refuses HEAD, "
               "with which nbdkit asks for the size (HTTP status %s)"),
             what, status + sizeof before - 1);
  error_hint (ret, _("a URL that is signed for GET only (a pre-signed one, of "
                     "S3 for example) is opened by nbdkit 1.48, if the server "
                     "answers HEAD with status 403; else use a URL that "
                     "allows HEAD, or download the file first"));
}

/* With secrets nbdkit follows no redirection that was not there before, and
 * takes its page for the file: then it says something else, or nothing (1.32
 * aborts).
 */
static bool
redirects_now (const struct source_request *request,
               const struct http_file *before, const struct http_file *now)
{
  return before->url == NULL && now->url != NULL &&
    curl_has_secrets (request) && !curl_trusts (request);
}

static void
report_redirect (const char *what, const struct http_file *now,
                 struct error *ret)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *origin = uri_origin (now->url, &ignored);

  if (origin == NULL)
    return;
  error_set (ret, REASON_SOURCE_CHANGED,
             _("cannot open %s: the server now redirects to %s"), what,
             origin);
  error_hint (ret, _("run it again: where the server redirects from the "
                     "start, the file is read from there"));
}

static void
ask_web (const struct source_request *request,
         const struct http_file *before, struct supervisor *supervisor,
         const char *what, const struct error *why, struct error *ret)
{
  CLEANUP_HTTP_FILE struct http_file now = HTTP_FILE_INIT;
  CLEANUP_ERROR struct error failed = ERROR_INIT;

  /* Who does not answer is not waited for again. */
  if (!curl_can_be_asked (request) ||
      (why->reason == REASON_TIMEOUT && !is_about_head (why)))
    return;
  if (curl_preflight (request, supervisor, &now, &failed) == 0) {
    if (redirects_now (request, before, &now))
      report_redirect (what, &now, ret);
    else
      report_head (what, why, ret);
    return;
  }
  /* To where we do not go, nor does nbdkit. */
  if (failed.reason != REASON_TLS && failed.reason != REASON_UNSUPPORTED)
    return;
  error_move (ret, &failed);
  error_wrap (ret, _("cannot open %s"), what);
}

static bool
may_tell_more (enum reason reason)
{
  switch (reason) {
  case REASON_AUTH:
  case REASON_TIMEOUT:
  case REASON_NOT_FOUND:
  case REASON_NO_RANGE:
  case REASON_NBDKIT_CRASH:
  case REASON_READ:
  case REASON_SOURCE_CHANGED:
  case REASON_UNSUPPORTED:
    return true;
  default:
    return false;
  }
}

/* Says more than nbdkit does, by what the server answers to ourselves. */
void
curl_ask_why (const struct source_request *request,
              const struct http_file *before, struct supervisor *supervisor,
              struct error *err)
{
  CLEANUP_ERROR struct error better = ERROR_INIT;
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *what = NULL;

  if (!may_tell_more (err->reason))
    return;
  what = location_describe (request->location, &ignored);
  if (what != NULL && curl_is_ftp (request))
    ask_ftp (request, supervisor, what, err, &better);
  else if (what != NULL)
    ask_web (request, before, supervisor, what, err, &better);
  if (!error_is_set (&better))
    return;
  error_details (&better, &err->detail);
  error_reset (err);
  error_move (err, &better);
}

/* nbdkit asks for one byte more than it wants, so that at the end of a file
 * each request ends behind that.  HTTP has the server send what there is.
 */
#define NO_SUCH_RANGE \
  N_("the server refuses the range: either the file is shorter than the " \
     "server said, or the server does not accept ranges that end beyond the " \
     "file (webfs does not): serve the file with another server (nginx, " \
     "Apache), or download it first")

const struct explanation curl_explanations[] = {
  { "returned error: 400", REASON_UNSUPPORTED, NO_SUCH_RANGE },
  { "returned error: 416", REASON_UNSUPPORTED, NO_SUCH_RANGE },
  { "returned error: 401", REASON_AUTH,
    N_("give the user as http://USER@... and the password with -ip FILE") },
  { "returned error: 403", REASON_AUTH,
    N_("check the user's rights, and the session cookie where there is "
       "one") },
  { "returned error: 404", REASON_NOT_FOUND,
    N_("check the path in the URL") },
  { "returned error: 412", REASON_SOURCE_CHANGED, CURL_ANOTHER_FILE },
  { "returned error: 410", REASON_NOT_FOUND, NULL },
  { "returned error: 429", REASON_SESSION_LIMIT, N_("try again later") },
  { "returned error: 503", REASON_SESSION_LIMIT, N_("try again later") },
  { "does not support 'range'", REASON_NO_RANGE,
    N_("serve the file with a web server that does (nginx and Apache do), "
       "or download it first") },
  { "could not get length", REASON_NO_RANGE,
    N_("the server does not report the file's size") },
  { "SSL connect error", REASON_TLS,
    N_("does the server use TLS on this port?  http:// URLs do not") },
  { "expired", REASON_TLS, N_("have the certificate renewed") },
  { "subject name", REASON_TLS,
    N_("use a name of the server that is in its certificate") },
  { "SSL", REASON_TLS,
    N_("name the file with the server's CA certificate with -io "
       "curl-cainfo=FILE, or trust any certificate with -io "
       "curl-sslverify=false") },
  { "resolve", REASON_UNREACHABLE, N_("check the host's name") },
  { "onnect to server", REASON_UNREACHABLE,
    N_("is the server running, and is the port right?") },
  { "Timeout was reached", REASON_TIMEOUT, NULL },
  { "denied", REASON_AUTH, N_("check the user and the password") },
  { "cookie-script", REASON_AUTH, N_("check the curl-cookie-script") },
  { "header-script", REASON_AUTH, NULL },
  { "RETR response: 550", REASON_NOT_FOUND, N_("check the path") },
  { "Remote file not found", REASON_NOT_FOUND, N_("check the path") },
  { "Unsupported protocol", REASON_UNSUPPORTED, N_("check the URL") },
  { "Failure when receiving data", REASON_UNREACHABLE, NULL },
  { .text = NULL }
};
