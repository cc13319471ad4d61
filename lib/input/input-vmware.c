/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Disks on VMware's servers: the web server's URL of each, or what VDDK needs
 * to know.  Which nbdkit plugin reads them, and with which parameters, is the
 * matter of lib/source.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "guest/datastore.h"
#include "guest/guest.h"
#include "input/input-request.h"
#include "input/input-vmware.h"

/* An ESXi host has one datacenter, which is always called so. */
#define ESX_DATACENTER "ha-datacenter"

/* virt-v2v's. */
#define DEFAULT_USER "root"

/* The value of the -io option, or OTHERWISE if it was not given. */
static const char *
option_or (const struct input_request *request, const char *key,
           const char *otherwise)
{
  const char *value = argv_value (request->options, key);

  return value != NULL ? value : otherwise;
}

static int
set_port (const struct vmware_server *server,
          const struct input_request *request, struct location *location,
          struct error *err)
{
  const char *port = argv_value (request->options, "vddk-port");
  uint64_t number;

  location->port = server->port;
  if (port == NULL)
    return 0;
  if (parse_uint ("vddk-port", port, 1, 65535, &number, err) == -1)
    return -1;
  location->port = (unsigned) number;
  return 0;
}

int
vmware_use_vddk (const struct vmware_server *server, const char *moref,
                 const struct input_request *request,
                 struct location *location, struct error *err)
{
  location->kind = LOCATION_VDDK;
  if (set_port (server, request, location, err) == -1 ||
      alloc_set (&location->host,
                 option_or (request, "vddk-server", server->host),
                 err) == -1 ||
      alloc_set (&location->user,
                 option_or (request, "vddk-user", server->user),
                 err) == -1 ||
      alloc_set (&location->moref, option_or (request, "vddk-moref", moref),
                 err) == -1)
    return -1;
  return location_set_password (location, request->password, err);
}

int
vmware_override_files (const struct input_request *request,
                       struct guest *guest, struct error *err)
{
  const struct argv *options = request->options;
  size_t n = 0;

  for (size_t i = 0; options != NULL && i < options->len; i++) {
    const char *file = key_value (options->ptr[i], "vddk-file");

    if (file == NULL)
      continue;
    if (n < guest->disks.len &&
        alloc_set (&guest->disks.ptr[n].location.path, file, err) == -1)
      return -1;
    n++;
  }
  if (n == 0 || n == guest->disks.len)
    return 0;
  return error_set (err, REASON_USAGE,
                    _("-io vddk-file must be given once for each disk, of "
                      "which there are %zu"), guest->disks.len);
}

static const char *
datacenter_of (const struct vmware_server *server, const struct guest *guest,
               struct error *err)
{
  if (guest->vmware.datacenter != NULL)
    return guest->vmware.datacenter;
  if (server->esx)
    return ESX_DATACENTER;
  error_set (err, REASON_UNSUPPORTED,
             _("libvirt does not say in which datacenter the guest is"));
  error_hint (err, _("update libvirt to 1.2.20 or later"));
  return NULL;
}

static int
use_web (const struct vmware_server *server, const struct guest *guest,
         const struct input_request *request, struct location *location,
         struct error *err)
{
  const char *datacenter = datacenter_of (server, guest, err);

  if (datacenter == NULL)
    return -1;
  if (!datastore_path_valid (location->path))
    return error_set (err, REASON_UNSUPPORTED,
                      _("the disk '%s' is not of the form '[datastore] "
                        "guest/disk.vmdk'"), location->path);
  location->kind = LOCATION_VCENTER;
  location->port = server->port;
  if (alloc_set (&location->host, server->host, err) == -1 ||
      alloc_set (&location->user, server->user, err) == -1 ||
      alloc_set (&location->datacenter, datacenter, err) == -1 ||
      location_set_password (location, request->password, err) == -1)
    return -1;
  location->uri = datastore_url (server->host, server->port, datacenter,
                                 location->path, err);
  if (location->uri == NULL)
    return -1;
  if (server->no_verify &&
      argv_append (&location->params, "sslverify=false", err) == -1)
    return -1;
  if (server->proxy != NULL &&
      argv_appendf (&location->params, err, "proxy=%s", server->proxy) == -1)
    return -1;
  return 0;
}

static int
reach_disk (const struct vmware_server *server, const struct guest *guest,
            const struct input_request *request, struct location *location,
            struct error *err)
{
  struct vmware_server with_user = *server;

  if (location->kind != LOCATION_FILE)
    return 0;                   /* network disks are what they are */
  if (alloc_set (&location->esx_host, server->esx_host, err) == -1)
    return -1;
  if (request->transport == NULL)
    return use_web (server, guest, request, location, err);
  if (with_user.user == NULL && with_user.host != NULL)
    with_user.user = DEFAULT_USER;
  return vmware_use_vddk (&with_user, guest->vmware.moref, request, location,
                          err);
}

int
vmware_reach_disks (const struct vmware_server *server,
                    const struct input_request *request, struct guest *guest,
                    struct error *err)
{
  const char *transport = request->transport;

  if (transport != NULL && strcmp (transport, "vddk") != 0) {
    error_set (err, REASON_USAGE,
               _("guests of VMware's libvirt connections cannot be read "
                 "with -it %s"), transport);
    error_hint (err, _("use -i vmx -it ssh ssh://root@ESXI/vmfs/volumes/..., "
                       "or -it vddk, or no -it at all"));
    return -1;
  }
  for (size_t i = 0; i < guest->disks.len; i++)
    if (reach_disk (server, guest, request, &guest->disks.ptr[i].location,
                    err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  return vmware_override_files (request, guest, err);
}
