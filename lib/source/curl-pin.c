/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What nbdkit is told beyond its command line as it is printed, once the
 * server has been asked: which version of the file it has to be, and from where
 * it is read.  nbdkit asks the URL that it is given for each read, and follows
 * redirections with all headers and cookies; curl-secrets.c says which of them
 * are for one server only.
 */

#include <config.h>

#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/uri.h"
#include "guest/location.h"
#include "io/http.h"
#include "nbdkit/caps.h"
#include "nbdkit/cmd.h"
#include "source/curl-internal.h"
#include "source/request.h"
#include "source/source-curl.h"

bool
curl_cookie_is_header (const struct source_request *request)
{
  return curl_has_secrets (request) && !curl_trusts (request) &&
    !nbdkit_plugin_knows (request->plugin, "followlocation") &&
    nbdkit_plugin_knows (request->plugin, "header-script");
}

void
curl_add_headers (struct nbdkit_cmd *cmd, const struct secret *headers)
{
  if (headers == NULL)
    return;
  nbdkit_cmd_secret_param (cmd, "header-script", "cat ", headers);
  nbdkit_cmd_allow (cmd, CURL_SCRIPT_DIR, CONFINE_TEMPORARY);
}

/* nbdkit has it since 1.26. */
void
curl_keep_secrets (const struct source_request *request,
                   struct nbdkit_cmd *cmd)
{
  if (curl_has_secrets (request) && !curl_trusts (request) &&
      nbdkit_plugin_knows (request->plugin, "followlocation"))
    nbdkit_cmd_param (cmd, "followlocation", "false");
}

/* Signatures and their ends stand in the query, whatever their names are; a
 * login is not for command lines.
 */
bool
curl_url_may_expire (const char *asked, const char *url)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_URI struct uri_parts before = { .host = NULL };
  CLEANUP_URI struct uri_parts after = { .host = NULL };

  if (uri_parse (asked, &before, &ignored) == -1 ||
      uri_parse (url, &after, &ignored) == -1)
    return true;
  return after.password != NULL ||
    (after.user != NULL && !same_text (before.user, after.user)) ||
    (after.query != NULL && !same_text (before.query, after.query));
}

/* nbdkit follows redirections, but to no other kind of server (libcurl goes
 * from http to ftp), and not from https to http.  A server that has not
 * redirected us may redirect some of nbdkit's requests.  nbdkit has it since
 * 1.12.
 */
void
curl_limit_protocols (const struct source_request *request, const char *url,
                      struct nbdkit_cmd *cmd)
{
  if (!curl_trusts (request) && !curl_is_ftp (request) &&
      nbdkit_plugin_knows (request->plugin, "protocols"))
    nbdkit_cmd_param (cmd, "protocols",
                      strncasecmp (url, "https:", 6) == 0 ? "https"
                                                          : "http,https");
}

/* The server redirects to a URL that is of use for a while, so that nbdkit has
 * to ask the first one each time: it may if libcurl keeps what is secret.
 */
static int
follow_each_time (const struct source_request *request,
                  const struct http_file *file, struct nbdkit_cmd *cmd,
                  struct error *err)
{
  CLEANUP_FREE char *origin = uri_origin (file->url, err);

  if (origin == NULL)
    return -1;
  if (!curl_secrets_are_bound (request) ||
      !nbdkit_plugin_knows (request->plugin, "header-script")) {
    error_set (err, REASON_UNSUPPORTED,
               _("the server redirects to %s, with a URL that may expire, and "
                 "nbdkit would send the secret headers there, too"), origin);
    error_hint (err, _("log in with a cookie (-io curl-cookie), with -io "
                       "'curl-header=Authorization: ...', or with user and "
                       "password; give the URL itself; or trust wherever the "
                       "server redirects to with -io "
                       "curl-location-trusted=true"));
    return -1;
  }
  nbdkit_cmd_drop_param (cmd, "followlocation");
  nbdkit_cmd_drop_param (cmd, "cookie");
  return 0;
}

/* Read from where the file is in the end, without what is secret if that is
 * elsewhere.
 */
static void
read_there (const struct http_file *file, struct nbdkit_cmd *cmd)
{
  static const char *const secrets[] = {
    "user", "password", "cookie", "followlocation" };

  nbdkit_cmd_set_param (cmd, "url", file->url);
  if (!file->elsewhere)
    return;
  for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
    nbdkit_cmd_drop_param (cmd, secrets[i]);
}

/* Which headers nbdkit needs. */
static int
pin_place (const struct source_request *request,
           const struct http_file *file, struct nbdkit_cmd *cmd,
           enum curl_headers *which, struct error *err)
{
  const bool stays = file->url == NULL || !curl_has_secrets (request) ||
    curl_trusts (request);

  *which = curl_cookie_is_header (request) ? CURL_HEADERS_AND_COOKIE
    : CURL_HEADERS;
  curl_limit_protocols (request, stays || file->temporary
                        ? request->location->uri : file->url, cmd);
  if (stays)
    return 0;
  if (file->temporary) {
    *which = CURL_HEADERS_AND_COOKIE;
    return follow_each_time (request, file, cmd, err);
  }
  read_there (file, cmd);
  if (file->elsewhere)
    *which = CURL_HEADERS_PLAIN;
  return 0;
}

/* A strong ETag goes with every read: a server that has another file by then,
 * or one of several servers that does, answers 412, and nothing of it is
 * copied.  Only the server's answer tells, so that a command that is printed
 * without asking it has no such parameters.
 */
int
curl_pin (const struct source_request *request, const struct http_file *file,
          struct nbdkit_cmd *cmd, struct error *err)
{
  struct secret *headers = NULL;
  enum curl_headers which;

  if (pin_place (request, file, cmd, &which, err) == -1)
    return -1;
  headers = curl_headers (request, file, which, err);
  if (error_is_set (err))
    return -1;
  nbdkit_cmd_drop_param (cmd, "header-script");
  curl_add_headers (cmd, headers);
  secret_free (headers);
  if (headers != NULL)
    return nbdkit_cmd_check (cmd, err);
  if (file->wants_agent && nbdkit_plugin_knows (request->plugin, "user-agent"))
    nbdkit_cmd_param (cmd, "user-agent", CURL_AGENT);
  if (file->etag != NULL && nbdkit_plugin_knows (request->plugin, "header"))
    nbdkit_cmd_paramf (cmd, "header", "If-Match: %s", file->etag);
  return nbdkit_cmd_check (cmd, err);
}
