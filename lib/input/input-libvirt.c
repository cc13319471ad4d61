/* SPDX-License-Identifier: GPL-2.0-or-later */

/* -i libvirt: a guest of a libvirt connection.  The XML gives the disks'
 * places on the host where the guest is: for a remote connection each is
 * turned into a place that can be reached from here.  libvirt itself is called
 * in libvirt-guest.c.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/uri.h"
#include "input/domain/domain-guest.h"
#include "input/input-libvirt.h"
#include "input/input-vmware.h"
#include "input/input.h"
#include "input/libvirt-guest.h"
#include "io/http.h"

/* The URI of -ic; all is NULL if there is none. */
struct connection {
  struct uri_parts uri;         /* the scheme is the driver: "qemu", "esx" */
  const char *transport;        /* "ssh" of xen+ssh, or NULL */
  bool no_verify;               /* VMware: take any certificate */
  char *proxy;                  /* VMware, or NULL */
};

static void
connection_reset (struct connection *connection)
{
  uri_parts_reset (&connection->uri);
  free (connection->proxy);
}

#define CLEANUP_CONNECTION __attribute__ ((cleanup (connection_reset)))

/* Cut SCHEME, which is written in any case, into driver and transport. */
static void
take_scheme (struct connection *connection, char *scheme)
{
  char *plus = strchr (scheme, '+');

  free (connection->uri.scheme);
  connection->uri.scheme = scheme;
  if (plus == NULL)
    return;
  *plus = '\0';
  connection->transport = plus + 1;
}

/* Parse the query of the URI.  Only libvirt's VMware drivers have these
 * parameters.
 */
static int
parse_query (struct connection *connection, struct error *err)
{
  const char *query = connection->uri.query;
  CLEANUP_FREE char *no_verify = uri_query_value (query, "no_verify", err);

  connection->proxy = uri_query_value (query, "proxy", err);
  connection->no_verify = no_verify != NULL && strcmp (no_verify, "1") == 0;
  return error_is_set (err) ? -1 : 0;
}

/* Without a URI libvirt connects to a hypervisor of this host. */
static int
parse_connection (const char *uri, struct connection *connection,
                  struct error *err)
{
  CLEANUP_FREE char *scheme = NULL;

  if (uri == NULL)
    return 0;
  scheme = uri_scheme (uri);
  if (scheme == NULL) {
    error_hint (err, _("URIs of libvirt look like qemu:///system or "
                       "vpx://USER@HOST/DATACENTER/HOST"));
    return error_set (err, REASON_USAGE, _("-ic: '%s' is not a libvirt URI"),
                      uri);
  }
  if (uri_parse (uri, &connection->uri, err) == -1) {
    error_wrap (err, "-ic");
    return -1;
  }
  take_scheme (connection, STEAL (scheme));
  return connection->uri.query == NULL ? 0 : parse_query (connection, err);
}

static bool
connection_is (const struct connection *connection, const char *driver)
{
  return connection->uri.scheme != NULL &&
    strcmp (connection->uri.scheme, driver) == 0;
}

static bool
is_vmware (const struct connection *connection)
{
  return connection_is (connection, "esx") ||
    connection_is (connection, "vpx") || connection_is (connection, "gsx");
}

/* libvirt waits for minutes for a VMware server that does not answer, and
 * cannot be interrupted meanwhile.  Connections over ssh are not checked: only
 * ssh's own configuration knows which host is meant.
 */
static int
check_endpoint (const struct input_request *request,
                const struct connection *connection, struct error *err)
{
  const char *host = connection->uri.host;
  const unsigned port = connection->uri.port != 0 ? connection->uri.port
                                                  : 443;
  CLEANUP_FREE char *thumbprint = NULL;

  if (!is_vmware (connection) || host == NULL ||
      request->supervisor == NULL || connection->proxy != NULL)
    return 0;
  /* A server that presents a certificate answers. */
  thumbprint = http_thumbprint (host, port, request->supervisor, err);
  if (thumbprint != NULL)
    return 0;
  error_wrap (err, _("cannot connect to %s"), host);
  return -1;
}

static bool
over_ssh (const struct connection *connection)
{
  static const char *const transports[] = { "ssh", "libssh", "libssh2" };

  for (size_t i = 0; i < ARRAY_LEN (transports); i++)
    if (connection->transport != NULL &&
        strcmp (connection->transport, transports[i]) == 0)
      return connection->uri.host != NULL;
  return false;
}

/* libvirt runs ssh, which asks for passwords on the terminal; no_tty makes
 * that an error.  URI may be NULL; the caller frees the result.
 */
static char *
quiet_uri (const char *uri, const struct connection *connection,
           struct error *err)
{
  const char *query;

  if (uri == NULL)
    return NULL;
  query = strchr (uri, '?');
  if (connection->transport == NULL ||
      strcmp (connection->transport, "ssh") != 0 ||
      (query != NULL && strstr (query, "no_tty=") != NULL))
    return alloc_copy (uri, err);
  return format (err, "%s%sno_tty=1", uri, query == NULL ? "?" : "&");
}

/* The URI for messages, and for commands to try. */
static char *
shown_uri (const char *uri, struct error *err)
{
  return uri != NULL ? uri_without_password (uri, err)
    : alloc_copy (_("libvirt's default connection"), err);
}

/* A disk of a host with sshd: a file or a block device. */
static int
move_to_ssh (struct location *location, const struct connection *connection,
             const struct input_request *request, struct error *err)
{
  location->kind = LOCATION_SSH;
  location->port = connection->uri.port;
  if (alloc_set (&location->host, connection->uri.host, err) == -1 ||
      alloc_set (&location->user, connection->uri.user, err) == -1)
    return -1;
  return location_set_password (location, request->password, err);
}

/* As it stands in a URI.  The caller frees it. */
static char *
user_at_host (const struct uri_parts *uri, struct error *err)
{
  CLEANUP_FREE char *host = uri_host (uri->host, err);
  CLEANUP_FREE char *user = uri->user == NULL ? NULL
    : uri_escape (uri->user, "", err);

  return host == NULL ? NULL
    : user == NULL ? STEAL (host) : format (err, "%s@%s", user, host);
}

static int
move_disk (struct location *location, const struct connection *connection,
           const struct input_request *request, struct error *err)
{
  CLEANUP_FREE char *where = NULL;

  if (location->kind != LOCATION_FILE)
    return 0;                   /* network disks are what they are */
  if (over_ssh (connection))
    return move_to_ssh (location, connection, request, err);
  if (connection->uri.host == NULL || connection_is (connection, "test"))
    return 0;
  error_set (err, REASON_UNSUPPORTED,
             _("the disk %s is on %s, where this connection gives no access "
               "to it"), location->path, connection->uri.host);
  where = user_at_host (&connection->uri, err);
  if (where != NULL)
    error_hint (err, _("use a URI with ssh, such as %s+ssh://%s/system"),
                connection->uri.scheme, where);
  return -1;
}

/* vpx://VCENTER/DATACENTER/[CLUSTER/]HOST */
static const char *
esx_host (const struct connection *connection)
{
  const char *slash = connection->uri.path == NULL ? NULL
    : strrchr (connection->uri.path, '/');

  return connection_is (connection, "vpx") && slash != NULL &&
    slash[1] != '\0' ? slash + 1 : NULL;
}

static int
reach_vmware (const struct input_request *request,
              const struct connection *connection, struct guest *guest,
              struct error *err)
{
  const struct vmware_server server = {
    .host = connection->uri.host,
    .port = connection->uri.port,
    .user = connection->uri.user,
    .esx = !connection_is (connection, "vpx"),
    .no_verify = connection->no_verify,
    .proxy = connection->proxy,
    .esx_host = esx_host (connection),
  };

  if (server.host == NULL)
    return error_set (err, REASON_USAGE, _("-ic: the URI has no server name"));
  return vmware_reach_disks (&server, request, guest, err);
}

static int
check_transport (const struct input_request *request,
                 const struct connection *connection, struct error *err)
{
  const char *transport = request->transport;

  if (transport == NULL)
    return 0;
  if (strcmp (transport, "ssh") == 0)
    return over_ssh (connection) ? 0
      : error_set (err, REASON_USAGE,
                   _("-i %s cannot be used with -it %s"), "libvirt",
                   transport);
  error_set (err, REASON_USAGE,
             _("-it %s can only be used with guests of VMware's servers"),
             transport);
  error_hint (err, _("with -i libvirt it needs -ic vpx://... or -ic "
                     "esx://..."));
  return -1;
}

int
libvirt_reach_disks (const struct input_request *request,
                     struct guest *guest, struct error *err)
{
  CLEANUP_CONNECTION struct connection connection = { .transport = NULL };

  if (parse_connection (request->connect, &connection, err) == -1)
    return -1;
  if (is_vmware (&connection))
    return reach_vmware (request, &connection, guest, err);
  if (check_transport (request, &connection, err) == -1)
    return -1;
  for (size_t i = 0; i < guest->disks.len; i++)
    if (move_disk (&guest->disks.ptr[i].location, &connection, request,
                   err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  return 0;
}

static bool
has_snapshot (const struct input_request *request)
{
  return vmware_has_transport (request->transport) &&
    vmware_option (request, "snapshot") != NULL;
}

/* The guests of libvirt's test driver are not real, and a snapshot stays as it
 * is while the guest runs.
 */
static bool
may_be_running (const struct input_request *request,
                const struct connection *connection)
{
  return connection_is (connection, "test") ||
    has_snapshot (request);
}

static char *
fetch_xml (const struct input_request *request,
           const struct connection *connection, struct error *err)
{
  CLEANUP_FREE char *uri = quiet_uri (request->connect, connection, err);
  CLEANUP_FREE char *shown = shown_uri (request->connect, err);
  const struct libvirt_request fetch = {
    .connect = uri,
    .shown = shown,
    .user = connection->uri.user,
    .password = request->password,
    .guest = request->sources->ptr[0],
    .may_be_running = may_be_running (request, connection),
  };

  return error_is_set (err) ? NULL
    : libvirt_guest_xml (&fetch, request->supervisor, err);
}

static int
libvirt_read (const struct input_request *request, struct guest *guest,
              struct error *err)
{
  CLEANUP_CONNECTION struct connection connection = { .transport = NULL };
  CLEANUP_FREE char *xml = NULL;

  if (parse_connection (request->connect, &connection, err) == -1 ||
      check_endpoint (request, &connection, err) == -1)
    return -1;
  xml = fetch_xml (request, &connection, err);
  if (xml == NULL ||
      domain_read_guest (xml, strlen (xml), request->sources->ptr[0],
                         request, guest, err) == -1)
    return -1;
  return libvirt_reach_disks (request, guest, err);
}

/* libvirt and the disks of VMware's servers want a password, other connections
 * have their own ways.
 */
static char *
libvirt_login (const struct input_request *request, struct error *err)
{
  CLEANUP_CONNECTION struct connection connection = { .transport = NULL };
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  return parse_connection (request->connect, &connection, &ignored) == -1 ||
    !is_vmware (&connection) ? NULL
    : input_login (connection.uri.user, connection.uri.host, err);
}

const struct input_ops input_libvirt = {
  .name = "libvirt",
  .one_source = N_("-i libvirt takes the name or UUID of one guest"),
  .login = libvirt_login,
  .read = libvirt_read,
};
