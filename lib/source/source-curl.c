/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Files on web and FTP servers, through nbdkit's curl plugin.  Requests of our
 * own, before nbdkit is started, are made by io/http.c; which of the headers
 * go to whom, and what nbdkit is told about redirections, is in curl-secrets.c
 * and curl-pin.c; what errors mean is in curl-why.c.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/i18n.h"
#include "base/infile.h"
#include "base/parse.h"
#include "base/secret.h"
#include "io/http.h"
#include "source/aside.h"
#include "source/curl-internal.h"
#include "source/source-curl.h"

/* The default from nbdkit 1.36 on; 32 gained little over 16, and 1.34 has
 * only 4 by itself.
 */
#define COPY_CONNECTIONS "16"


const struct source_option curl_options[] = {
  { "curl-user", N_("the user to log in as"), "user", NULL },
  { "curl-cookie", N_("the session cookie, NAME=VALUE"), NULL, NULL },
  { "curl-cookie-script", N_("shell command that prints the cookie"),
    "cookie-script", NULL },
  { "curl-cookie-script-renew", N_("seconds after which it runs again"),
    "cookie-script-renew", NULL },
  { "curl-header", N_("a request header, 'NAME: VALUE'; may repeat"),
    NULL, NULL },
  { "curl-sslverify", N_("false: take any server certificate"),
    "sslverify", "true|false" },
  { "curl-cainfo", N_("file with the CA certificates to trust"),
    "cainfo", "FILE" },
  { "curl-location-trusted",
    N_("true: secrets go wherever the server redirects to"),
    NULL, "true|false" },
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

int
curl_check_cainfo (const struct source_request *request, struct error *err)
{
  const char *cainfo = source_param (request, "cainfo");

  if (cainfo == NULL || infile_check (cainfo, err) == 0)
    return 0;
  error_wrap (err, "curl-cainfo");
  return -1;
}

void
curl_pass_cainfo (const struct source_request *request,
                  struct nbdkit_cmd *cmd)
{
  const char *cainfo = source_param (request, "cainfo");

  source_pass_param (request, "cainfo", cmd);
  if (cainfo != NULL)
    nbdkit_cmd_allow (cmd, cainfo, CONFINE_READ);
}

const char *
curl_user (const struct source_request *request)
{
  return source_param_or (request, "user", request->location->user);
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

/* Headers may be secrets, and so nbdkit reads them from a file. */
static void
add_headers (const struct source_request *request, struct nbdkit_cmd *cmd)
{
  const bool is_header = curl_cookie_is_header (request);
  struct secret *cookie = curl_cookie (request, &cmd->failed);
  struct secret *headers =
    curl_headers (request, NULL, is_header ? CURL_HEADERS_AND_COOKIE
                                           : CURL_HEADERS, &cmd->failed);

  if (cookie != NULL && !is_header)
    nbdkit_cmd_secret_param (cmd, "cookie", "+", cookie);
  else if (cookie != NULL)
    nbdkit_cmd_hide (cmd, secret_reveal (cookie));
  curl_add_headers (cmd, headers);
  hide_headers (request, cmd);
  secret_free (cookie);
  secret_free (headers);
}

/* Secrets go to files; nbdkit reads these by itself. */
static void
add_secrets (const struct source_request *request, struct nbdkit_cmd *cmd)
{
  const struct secret *password = request->location->password;

  if (password != NULL)
    nbdkit_cmd_secret_param (cmd, "password", "+", password);
  if (password != NULL && curl_user (request) != NULL)
    nbdkit_cmd_hide_login (cmd, curl_user (request), password);
  add_headers (request, cmd);
}

bool
curl_is_ftp (const struct source_request *request)
{
  return strncmp (request->location->uri, "ftp", 3) == 0;
}

/* The query may be a signature or a token, which opens the file to everybody
 * who sees it.
 */
static void
add_url (const struct source_request *request, struct nbdkit_cmd *cmd)
{
  const char *url = request->location->uri;
  const char *query = strchr (url, '?');
  const bool is_secret = query != NULL && query[1] != '\0';

  if (is_secret)
    nbdkit_cmd_hide (cmd, query);
  if (is_secret && nbdkit_caps_reads_params (request->caps))
    nbdkit_cmd_hidden_param (cmd, "url", url);
  else
    nbdkit_cmd_param (cmd, "url", url);
}

static void
curl_describe (const struct source_request *request, struct nbdkit_cmd *cmd)
{
  add_url (request, cmd);
  if (curl_user (request) != NULL)
    nbdkit_cmd_param (cmd, "user", curl_user (request));
  add_secrets (request, cmd);
  source_pass_param (request, "cookie-script", cmd);
  if (source_param (request, "cookie-script") != NULL)
    nbdkit_cmd_allow_all (cmd, "cookie-script");
  source_pass_param (request, "cookie-script-renew", cmd);
  curl_pass_cainfo (request, cmd);
  source_pass_param (request, "sslverify", cmd);
  curl_keep_secrets (request, cmd);
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
                            err) == -1 ||
      curl_check_trusts (request, err) == -1 ||
      curl_check_cainfo (request, err) == -1)
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

bool
curl_can_be_asked (const struct source_request *request)
{
  return !curl_is_ftp (request) &&
    source_param (request, "cookie-script") == NULL;
}

/* What is asked of the server, and the secrets that go with it. */
struct question {
  struct secret *cookie, *headers, *plain;
  struct http_request http;
};

static void
question_reset (struct question *question)
{
  secret_free (question->cookie);
  secret_free (question->headers);
  secret_free (question->plain);
}
#define CLEANUP_QUESTION __attribute__ ((cleanup (question_reset)))

static int
question_init (struct question *question,
               const struct source_request *request, struct error *err)
{
  question->cookie = curl_cookie (request, err);
  question->headers = curl_headers (request, NULL, CURL_HEADERS_SECRET, err);
  question->plain = curl_headers (request, NULL, CURL_HEADERS_PLAIN, err);
  question->http = (struct http_request) {
    .url = request->location->uri,
    .user = curl_user (request),
    .password = request->location->password,
    .cookie = question->cookie,
    .headers = question->headers,
    .plain_headers = question->plain,
    .trusted = curl_trusts (request),
    .agent = CURL_AGENT,
    .cainfo = source_param (request, "cainfo"),
    .no_verify = curl_no_verify (request),
  };
  return error_is_set (err) ? -1 : 0;
}

static int
probe (const struct source_request *request, struct supervisor *supervisor,
       struct http_file *ret, struct error *err)
{
  CLEANUP_QUESTION struct question question = { .cookie = NULL };

  return question_init (&question, request, err) == -1 ? -1
    : http_probe (&question.http, supervisor, ret, err);
}

static int
curl_answers (const struct source_request *request, bool reading,
              struct supervisor *supervisor, struct error *err)
{
  CLEANUP_QUESTION struct question question = { .cookie = NULL };

  if (!curl_can_be_asked (request))
    return 0;
  return question_init (&question, request, err) == -1 ? -1
    : http_answers (&question.http, reading ? HTTP_FIRST_BYTES : HTTP_HEAD,
                    supervisor, err);
}

/* Where the URL that the server redirects to matters, see whether it is there
 * to stay: it is asked a second time.
 */
static int
look_at_redirect (const struct source_request *request,
                  struct supervisor *supervisor, struct http_file *file,
                  struct error *err)
{
  CLEANUP_HTTP_FILE struct http_file again = HTTP_FILE_INIT;

  if (file->url == NULL || !curl_has_secrets (request))
    return 0;
  if (curl_url_may_expire (request->location->uri, file->url)) {
    file->temporary = true;
    return 0;
  }
  if (probe (request, supervisor, &again, err) == -1)
    return -1;
  file->temporary = again.url == NULL || strcmp (again.url, file->url) != 0;
  return 0;
}

/* Where nbdkit does not follow redirections, one that comes later is another
 * file: what nbdkit takes for bytes of the disk is the redirection's page.
 */
static int
mark_redirected (const struct source_request *request,
                 struct http_file *file, struct error *err)
{
  CLEANUP_FREE char *version = NULL;

  if (file->url == NULL || file->version == NULL ||
      !curl_has_secrets (request))
    return 0;
  version = STEAL (file->version);
  file->version = format (err, "%s, redirected %s", version,
                          file->elsewhere ? "elsewhere"
                          : file->temporary ? "for a while" : file->url);
  return file->version != NULL ? 0 : -1;
}

int
curl_preflight (const struct source_request *request,
                struct supervisor *supervisor, struct http_file *ret,
                struct error *err)
{
  if (!curl_can_be_asked (request))
    return 0;
  return probe (request, supervisor, ret, err) == -1 ||
    look_at_redirect (request, supervisor, ret, err) == -1 ||
    mark_redirected (request, ret, err) == -1 ? -1 : 0;
}

static bool
is_same_version (const char *a, const char *b)
{
  return a == NULL || b == NULL || strcmp (a, b) == 0;
}

static struct aside *
curl_identify_begin (const struct source_request *request)
{
  return curl_can_be_asked (request) ? aside_begin (curl_preflight, request)
    : NULL;
}

/* What the thread was told; if it was refused, one question at a time may be
 * all that the server takes.
 */
static int
ask_again (const struct source_request *request, struct aside *aside,
           struct supervisor *supervisor, struct http_file *ret,
           struct error *err)
{
  CLEANUP_ERROR struct error refused = ERROR_INIT;

  return aside_take (aside, ret, &refused) == 1 ? 0
    : curl_preflight (request, supervisor, ret, err);
}

/* Asked twice: not all servers obey If-Match (lighttpd and Varnish do not),
 * and of several that are out of step the next one may answer.
 */
static int
ask_twice (const struct source_request *request,
           struct supervisor *supervisor, struct http_file *first,
           struct http_file *second, struct error *err)
{
  struct aside *aside = curl_identify_begin (request);
  const int r = curl_preflight (request, supervisor, first, err) == -1 ? -1
    : ask_again (request, aside, supervisor, second, err);

  aside_free (aside);
  return r;
}

static int
curl_identify (const struct source_request *request, const char *before,
               struct aside *aside, struct supervisor *supervisor, char **ret,
               struct error *err)
{
  CLEANUP_HTTP_FILE struct http_file first = HTTP_FILE_INIT;
  CLEANUP_HTTP_FILE struct http_file file = HTTP_FILE_INIT;

  if ((before == NULL
       ? ask_twice (request, supervisor, &first, &file, err)
       : ask_again (request, aside, supervisor, &file, err)) == -1)
    return -1;
  if (before == NULL)
    before = first.version;
  if (!is_same_version (before, file.version)) {
    error_set (err, REASON_SOURCE_CHANGED,
               _("the server reports two versions of the file, '%s' and "
                 "'%s'"),
               before, file.version);
    error_hint (err, "%s", _(CURL_ANOTHER_FILE));
    return -1;
  }
  *ret = STEAL (file.version);
  return 0;
}

/* One byte, as nbdkit would ask for it; HEAD is often forbidden. */
static void
curl_try_command (const struct source_request *request,
                  const struct error *why, struct argv *command,
                  struct error *err)
{
  const char *cainfo = source_param (request, "cainfo");
  const char *user = curl_user (request);
  CLEANUP_FREE char *url = location_address (request->location, err);

  /* The error says all that curl would. */
  if (why->reason == REASON_TLS)
    return;
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
  if (url != NULL)
    argv_append (command, url, err);
}

const struct source_ops source_curl = {
  .kind = LOCATION_CURL,
  .plugin = "curl",
  .open_timeout_s = 60,
  .remote = true,
  .logs_in = true,
  .counts_requests = true,
  .options = curl_options,
  .check = curl_check,
  .describe = curl_describe,
  .describe_copy = curl_describe_copy,
  .preflight = curl_preflight,
  .answers = curl_answers,
  .pin = curl_pin,
  .ask_why = curl_ask_why,
  .identity = "version",
  .identify = curl_identify,
  .identify_begin = curl_identify_begin,
  .try_command = curl_try_command,
  .explanations = curl_explanations,
  /* Serialised (before 1.36): each connection waits for its round trip, so
   * there must be many; 16 of 1 MiB took 1.2 s where one took 47 s.
   */
  .serial = { 8, 16, 1, 1 << 20, 4 << 20 },
  .parallel = { 4, 8, 4, 1 << 20, 4 << 20 },
};
