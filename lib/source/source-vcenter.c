/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Disks on VMware's datastores, read from the web server of vCenter or ESXi
 * by nbdkit's curl plugin.  Each request that logs in by password makes a
 * session on the server, so only a cookie script logs in, and nbdkit sends
 * the cookie that the script prints.  The plugin's own options and errors are
 * in source-curl.c, URLs and names of datastores in guest/datastore.c.
 */

#include <config.h>

#include <string.h>

#include "base/cleanup.h"
#include "base/i18n.h"
#include "base/memstream.h"
#include "base/secret.h"
#include "base/uri.h"
#include "guest/datastore.h"
#include "io/http.h"
#include "io/subprocess.h"
#include "source/curl-internal.h"
#include "source/source-curl.h"

/* Sessions end after 30 minutes. */
#define RENEW_S "1500"

/* Requests under way at once, of all NBD connections.  Each takes a buffer
 * of the ESXi host's NFC service, which has a few dozen for all its clients.
 */
#define MAX_REQUESTS 4

/* The name of the file with the login, after the command's. */
#define LOGIN_SUFFIX ".login"

/* What nbdkit runs as `sh FILE'.  The login is in the file beside it, so
 * that neither a command line nor this text holds the password.  A script
 * that prints nothing would make nbdkit go on without a cookie.
 */
static const char cookie_script[] =
  "headers=$(curl --disable --config \"${0%.*}" LOGIN_SUFFIX "\") || exit 1\n"
  "printf '%s\\n' \"$headers\" | tr -d '\\r' |\n"
  "  sed -n 's/^[Ss][Ee][Tt]-[Cc][Oo][Oo][Kk][Ii][Ee]: *\\([^;]*\\).*/\\1/p' |"
  "\n  head -n 1 | grep .\n";

/* -ic's proxy, or NULL.  Without one there is to be none, whatever the
 * environment says: it would only make a slow vCenter slower.
 */
static const char *
proxy (const struct source_request *request)
{
  return source_param (request, "proxy");
}

/* A configuration file of curl has lines like KEY = "VALUE". */
static void
print_escaped (FILE *fp, const char *value)
{
  for (; *value != '\0'; value++) {
    if (*value == '"' || *value == '\\')
      putc ('\\', fp);
    putc (*value, fp);
  }
}

static void
print_setting (FILE *fp, const char *key, const char *value)
{
  fprintf (fp, "%s = \"", key);
  print_escaped (fp, value);
  fputs ("\"\n", fp);
}

static void
print_login (const struct source_request *request, FILE *fp)
{
  const struct location *location = request->location;

  fputs ("head\nsilent\nshow-error\nfail\ngloboff\nmax-time = 300\n", fp);
  print_setting (fp, "url", location->uri);
  fputs ("user = \"", fp);
  print_escaped (fp, location->user);
  putc (':', fp);
  print_escaped (fp, secret_reveal (location->password));
  fputs ("\"\n", fp);
  if (curl_no_verify (request))
    fputs ("insecure\n", fp);
  if (source_param (request, "cainfo") != NULL)
    print_setting (fp, "cacert", source_param (request, "cainfo"));
  if (proxy (request) != NULL)
    print_setting (fp, "proxy", proxy (request));
  else
    print_setting (fp, "noproxy", "*");
}

static struct secret *
make_login (const struct source_request *request, struct error *err)
{
  struct secret *ret = NULL;
  char *text = NULL;
  size_t len;
  FILE *fp = open_memstream (&text, &len);

  if (fp != NULL)
    print_login (request, fp);
  if (fp == NULL || memstream_close (fp, &text) == -1)
    error_nomem (err);
  else
    ret = secret_new (text, len, err);
  if (text != NULL)
    explicit_bzero (text, len);
  free (text);
  return ret;
}

static void
add_cookie_script (const struct source_request *request,
                   struct nbdkit_cmd *cmd)
{
  struct error *err = &cmd->failed;
  struct secret *login = make_login (request, err);
  struct secret *script = secret_new (cookie_script,
                                      sizeof cookie_script - 1, err);

  if (login != NULL && script != NULL) {
    nbdkit_cmd_secret_file (cmd, LOGIN_SUFFIX, login);
    nbdkit_cmd_hide_login (cmd, request->location->user,
                           request->location->password);
    nbdkit_cmd_secret_param (cmd, "cookie-script", "sh ", script);
    nbdkit_cmd_allow (cmd, CURL_SCRIPT_DIR, CONFINE_TEMPORARY);
    nbdkit_cmd_param (cmd, "cookie-script-renew",
                      source_param_or (request, "cookie-script-renew",
                                       RENEW_S));
  }
  secret_free (login);
  secret_free (script);
}

static void
vcenter_describe (const struct source_request *request,
                  struct nbdkit_cmd *cmd)
{
  nbdkit_cmd_param (cmd, "url", request->location->uri);
  add_cookie_script (request, cmd);
  curl_pass_cainfo (request, cmd);
  if (curl_no_verify (request))
    nbdkit_cmd_param (cmd, "sslverify", "false");
  if (proxy (request) != NULL)
    nbdkit_cmd_param (cmd, "proxy", proxy (request));
  else
    nbdkit_cmd_env (cmd, "no_proxy=*");
  curl_keep_secrets (request, cmd);
  nbdkit_cmd_param (cmd, "timeout", CURL_REQUEST_TIMEOUT_S);
  if (nbdkit_plugin_knows (request->plugin, "connections"))
    nbdkit_cmd_paramf (cmd, "connections", "%d", MAX_REQUESTS);
}

/* Before nbdkit 1.31.2 readahead makes requests of up to 64 MiB, which
 * vCenter answers with 503; split again they do no harm, and the conversion
 * has what it needs.  (blocksize serialises all requests before 1.26, so
 * that the copy's command, which has no readahead, must not have it.)
 */
static void
vcenter_add_filters (const struct source_request *request __attribute__
                     ((unused)), struct nbdkit_cmd *cmd)
{
  if (!argv_contains (&cmd->filters, "readahead"))
    return;
  nbdkit_cmd_filter (cmd, "blocksize");
  nbdkit_cmd_param (cmd, "maxdata", "2M");
}

static int
check_login (const struct location *location, struct error *err)
{
  if (location->user == NULL) {
    error_set (err, REASON_USAGE,
               _("-ic: the URI has no user name for logging in to %s"),
               location->host);
    error_hint (err, _("write -ic vpx://USER@HOST/..., where USER is like "
                       "administrator%%40vsphere.local"));
    return -1;
  }
  /* HTTP's basic authentication ends the user's name at a colon. */
  if (strchr (location->user, ':') != NULL)
    return error_set (err, REASON_USAGE,
                      _("the user name '%s' contains a colon"),
                      location->user);
  if (location->password != NULL)
    return 0;
  error_set (err, REASON_USAGE, _("no password was given for %s on %s"),
             location->user, location->host);
  error_hint (err, _("give it with -ip FILE"));
  return -1;
}

static int
vcenter_check (const struct source_request *request, struct error *err)
{
  CLEANUP_ERROR struct error missing = ERROR_INIT;

  if (source_check_boolean (request, "sslverify", "curl-sslverify",
                            err) == -1 ||
      curl_check_trusts (request, err) == -1 ||
      curl_check_cainfo (request, err) == -1)
    return -1;
  if (!nbdkit_caps_since (request->caps, 22, 0)) { /* no cookie-script */
    error_set (err, REASON_NBDKIT_VERSION,
               _("nbdkit %s cannot renew the session of a VMware server; "
                 "1.22 is needed"), request->caps->version);
    error_hint (err, _("install a newer nbdkit, or use -it vddk"));
    return -1;
  }
  if (subprocess_look_up ("curl", &missing) == -1) {
    error_set (err, REASON_UNSUPPORTED,
               _("the program curl, which logs in to VMware's servers, is "
                 "not installed"));
    error_hint (err, _("install it: apt install curl (Debian), dnf install "
                       "curl (Fedora); or use -it vddk"));
    return -1;
  }
  return check_login (request->location, err);
}

#define NO_FLAT_FILE                                                    \
  N_("the server has no flat file for this disk: disks of templates, and " \
     "disks on vSAN or vVol datastores, can only be read with -it vddk")
#define TOO_MANY_SESSIONS                                               \
  N_("the server has too many sessions or transfers: try again later, or " \
     "with fewer --connections")

/* Replace io/http.c's hint, which would do for any web server. */
static void
adapt_hint (struct error *err)
{
  const char *hint =
    err->reason == REASON_AUTH
    ? N_("check the user of -ic and the password given with -ip; vCenter's "
         "users have a domain (administrator%40vsphere.local), and need the "
         "privilege to browse the datastore")
    : err->reason == REASON_NOT_FOUND ? NO_FLAT_FILE
    : err->reason == REASON_SESSION_LIMIT ? TOO_MANY_SESSIONS : NULL;

  if (hint == NULL)
    return;
  free (err->hint);
  err->hint = NULL;
  error_hint (err, "%s", _(hint));
}

static int
ask_server (const struct source_request *request, const char *url,
            struct supervisor *supervisor, struct http_file *ret,
            struct error *err)
{
  const struct http_request http = {
    .url = url,
    .user = request->location->user,
    .password = request->location->password,
    .cainfo = source_param (request, "cainfo"),
    .no_verify = curl_no_verify (request),
    .trusted = curl_trusts (request),
    .proxy = proxy (request) != NULL ? proxy (request) : "",
  };

  if (http_probe (&http, supervisor, ret, err) == 0)
    return 0;
  adapt_hint (err);
  return -1;
}

/* libvirt has just talked to the server: if it takes long to answer, it is
 * busy, and nbdkit will wait for it.
 */
static int
vcenter_preflight (const struct source_request *request,
                   struct supervisor *supervisor, struct http_file *ret,
                   struct error *err)
{
  CLEANUP_ERROR struct error failed = ERROR_INIT;

  if (ask_server (request, request->location->uri, supervisor, ret,
                  &failed) == 0 ||
      failed.reason == REASON_TIMEOUT)
    return 0;
  error_move (err, &failed);
  return -1;
}

/* The session is of use on that server only. */
static int
vcenter_pin (const struct source_request *request,
             const struct http_file *file, struct nbdkit_cmd *cmd,
             struct error *err)
{
  CLEANUP_FREE char *origin = NULL;

  curl_limit_protocols (request, request->location->uri, cmd);
  if (file->url == NULL || curl_trusts (request))
    return nbdkit_cmd_check (cmd, err);
  if (!file->elsewhere &&
      !curl_url_may_expire (request->location->uri, file->url)) {
    nbdkit_cmd_set_param (cmd, "url", file->url);
    return nbdkit_cmd_check (cmd, err);
  }
  origin = uri_origin (file->url, err);
  if (origin == NULL)
    return -1;
  error_set (err, REASON_UNSUPPORTED,
             _("the server redirects to %s, which is not sent the session of "
               "this one"), origin);
  error_hint (err, _("name that server with -ic; or trust wherever this one "
                     "redirects to with -io curl-location-trusted=true"));
  return -1;
}

/* A VM with snapshots runs on "vm-000001.vmdk".  Consolidated, that can be
 * the disk's own name; else the data that were there before the snapshot
 * are in the file without the number.
 */
static int
vcenter_resolve (struct location *location,
                 const struct source_request *request,
                 struct supervisor *supervisor,
                 const struct events *events __attribute__ ((unused)),
                 struct error *err)
{
  CLEANUP_ERROR struct error failed = ERROR_INIT;
  CLEANUP_HTTP_FILE struct http_file file = HTTP_FILE_INIT;
  CLEANUP_FREE char *path = NULL;
  char *uri;

  if (!datastore_path_is_snapshot (location->path) ||
      location->user == NULL || location->password == NULL)
    return 0;
  /* Other errors are reported when the disk is opened. */
  if (ask_server (request, location->uri, supervisor, &file, &failed) == 0 ||
      failed.reason != REASON_NOT_FOUND)
    return 0;
  path = datastore_without_snapshot (location->path, err);
  uri = path == NULL ? NULL
    : datastore_url (location->host, location->port, location->datacenter,
                     path, err);
  if (uri == NULL)
    return -1;
  free (location->uri);
  location->uri = uri;
  return 0;
}

/* Before those of source-curl. */
static const struct explanation vcenter_explanations[] = {
  { "returned error: 401", REASON_AUTH,
    N_("the session has ended, or the user is not allowed to browse the "
       "datastore") },
  { "returned error: 404", REASON_NOT_FOUND, NO_FLAT_FILE },
  { "returned error: 503", REASON_SESSION_LIMIT, TOO_MANY_SESSIONS },
  { "cookie-script", REASON_AUTH,
    N_("the login to the server failed") },
  { .text = NULL }
};

const struct source_ops source_vcenter = {
  .kind = LOCATION_VCENTER,
  .plugin = "curl",
  .open_timeout_s = 120,
  .remote = true,
  .logs_in = true,
  .shared_options = curl_options,
  .check = vcenter_check,
  .resolve = vcenter_resolve,
  .add_filters = vcenter_add_filters,
  .describe = vcenter_describe,
  .preflight = vcenter_preflight,
  .pin = vcenter_pin,
  .explanations = vcenter_explanations,
  .more_explanations = curl_explanations,
  /* Few at once (MAX_REQUESTS), and 2 MiB at most: what is larger than the
   * NFC buffers of an ESXi host fails or is answered with 503.
   */
  .serial = { 2, MAX_REQUESTS, 1, 1 << 20, 2 << 20 },
  .parallel = { 1, 2, MAX_REQUESTS / 2, 1 << 20, 2 << 20 },
};
