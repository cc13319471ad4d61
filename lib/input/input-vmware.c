/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Disks on VMware's servers: the web server's URL of each, or what the
 * transport of -it needs to know.  Which nbdkit plugin reads them, and with
 * which parameters, is the matter of lib/source.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "base/uri.h"
#include "guest/datastore.h"
#include "guest/guest.h"
#include "input/input-request.h"
#include "input/input-vmware.h"

/* An ESXi host has one datacenter, which is always called so. */
#define ESX_DATACENTER "ha-datacenter"

/* virt-v2v's. */
#define DEFAULT_USER "root"

struct transport {
  const char *name;
  enum location_kind kind;
};

/* That of NAME (or NULL) that reads VMware's disks, or NULL. */
static const struct transport *
find_transport (const char *name)
{
  static const struct transport transports[] = {
    { "nfc", LOCATION_NFC },
    { "vddk", LOCATION_VDDK },
  };

  for (size_t i = 0; name != NULL && i < ARRAY_LEN (transports); i++)
    if (strcmp (name, transports[i].name) == 0)
      return &transports[i];
  return NULL;
}

/* "vddk-port": long enough for each of them. */
struct option_name {
  char text[32];
};

/* The transports have the same options, each under its own name. */
static struct option_name
option_name (const struct input_request *request, const char *name)
{
  struct option_name ret;

  snprintf (ret.text, sizeof ret.text, "%s-%s", request->transport, name);
  return ret;
}

const char *
vmware_option (const struct input_request *request, const char *name)
{
  return argv_value (request->options, option_name (request, name).text);
}

static const char *
option_or (const struct input_request *request, const char *name,
           const char *otherwise)
{
  const char *value = vmware_option (request, name);

  return value != NULL ? value : otherwise;
}

bool
vmware_has_transport (const char *transport)
{
  return find_transport (transport) != NULL;
}

static int
set_port (const struct vmware_server *server,
          const struct input_request *request, struct location *location,
          struct error *err)
{
  const struct option_name option = option_name (request, "port");
  const char *port = vmware_option (request, "port");
  uint64_t number;

  location->port = server->port;
  if (port == NULL)
    return 0;
  if (parse_uint (option.text, port, 1, 65535, &number, err) == -1)
    return -1;
  location->port = (unsigned) number;
  return 0;
}

/* "vcenter:443", "[::1]:443" or "https://vcenter". */
static int
check_server (const struct input_request *request, struct error *err)
{
  const struct option_name option = option_name (request, "server");
  const char *server = vmware_option (request, "server");
  const char *colon = server != NULL ? strrchr (server, ':') : NULL;
  size_t digits = colon != NULL ? strspn (colon + 1, "0123456789") : 0;

  if (server == NULL || uri_host_valid (server))
    return 0;
  error_set (err, REASON_USAGE, _("-io %s takes the name of a host alone"),
             option.text);
  if (digits > 0 && colon[1 + digits] == '\0')
    error_hint (err, _("a port is given by -io %s=%s"),
                option_name (request, "port").text, colon + 1);
  return -1;
}

/* With VDDK the server's thumbprint is checked in any case. */
static int
set_verification (const struct vmware_server *server,
                  struct location *location, struct error *err)
{
  return server->no_verify && location->kind == LOCATION_NFC
    ? argv_append (&location->params, "insecure=true", err) : 0;
}

int
vmware_use_transport (const struct vmware_server *server, const char *moref,
                      const struct input_request *request,
                      struct location *location, struct error *err)
{
  location->kind = find_transport (request->transport)->kind;
  if (check_server (request, err) == -1 ||
      set_port (server, request, location, err) == -1 ||
      set_verification (server, location, err) == -1 ||
      alloc_set (&location->host, option_or (request, "server", server->host),
                 err) == -1 ||
      alloc_set (&location->user, option_or (request, "user", server->user),
                 err) == -1 ||
      alloc_set (&location->moref, option_or (request, "moref", moref),
                 err) == -1)
    return -1;
  return location_set_password (location, request->password, err);
}

char *
vmware_login (const struct input_request *request, struct error *err)
{
  return !vmware_has_transport (request->transport) ? NULL
    : input_login (vmware_option (request, "user"),
                   vmware_option (request, "server"), err);
}

static int
override_files (const struct input_request *request, struct guest *guest,
                struct error *err)
{
  const struct option_name option = option_name (request, "file");
  const struct argv *options = request->options;
  size_t n = 0;

  for (size_t i = 0; options != NULL && i < options->len; i++) {
    const char *file = key_value (options->ptr[i], option.text);

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
                    _("-io %s must be given once for each disk, of which "
                      "there are %zu"), option.text, guest->disks.len);
}

int
vmware_override_files (const struct input_request *request,
                       struct guest *guest, struct error *err)
{
  return vmware_has_transport (request->transport)
    ? override_files (request, guest, err) : 0;
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
  return vmware_use_transport (&with_user, guest->vmware.moref, request,
                               location, err);
}

int
vmware_reach_disks (const struct vmware_server *server,
                    const struct input_request *request, struct guest *guest,
                    struct error *err)
{
  const char *transport = request->transport;

  if (transport != NULL && !vmware_has_transport (transport)) {
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
