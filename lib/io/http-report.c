/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What it means when a request of ours fails, and what to do about it. */

#include <config.h>

#include <string.h>

#include <curl/curl.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "io/http-internal.h"
#include "io/http.h"

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
    : format (err, _("%s: %s"), text, strerror ((int) os_errno));
}

int
http_report_curl (CURL *curl, CURLcode code, const char *message,
                  struct error *err)
{
  CLEANUP_FREE char *text =
    with_os_error (curl, *message != '\0' ? message
                                          : curl_easy_strerror (code), err);

  if (text == NULL)
    return -1;
  if (code == CURLE_PEER_FAILED_VERIFICATION)
    return http_report_certificate (curl, text, err);
  for (size_t i = 0; i < ARRAY_LEN (meanings); i++)
    if (meanings[i].code == code) {
      error_set (err, meanings[i].reason, "%s", text);
      error_hint (err, "%s", _(meanings[i].hint));
      return -1;
    }
  return error_set (err, REASON_READ, "%s", text);
}

/* A proxy's login is not that of the request. */
static const char *
login_hint (const struct http_request *request, long status)
{
  return status == 401 && request->user != NULL && request->password != NULL
    ? _("check the user and the password")
    : _("give the user as http://USER@... and the password with -ip FILE");
}

int
http_report_status (const struct http_request *request, long status,
                    struct error *err)
{
  switch (status) {
  case 401:
  case 407:
    error_set (err, REASON_AUTH, _("the server refuses the login (HTTP "
                                   "status %ld)"), status);
    error_hint (err, "%s", login_hint (request, status));
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
