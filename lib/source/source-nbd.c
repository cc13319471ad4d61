/* SPDX-License-Identifier: GPL-2.0-or-later */

/* NBD servers, through nbdkit's nbd plugin, which gets the URI as the user
 * wrote it: guest/location.c has parsed it.
 */

#include <config.h>

#include <string.h>

#include "base/i18n.h"
#include "source/ops.h"

static void
nbd_describe (const struct source_request *request, struct nbdkit_cmd *cmd)
{
  nbdkit_cmd_param (cmd, "uri", request->location->uri);
}

/* If the server answers, the command lists its exports. */
static void
nbd_try_command (const struct source_request *request,
                 const struct error *why, struct argv *command,
                 struct error *err)
{
  const char *uri = request->location->uri;

  if (uri == NULL || strchr (uri, '@') != NULL)
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
  { "No route to host", REASON_UNREACHABLE, NULL },
  { "Network is unreachable", REASON_UNREACHABLE, NULL },
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
  .comes_back = true,
  .describe = nbd_describe,
  .default_port = 10809,
  .try_command = nbd_try_command,
  .explanations = nbd_explanations,
  .serial = { 4, 8, 1, 1 << 20, 4 << 20 },
  /* NBD servers are made for many requests on a connection; some (qemu-nbd
   * before 6.2) take one client unless told otherwise, and a refused
   * further connection costs nothing.
   */
  .parallel = { 4, 8, 8, 1 << 20, 2 << 20 },
};
