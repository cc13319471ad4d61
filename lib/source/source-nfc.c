/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Disks of VMware servers, read by the nfc plugin, which speaks the server's
 * NFC protocol without VMware's library.  It takes the vddk plugin's
 * parameters as far as these are not the library's; vmware.c adds them.
 */

#include <config.h>

#include "base/i18n.h"
#include "source/vmware.h"

/* The plugin connects while it starts, which virt-v2v allows this time. */
#define OPEN_TIMEOUT_S 300

static const struct source_option nfc_options[] = {
  { "nfc-server", N_("the vCenter or ESXi server (-i disk)"), NULL, NULL },
  { "nfc-user", N_("the user to log in as (-i disk)"), NULL, NULL },
  { "nfc-moref", N_("the VM's managed object reference, vm-42 (-i disk)"),
    NULL, NULL },
  { "nfc-thumbprint", N_("thumbprint of the server's certificate; asked "
                         "of the server if not given"), "thumbprint", NULL },
  { "nfc-insecure", N_("true: take any server certificate"),
    "insecure", "true|false" },
  { "nfc-cookie", N_("session cookie (needs nbdkit 1.46)"), "cookie", NULL },
  { "nfc-file", N_("read this VMDK instead; once for each disk"), NULL, NULL },
  { "nfc-nfchostport", N_("port of the NFC connection"), "nfchostport", NULL },
  { "nfc-port", N_("port of the server"), NULL, NULL },
  { "nfc-snapshot", N_("managed object reference of a snapshot"),
    "snapshot", NULL },
  { .name = NULL }
};

static int
nfc_check (const struct source_request *request, struct error *err)
{
  return source_check_boolean (request, "insecure", "nfc-insecure",
                               err) == -1 ? -1 : vmware_check (request, err);
}

/* It is not nbdkit's own, and what it opens is not documented. */
static void
nfc_describe (const struct source_request *request, struct nbdkit_cmd *cmd)
{
  nbdkit_cmd_allow_all (cmd, "nfc");
  nbdkit_cmd_allow_time (cmd, OPEN_TIMEOUT_S);
  vmware_describe_login (request, cmd);
  source_pass_param (request, "insecure", cmd);
  vmware_describe_disk (request, cmd);
}

/* Asked before vmware_explanations.  Those in lower case are texts of Go's
 * libraries, in which the plugin is written.
 */
static const struct explanation nfc_explanations[] = {
  { "humbprint", REASON_TLS,
    N_("compare the thumbprint of the server's certificate with the one "
       "given with -io nfc-thumbprint") },
  { "x509: ", REASON_TLS,
    N_("give the thumbprint of the server's certificate with -io "
       "nfc-thumbprint, or take any with -io nfc-insecure=true") },
  { "napshot", REASON_SNAPSHOT,
    N_("check the snapshot given with -io nfc-snapshot") },
  { "connection refused", REASON_UNREACHABLE, NULL },
  { "no such host", REASON_UNREACHABLE, NULL },
  { "i/o timeout", REASON_UNREACHABLE,
    N_("can this host reach the server's ports 443 and 902?") },
  { .text = NULL }
};

const struct source_ops source_nfc = {
  .kind = LOCATION_NFC,
  .plugin = "nfc",
  .remote = true,
  .logs_in = true,
  .open_timeout_s = OPEN_TIMEOUT_S,
  .options = nfc_options,
  .check = nfc_check,
  .resolve = vmware_resolve,
  .add_filters = vmware_add_filters,
  .describe = nfc_describe,
  .explanations = nfc_explanations,
  .more_explanations = vmware_explanations,
  .serial = VMWARE_SERIAL,
  .parallel = VMWARE_PARALLEL,
};
