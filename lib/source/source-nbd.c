/* SPDX-License-Identifier: GPL-2.0-or-later */

/* NBD servers, through nbdkit's nbd plugin.  It lets no URI name local files,
 * and has parameters for TLS instead.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/i18n.h"
#include "base/nbd-uri.h"
#include "io/nbd-conn.h"
#include "nbdkit/caps.h"
#include "source/ops.h"

/* Where libnbd looks for certificates by itself. */
static void
allow_certificates (struct nbdkit_cmd *cmd)
{
  const char *home = getenv ("HOME");
  static const char *const in_home[] = { ".pki/libnbd", ".config/pki/libnbd" };

  nbdkit_cmd_allow (cmd, "/etc/pki/libnbd", CONFINE_READ);
  for (size_t i = 0; home != NULL && i < ARRAY_LEN (in_home); i++) {
    CLEANUP_FREE char *dir = format (&cmd->failed, "%s/%s", home, in_home[i]);

    if (dir != NULL)
      nbdkit_cmd_allow (cmd, dir, CONFINE_READ);
  }
}

static void
nbd_describe (const struct source_request *request, struct nbdkit_cmd *cmd)
{
  CLEANUP_NBD_URI struct nbd_uri uri = { .uri = NULL };

  if (nbd_uri_parse (request->location->uri, &uri, &cmd->failed) == -1)
    return;
  nbdkit_cmd_param (cmd, "uri", uri.uri);
  if (uri.certificates != NULL) {
    nbdkit_cmd_param (cmd, "tls-certificates", uri.certificates);
    nbdkit_cmd_allow (cmd, uri.certificates, CONFINE_READ);
  }
  else
    allow_certificates (cmd);
  if (uri.psk_file != NULL) {
    nbdkit_cmd_param (cmd, "tls-psk", uri.psk_file);
    nbdkit_cmd_allow (cmd, uri.psk_file, CONFINE_READ);
  }
  if (uri.username != NULL)
    nbdkit_cmd_param (cmd, "tls-username", uri.username);
  if (uri.verify != NBD_VERIFY_DEFAULT)
    nbdkit_cmd_param (cmd, "tls-verify",
                      uri.verify == NBD_VERIFY_YES ? "true" : "false");
}

/* It connects before anybody connects to it.  When the connection breaks it
 * makes no other one.
 */
static bool
nbd_describe_single (const struct source_request *request,
                     struct nbdkit_cmd *cmd)
{
  if (!nbdkit_caps_since (request->caps, 14, 0))
    return false;
  nbdkit_cmd_param (cmd, "shared", "true");
  return true;
}

static int
nbd_check_here (const struct source_request *request, struct error *err)
{
  CLEANUP_NBD_URI struct nbd_uri uri = { .uri = NULL };

  return nbd_uri_parse (request->location->uri, &uri, err) == 0
    ? nbd_conn_check_trust (&uri, err) : -1;
}

/* If the server answers, the command lists its exports. */
static void
nbd_try_command (const struct source_request *request,
                 const struct error *why, struct argv *command,
                 struct error *err)
{
  const char *uri = request->location->uri;

  if (uri == NULL || strchr (uri, '@') != NULL || why->reason == REASON_TLS)
    return;
  argv_append (command, "nbdinfo", err);
  if (why->reason == REASON_NOT_FOUND)
    argv_append (command, "--list", err);
  argv_append (command, uri, err);
}

static const struct explanation nbd_explanations[] = {
  { "unknown parameter 'uri'", REASON_NBDKIT_VERSION,
    N_("this nbdkit's nbd plugin is too old to take URIs") },
  { "Connection refused", REASON_UNREACHABLE,
    N_("is the NBD server running, and is the port right?") },
  /* libnbd adds what errno says, which follows. */
  { "has no export named", REASON_NOT_FOUND,
    N_("check the name of the export") },
  { "No such file or directory", REASON_NOT_FOUND,
    N_("is the NBD server running, and is the socket or the export name "
       "right?") },
  { "did not send expected NBD magic", REASON_UNSUPPORTED,
    N_("is the NBD server running, and is the port right?") },
  { "Name or service not known", REASON_UNREACHABLE,
    N_("check the host's name") },
  { "Temporary failure in name resolution", REASON_UNREACHABLE,
    N_("check the host's name") },
  { "No route to host", REASON_UNREACHABLE, NULL },
  { "Network is unreachable", REASON_UNREACHABLE, NULL },
  { NBD_CONN_POLICY, REASON_AUTH, NBD_CONN_POLICY_HINT },
  { "getlogin_r", REASON_AUTH,
    N_("give the user whose pre-shared key is to be used: nbds://USER@HOST") },
  { "was not found in PSK file", REASON_AUTH, NULL },
  { "gnutls", REASON_TLS,
    N_("check the certificates that the URI names") },
  { "TLS", REASON_TLS, N_("nbds:// URIs use TLS, nbd:// URIs do not") },
  { "Permission denied", REASON_AUTH, NULL },
  { .text = NULL }
};

const struct source_ops source_nbd = {
  .kind = LOCATION_NBD,
  .plugin = "nbd",
  .open_timeout_s = 20,
  .remote = true,
  .errors_are_final = true,
  .comes_back = true,
  .describe = nbd_describe,
  .describe_single = nbd_describe_single,
  .single_lost = "the handle must be connected with the server",
  .default_port = 10809,
  .check_here = nbd_check_here,
  .try_command = nbd_try_command,
  .explanations = nbd_explanations,
  .serial = { 4, 8, 1, 1 << 20, 4 << 20 },
  /* NBD servers are made for many requests on a connection; some (qemu-nbd
   * before 6.2) take one client unless told otherwise, and a refused
   * further connection costs nothing.
   */
  .parallel = { 4, 8, 8, 1 << 20, 2 << 20 },
};
