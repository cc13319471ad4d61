/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Logging in to VMware's servers, and what they answer: the part that is the
 * same for nbdkit's vddk and nfc plugins.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/events.h"
#include "base/i18n.h"
#include "io/http.h"
#include "source/vmware.h"

#define DEFAULT_PORT 443

static int
missing (const struct source_request *request, const char *what,
         const char *option, struct error *err)
{
  const char *plugin = request->source->plugin;

  error_set (err, REASON_USAGE, _("-it %s needs %s"), plugin, what);
  if (option == NULL)
    error_hint (err, _("give it with %s"), "-ip FILE");
  else {
    CLEANUP_FREE char *text = format (err, "-io %s-%s", plugin, option);

    if (text != NULL)
      error_hint (err, _("give it with %s"), text);
  }
  return -1;
}

/* As an argument every user of the host could read it in the process list. */
static int
check_cookie (const struct source_request *request, struct error *err)
{
  const char *cookie = source_param (request, "cookie");
  const char *plugin = request->source->plugin;

  if (cookie == NULL)
    return 0;
  if (nbdkit_caps_reads_params (request->caps))
    return strchr (cookie, '\n') == NULL ? 0
      : error_set (err, REASON_USAGE, _("%s-cookie is not one line"), plugin);
  error_set (err, REASON_USAGE,
             _("%s-cookie cannot be kept secret: this nbdkit takes it only "
               "as an argument"), plugin);
  error_hint (err, _("give the password instead, with -ip FILE, or use "
                     "nbdkit 1.46 or later"));
  return -1;
}

int
vmware_check (const struct source_request *request, struct error *err)
{
  const struct location *location = request->location;

  if (check_cookie (request, err) == -1)
    return -1;
  if (location->host == NULL)
    return missing (request, _("the server"), "server=HOST", err);
  if (location->user == NULL)
    return missing (request, _("the user"), "user=USER", err);
  if (location->moref == NULL)
    return missing (request, _("the VM"), "moref=vm-N", err);
  if (location->password == NULL)
    return missing (request, _("the password"), NULL, err);
  return 0;
}

/* The thumbprint is shown, so that a user can compare it and give it with
 * the next run.
 */
int
vmware_resolve (struct location *location,
                const struct source_request *request,
                struct supervisor *supervisor, const struct events *events,
                struct error *err)
{
  const unsigned port = location->port != 0 ? location->port : DEFAULT_PORT;

  if (location->host == NULL || location->thumbprint != NULL ||
      source_param (request, "thumbprint") != NULL)
    return 0;
  location->thumbprint = http_thumbprint (location->host, port, supervisor,
                                          err);
  if (location->thumbprint == NULL) {
    error_wrap (err, "%s", location->host);
    return -1;
  }
  events_say (events, EVENT_INFO, -1,
              _("the certificate of %s has the thumbprint %s"),
              location->host, location->thumbprint);
  return 0;
}

/* VMware fails on requests above its NFC limits and on ones that are not
 * whole sectors: what readahead coalesces is split again below it.
 */
void
vmware_add_filters (const struct source_request *request __attribute__
                    ((unused)), struct nbdkit_cmd *cmd)
{
  nbdkit_cmd_filter (cmd, "blocksize");
  nbdkit_cmd_param (cmd, "minblock", "512");
  nbdkit_cmd_param (cmd, "maxdata", "2M");
}

static void
add_cookie (const struct source_request *request, struct nbdkit_cmd *cmd)
{
  const char *cookie = source_param (request, "cookie");

  if (cookie == NULL)
    return;
  nbdkit_cmd_hidden_param (cmd, "cookie", cookie);
  nbdkit_cmd_hide (cmd, cookie);
}

void
vmware_describe_login (const struct source_request *request,
                       struct nbdkit_cmd *cmd)
{
  const struct location *location = request->location;
  const char *thumbprint = source_param_or (request, "thumbprint",
                                            location->thumbprint);

  nbdkit_cmd_param (cmd, "server", location->host);
  nbdkit_cmd_param (cmd, "user", location->user);
  nbdkit_cmd_paramf (cmd, "vm", "moref=%s", location->moref);
  if (thumbprint != NULL)
    nbdkit_cmd_param (cmd, "thumbprint", thumbprint);
  nbdkit_cmd_secret_param (cmd, "password", "+", location->password);
  nbdkit_cmd_hide_login (cmd, location->user, location->password);
  add_cookie (request, cmd);
}

void
vmware_describe_disk (const struct source_request *request,
                      struct nbdkit_cmd *cmd)
{
  const struct location *location = request->location;

  if (location->port != 0)
    nbdkit_cmd_paramf (cmd, "port", "%u", location->port);
  source_pass_param (request, "nfchostport", cmd);
  source_pass_param (request, "snapshot", cmd);
  nbdkit_cmd_param (cmd, "file", location->path);
}

#define NFC_FULL                                                        \
  N_("the server's NFC buffers are full: copy fewer disks at once, or try " \
     "again later")
#define CHECK_PATH N_("check the path: '[datastore] vm/vm.vmdk'")

const struct explanation vmware_explanations[] = {
  { "ncorrect user name or password", REASON_AUTH,
    N_("check the user and the password given with -ip FILE; vCenter users "
       "have a domain (administrator@vsphere.local)") },
  { "annot complete login", REASON_AUTH,
    N_("check the user and the password given with -ip FILE") },
  { "nsufficient permission", REASON_AUTH,
    N_("the user lacks rights on the VM, its datastore, or the provisioning "
       "operation 'Allow read-only disk access'") },
  { "maximum number of sessions", REASON_SESSION_LIMIT,
    N_("close other sessions, or try again later") },
  { "ut of memory", REASON_SESSION_LIMIT, NFC_FULL },
  { "NFC ERROR", REASON_SESSION_LIMIT, NFC_FULL },
  { "not a virtual disk", REASON_UNSUPPORTED,
    N_("name the VMDK descriptor, '[datastore] vm/vm.vmdk', not the file "
       "with -flat in its name") },
  { "was not found", REASON_NOT_FOUND, CHECK_PATH },
  { "does not exist", REASON_NOT_FOUND, CHECK_PATH },
  { "annot connect to host", REASON_UNREACHABLE,
    N_("can this host reach the server's ports 443 and 902?") },
  { "host is not connected", REASON_UNREACHABLE, NULL },
  { .text = NULL }
};
