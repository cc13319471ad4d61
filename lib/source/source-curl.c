/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Files on web and FTP servers, through nbdkit's curl plugin.  Requests of our
 * own, before nbdkit is started, are made by io/http.c.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "base/secret.h"
#include "io/http.h"
#include "source/source-curl.h"

/* The default from nbdkit 1.36 on; 32 gained little over 16, and 1.34 has
 * only 4 by itself.
 */
#define COPY_CONNECTIONS "16"

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

static const char *
curl_user (const struct source_request *request)
{
  return source_param_or (request, "user", request->location->user);
}

/* All curl-header options, one on a line; NULL when there is none. */
static struct secret *
curl_headers (const struct source_request *request, struct error *err)
{
  CLEANUP_ARGV struct argv headers = { .ptr = NULL };
  CLEANUP_FREE char *text = NULL;

  if (source_option_values (request, "curl-header", &headers, err) == -1)
    return NULL;
  for (size_t i = 0; i < headers.len; i++) {
    CLEANUP_FREE char *before = text;

    text = format (err, "%s%s\n", before != NULL ? before : "",
                   headers.ptr[i]);
    if (text == NULL)
      return NULL;
  }
  return text != NULL ? secret_new (text, strlen (text), err) : NULL;
}

/* -io curl-cookie, or the metadata's unless there is a script; NULL when
 * there is none.
 */
static struct secret *
curl_cookie (const struct source_request *request, struct error *err)
{
  const char *cookie = source_option (request, "curl-cookie");

  if (cookie == NULL && source_param (request, "cookie-script") == NULL)
    cookie = argv_value (&request->location->cookie_params, "cookie");
  return cookie != NULL ? secret_new (cookie, strlen (cookie), err) : NULL;
}

/* curl's verbose output has each on a line of its own. */
static void
hide_headers (const struct source_request *request, struct nbdkit_cmd *cmd)
{
  CLEANUP_ARGV struct argv headers = { .ptr = NULL };

  source_option_values (request, "curl-header", &headers, &cmd->failed);
  for (size_t i = 0; i < headers.len; i++)
    nbdkit_cmd_hide (cmd, headers.ptr[i]);
}

/* Secrets go to files: nbdkit reads a cookie from one by itself, headers it
 * takes from a script's output.
 */
static void
add_secrets (const struct source_request *request, struct nbdkit_cmd *cmd)
{
  struct secret *cookie = curl_cookie (request, &cmd->failed);
  struct secret *headers = curl_headers (request, &cmd->failed);

  if (request->location->password != NULL)
    nbdkit_cmd_secret_param (cmd, "password", "+",
                             request->location->password);
  if (request->location->password != NULL && curl_user (request) != NULL)
    nbdkit_cmd_hide_login (cmd, curl_user (request),
                           request->location->password);
  if (cookie != NULL)
    nbdkit_cmd_secret_param (cmd, "cookie", "+", cookie);
  if (headers != NULL)
    nbdkit_cmd_secret_param (cmd, "header-script", "cat ", headers);
  hide_headers (request, cmd);
  secret_free (cookie);
  secret_free (headers);
}

static void
curl_describe (const struct source_request *request, struct nbdkit_cmd *cmd)
{
  nbdkit_cmd_param (cmd, "url", request->location->uri);
  if (curl_user (request) != NULL)
    nbdkit_cmd_param (cmd, "user", curl_user (request));
  add_secrets (request, cmd);
  source_pass_param (request, "cookie-script", cmd);
  source_pass_param (request, "cookie-script-renew", cmd);
  source_pass_param (request, "cainfo", cmd);
  source_pass_param (request, "sslverify", cmd);
  nbdkit_cmd_param (cmd, "timeout",
                    source_param_or (request, "timeout",
                                     CURL_REQUEST_TIMEOUT_S));
}

static bool
curl_describe_copy (const struct source_request *request,
                    struct nbdkit_cmd *cmd)
{
  if (!nbdkit_plugin_knows (request->plugin, "connections"))
    return false;
  nbdkit_cmd_param (cmd, "connections", COPY_CONNECTIONS);
  return true;
}

static int
curl_check (const struct source_request *request, struct error *err)
{
  if (source_check_boolean (request, "sslverify", "curl-sslverify",
                            err) == -1)
    return -1;
  if (source_option (request, "curl-cookie") != NULL &&
      source_param (request, "cookie-script") != NULL)
    return error_set (err, REASON_USAGE,
                      _("curl-cookie and curl-cookie-script cannot be used "
                        "together"));
  if (source_param (request, "cookie-script-renew") != NULL &&
      source_param (request, "cookie-script") == NULL)
    return error_set (err, REASON_USAGE,
                      _("curl-cookie-script-renew needs "
                        "curl-cookie-script"));
  return 0;
}

/* FTP has no Range, and only nbdkit knows what the cookie script prints. */
static bool
can_be_asked (const struct source_request *request)
{
  const char *uri = request->location->uri;

  return strncmp (uri, "ftp", 3) != 0 &&
    source_param (request, "cookie-script") == NULL;
}

/* Check that the server supports ranges, or with IDENTITY ask for what tells
 * this version of the file from a later one.
 */
static int
ask (const struct source_request *request, struct supervisor *supervisor,
     char **identity, struct error *err)
{
  struct secret *cookie = curl_cookie (request, err);
  struct secret *headers = curl_headers (request, err);
  const struct http_request http = {
    .url = request->location->uri,
    .user = curl_user (request),
    .password = request->location->password,
    .cookie = cookie,
    .headers = headers,
    .cainfo = source_param (request, "cainfo"),
    .no_verify = curl_no_verify (request),
  };
  int r = -1;

  if (!error_is_set (err))
    r = !can_be_asked (request) ? 0
      : http_check_range (&http, supervisor, identity, err);
  secret_free (cookie);
  secret_free (headers);
  return r;
}

static int
curl_preflight (const struct source_request *request,
                struct supervisor *supervisor, struct error *err)
{
  return ask (request, supervisor, NULL, err);
}

static int
curl_identify (const struct source_request *request,
               struct supervisor *supervisor, char **ret, struct error *err)
{
  return ask (request, supervisor, ret, err);
}

/* One byte, as nbdkit would ask for it; HEAD is often forbidden. */
static void
curl_try_command (const struct source_request *request,
                  const struct error *why __attribute__ ((unused)),
                  struct argv *command, struct error *err)
{
  const char *cainfo = source_param (request, "cainfo");
  const char *user = curl_user (request);

  argv_append (command, "curl", err);
  argv_append (command, "-v", err);
  if (cainfo != NULL) {
    argv_append (command, "--cacert", err);
    argv_append (command, cainfo, err);
  }
  if (user != NULL) {
    argv_append (command, "-u", err); /* it asks for the password */
    argv_append (command, user, err);
  }
  argv_append (command, "-r0-0", err);
  argv_append (command, "-o/dev/null", err);
  argv_append (command, request->location->uri, err);
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

const struct source_ops source_curl = {
  .kind = LOCATION_CURL,
  .plugin = "curl",
  .open_timeout_s = 60,
  .remote = true,
  .options = curl_options,
  .check = curl_check,
  .describe = curl_describe,
  .describe_copy = curl_describe_copy,
  .preflight = curl_preflight,
  .identity = "version",
  .identify = curl_identify,
  .try_command = curl_try_command,
  .explanations = curl_explanations,
  /* Serialised (before 1.36): each connection waits for its round trip, so
   * there must be many; 16 of 1 MiB took 1.2 s where one took 47 s.
   */
  .serial = { 8, 16, 1, 1 << 20, 4 << 20 },
  .parallel = { 4, 8, 4, 1 << 20, 4 << 20 },
};
