/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The curl plugin's certificates and errors, for source-curl.c and
 * source-vcenter.c, which log in to servers in different ways.
 */

#include <config.h>

#include "base/i18n.h"
#include "base/parse.h"
#include "source/curl-plugin.h"

const struct source_option curl_options[] = {
  { "curl-user", N_("the user to log in as"), "user" },
  { "curl-cookie", N_("the session cookie, NAME=VALUE"), NULL },
  { "curl-cookie-script", N_("shell command that prints the cookie"),
    "cookie-script" },
  { "curl-cookie-script-renew", N_("seconds after which it runs again"),
    "cookie-script-renew" },
  { "curl-header", N_("a request header, 'NAME: VALUE'; may repeat"), NULL },
  { "curl-sslverify", N_("false: take any server certificate"),
    "sslverify" },
  { "curl-cainfo", N_("file with the CA certificates to trust"), "cainfo" },
  { .name = NULL }
};

bool
curl_no_verify (const struct source_request *request)
{
  const char *value = source_param (request, "sslverify");
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  bool verify;

  return value != NULL && parse_bool ("", value, &verify, &ignored) == 0 &&
    !verify;
}

const struct explanation curl_explanations[] = {
  { "returned error: 401", REASON_AUTH,
    N_("give the user as http://USER@... and the password with -ip FILE") },
  { "returned error: 403", REASON_AUTH,
    N_("check the user's rights, and the session cookie where there is "
       "one") },
  { "returned error: 404", REASON_NOT_FOUND,
    N_("check the path in the URL") },
  { "returned error: 410", REASON_NOT_FOUND, NULL },
  { "returned error: 429", REASON_SESSION_LIMIT, N_("try again later") },
  { "returned error: 503", REASON_SESSION_LIMIT, N_("try again later") },
  { "does not support 'range'", REASON_NO_RANGE,
    N_("serve the file with a web server that does (nginx and Apache do), "
       "or download it first") },
  { "could not get length", REASON_NO_RANGE,
    N_("the server does not report the file's size") },
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
