/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Disks of VMware servers, read through VMware's own library by nbdkit's vddk
 * plugin.  Finding the library, and what is wrong with it, is
 * vddk-library.c's part; the server is vmware.c's.
 */

#include <config.h>

#include "base/i18n.h"
#include "source/vddk-library.h"
#include "source/vmware.h"

/* virt-v2v's choice: a local datastore if this is the ESXi host's proxy, and
 * else NBD with TLS before NBD in the clear.  VDDK's own default would try
 * SAN and HotAdd, which need what a migration host rarely has.
 */
#define DEFAULT_TRANSPORTS "file:nbdssl:nbd"

static const struct source_option vddk_options[] = {
  { "vddk-libdir", N_("where vmware-vix-disklib-distrib was unpacked"),
    "libdir", "DIR" },
  { "vddk-server", N_("the vCenter or ESXi server (-i disk)"), NULL, NULL },
  { "vddk-user", N_("the user to log in as (-i disk)"), NULL, NULL },
  { "vddk-moref", N_("the VM's managed object reference, vm-42 (-i disk)"),
    NULL, NULL },
  { "vddk-thumbprint", N_("thumbprint of the server's certificate; asked "
                          "of the server if not given"), "thumbprint", NULL },
  { "vddk-transports", N_("transports to try (file:nbdssl:nbd)"),
    "transports", NULL },
  { "vddk-compression", N_("none, zlib, fastlz or skipz"),
    "compression", "none|zlib|fastlz|skipz" },
  { "vddk-config", N_("VDDK configuration file"), "config", "FILE" },
  { "vddk-cookie", N_("session cookie (needs nbdkit 1.46)"), "cookie", NULL },
  { "vddk-file", N_("read this VMDK instead; once for each disk"),
    NULL, NULL },
  { "vddk-nfchostport", N_("port of the NFC connection"),
    "nfchostport", NULL },
  { "vddk-port", N_("port of the server"), NULL, NULL },
  { "vddk-snapshot", N_("managed object reference of a snapshot"),
    "snapshot", NULL },
  { .name = NULL }
};

static int
vddk_check (const struct source_request *request, struct error *err)
{
  const char *libdir = source_param (request, "libdir");

  if (vmware_check (request, err) == -1)
    return -1;
  return libdir != NULL ? vddk_library_check_dir (libdir, err) : 0;
}

static void
vddk_describe (const struct source_request *request, struct nbdkit_cmd *cmd)
{
  vddk_library_allow (request, cmd);
  vmware_describe_login (request, cmd);
  nbdkit_cmd_param (cmd, "transports",
                    source_param_or (request, "transports",
                                     DEFAULT_TRANSPORTS));
  source_pass_param (request, "compression", cmd);
  source_pass_param (request, "config", cmd);
  vmware_describe_disk (request, cmd);
}

/* Asked before vmware_explanations. */
static const struct explanation vddk_explanations[] = {
  { "humbprint", REASON_TLS,
    N_("compare the thumbprint of the server's certificate with the one "
       "given with -io vddk-thumbprint") },
  { "SSL", REASON_TLS,
    N_("check the thumbprint given with -io vddk-thumbprint") },
  { "napshot", REASON_SNAPSHOT,
    N_("check the snapshot given with -io vddk-snapshot") },
  VDDK_LIBRARY_EXPLANATIONS,
  { "cannot open shared object file", REASON_VDDK_LIBRARY,
    VDDK_LIBRARY_HINT },
  { .text = NULL }
};

const struct source_ops source_vddk = {
  .kind = LOCATION_VDDK,
  .plugin = "vddk",
  .remote = true,
  .logs_in = true,
  .open_timeout_s = 120,
  .options = vddk_options,
  .check = vddk_check,
  .resolve = vmware_resolve,
  .describe_library = vddk_library_describe,
  .check_plugin = vddk_library_check_plugin,
  .explain_plugin = vddk_library_explain,
  .add_filters = vmware_add_filters,
  .describe = vddk_describe,
  .explanations = vddk_explanations,
  .more_explanations = vmware_explanations,
  .serial = VMWARE_SERIAL,
  .parallel = VMWARE_PARALLEL,
};
