/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Disks of VMware servers, read through VMware's own library by nbdkit's vddk
 * plugin.  Finding the library, and what is wrong with it, is
 * vddk-library.c's part.
 */

#include <config.h>

#include <string.h>

#include "base/argv.h"
#include "base/cleanup.h"
#include "base/events.h"
#include "base/i18n.h"
#include "io/http.h"
#include "source/ops.h"
#include "source/vddk-library.h"

/* virt-v2v's choice: a local datastore if this is the ESXi host's proxy, and
 * else NBD with TLS before NBD in the clear.  VDDK's own default would try
 * SAN and HotAdd, which need what a migration host rarely has.
 */
#define DEFAULT_TRANSPORTS "file:nbdssl:nbd"

#define DEFAULT_PORT 443

static const struct source_option vddk_options[] = {
  { "vddk-libdir", N_("where vmware-vix-disklib-distrib was unpacked"),
    "libdir" },
  { "vddk-server", N_("the vCenter or ESXi server (-i disk)"), NULL },
  { "vddk-user", N_("the user to log in as (-i disk)"), NULL },
  { "vddk-moref", N_("the VM's managed object reference, vm-42 (-i disk)"),
    NULL },
  { "vddk-thumbprint", N_("thumbprint of the server's certificate; asked "
                          "of the server if not given"), "thumbprint" },
  { "vddk-transports", N_("transports to try (file:nbdssl:nbd)"),
    "transports" },
  { "vddk-compression", N_("none, zlib, fastlz or skipz"), "compression" },
  { "vddk-config", N_("VDDK configuration file"), "config" },
  { "vddk-cookie", N_("refused: it could not be kept secret"), "cookie" },
  { "vddk-file", N_("read this VMDK instead; once for each disk"), NULL },
  { "vddk-nfchostport", N_("port of the NFC connection"), "nfchostport" },
  { "vddk-port", N_("port of the server"), NULL },
  { "vddk-snapshot", N_("managed object reference of a snapshot"),
    "snapshot" },
  { .name = NULL }
};

static int
missing (const char *what, const char *option, struct error *err)
{
  error_set (err, REASON_USAGE, _("-it vddk needs %s"), what);
  error_hint (err, _("give it with %s"), option);
  return -1;
}

static int
check_required (const struct source_request *request, struct error *err)
{
  const struct location *location = request->location;

  if (location->host == NULL)
    return missing (_("the server"), "-io vddk-server=HOST", err);
  if (location->user == NULL)
    return missing (_("the user"), "-io vddk-user=USER", err);
  if (location->moref == NULL)
    return missing (_("the VM"), "-io vddk-moref=vm-N", err);
  if (location->password == NULL)
    return missing (_("the password"), "-ip FILE", err);
  return 0;
}

/* Every user of the host could read it in the process list. */
static int
refuse_cookie (const struct source_request *request, struct error *err)
{
  if (source_param (request, "cookie") == NULL)
    return 0;
  error_set (err, REASON_USAGE,
             _("vddk-cookie cannot be kept secret: nbdkit takes it only as "
               "an argument"));
  error_hint (err, _("give the password instead, with -ip FILE"));
  return -1;
}

static int
vddk_check (const struct source_request *request, struct error *err)
{
  const char *libdir = source_param (request, "libdir");

  if (refuse_cookie (request, err) == -1 ||
      check_required (request, err) == -1)
    return -1;
  return libdir != NULL ? vddk_library_check_dir (libdir, err) : 0;
}

/* The thumbprint is shown, so that a user can compare it and give it with
 * the next run.
 */
static int
vddk_resolve (struct location *location,
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

static void
vddk_describe (const struct source_request *request, struct nbdkit_cmd *cmd)
{
  const struct location *location = request->location;
  const char *thumbprint = source_param_or (request, "thumbprint",
                                            location->thumbprint);

  vddk_library_allow (request, cmd);
  nbdkit_cmd_param (cmd, "server", location->host);
  nbdkit_cmd_param (cmd, "user", location->user);
  nbdkit_cmd_paramf (cmd, "vm", "moref=%s", location->moref);
  if (thumbprint != NULL)
    nbdkit_cmd_param (cmd, "thumbprint", thumbprint);
  nbdkit_cmd_secret_param (cmd, "password", "+", location->password);
  nbdkit_cmd_hide_login (cmd, location->user, location->password);
  nbdkit_cmd_param (cmd, "transports",
                    source_param_or (request, "transports",
                                     DEFAULT_TRANSPORTS));
  if (location->port != 0)
    nbdkit_cmd_paramf (cmd, "port", "%u", location->port);
  source_pass_param (request, "compression", cmd);
  source_pass_param (request, "config", cmd);
  source_pass_param (request, "nfchostport", cmd);
  source_pass_param (request, "snapshot", cmd);
  nbdkit_cmd_param (cmd, "file", location->path);
}

/* VMware fails on requests above its NFC limits and on ones that are not
 * whole sectors: what readahead coalesces is split again below it.
 */
static void
vddk_add_filters (const struct source_request *request __attribute__
                  ((unused)), struct nbdkit_cmd *cmd)
{
  nbdkit_cmd_filter (cmd, "blocksize");
  nbdkit_cmd_param (cmd, "minblock", "512");
  nbdkit_cmd_param (cmd, "maxdata", "2M");
}

#define NFC_FULL                                                        \
  N_("the server's NFC buffers are full: copy fewer disks at once, or try " \
     "again later")
#define CHECK_PATH N_("check the path: '[datastore] vm/vm.vmdk'")
#define NAME_LIBDIR                                                     \
  N_("name the directory of VMware's library with -io vddk-libdir=...")

static const struct explanation vddk_explanations[] = {
  { "ncorrect user name or password", REASON_AUTH,
    N_("check the user and the password given with -ip FILE; vCenter users "
       "have a domain (administrator@vsphere.local)") },
  { "annot complete login", REASON_AUTH,
    N_("check the user and the password given with -ip FILE") },
  { "nsufficient permission", REASON_AUTH,
    N_("the user lacks rights on the VM, its datastore, or the provisioning "
       "operation 'Allow read-only disk access'") },
  { "humbprint", REASON_TLS,
    N_("compare the thumbprint of the server's certificate with the one "
       "given with -io vddk-thumbprint") },
  { "SSL", REASON_TLS,
    N_("check the thumbprint given with -io vddk-thumbprint") },
  { "maximum number of sessions", REASON_SESSION_LIMIT,
    N_("close other sessions, or try again later") },
  { "ut of memory", REASON_SESSION_LIMIT, NFC_FULL },
  { "NFC ERROR", REASON_SESSION_LIMIT, NFC_FULL },
  { "napshot", REASON_SNAPSHOT,
    N_("check the snapshot given with -io vddk-snapshot") },
  { "not a virtual disk", REASON_UNSUPPORTED,
    N_("name the VMDK descriptor, '[datastore] vm/vm.vmdk', not the file "
       "with -flat in its name") },
  { "was not found", REASON_NOT_FOUND, CHECK_PATH },
  { "does not exist", REASON_NOT_FOUND, CHECK_PATH },
  { "annot connect to host", REASON_UNREACHABLE,
    N_("can this host reach the server's ports 443 and 902?") },
  { "host is not connected", REASON_UNREACHABLE, NULL },
  { "libvixDiskLib", REASON_VDDK_LIBRARY, NAME_LIBDIR },
  { "VDDK symbol", REASON_VDDK_LIBRARY, NAME_LIBDIR },
  { "cannot open shared object file", REASON_VDDK_LIBRARY, NAME_LIBDIR },
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
  .resolve = vddk_resolve,
  .describe_library = vddk_library_describe,
  .check_plugin = vddk_library_check_plugin,
  .explain_plugin = vddk_library_explain,
  .add_filters = vddk_add_filters,
  .describe = vddk_describe,
  .explanations = vddk_explanations,
  /* One handle: several slowed each other 2 to 7 times in virt-v2v's
   * measurements.  2 MiB is what blocksize lets through.
   */
  .serial = { 1, 1, 1, 2 << 20, 2 << 20 },
  .parallel = { 1, 1, 8, 2 << 20, 2 << 20 },
};
