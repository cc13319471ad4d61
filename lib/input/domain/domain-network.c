/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Disks of type network in libvirt's domain XML.  Names in the XML are
 * literal: a percent sign is one, and is encoded where a URI is made of the
 * name.  <readahead> is accepted and ignored: how far to read ahead is decided
 * in lib/launch by the kind of source.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/uri.h"
#include "input/domain/domain.h"

/* Characters of a path, and of a whole query, that are not encoded. */
#define URI_PATH_SAFE "/!$&'()*+,;=:@"
#define URI_QUERY_SAFE URI_PATH_SAFE "?%"

/* A disk's <source> as text.  All but protocol may be NULL. */
struct source {
  char *protocol, *name, *query;
  char *host, *transport, *socket;
  unsigned port;                /* 0: none given */
  bool tls;
};

static void
source_reset (struct source *source)
{
  free (source->protocol);
  free (source->name);
  free (source->query);
  free (source->host);
  free (source->transport);
  free (source->socket);
}

#define CLEANUP_SOURCE __attribute__ ((cleanup (source_reset)))

/* "host:port" for a URI.  The caller frees it. */
static char *
authority (const struct source *source, struct error *err)
{
  CLEANUP_FREE char *host = uri_host (source->host, err);

  if (host == NULL || source->port == 0)
    return STEAL (host);
  return format (err, "%s:%u", host, source->port);
}

static bool
has_tcp (struct domain *domain, const struct xml_node *node,
         const struct source *source)
{
  if (source->transport != NULL && strcmp (source->transport, "tcp") != 0)
    domain_error (domain, node,
                  _("disks of protocol '%s' over transport '%s' are not "
                    "supported"), source->protocol, source->transport);
  if (source->host == NULL)
    domain_error (domain, node, _("the disk's source has no host name"));
  return !error_is_set (domain->err);
}

static bool
has_tcp_and_name (struct domain *domain, const struct xml_node *node,
                  const struct source *source)
{
  if (has_tcp (domain, node, source) && source->name == NULL)
    domain_error (domain, node, _("the disk's source has no name"));
  return !error_is_set (domain->err);
}

static char *
curl_uri (const struct source *source, struct error *err)
{
  const char *name = source->name;
  CLEANUP_FREE char *server = authority (source, err);
  CLEANUP_FREE char *path = uri_escape (name + (name[0] == '/'),
                                        URI_PATH_SAFE, err);
  CLEANUP_FREE char *query =
    uri_escape (source->query != NULL ? source->query : "", URI_QUERY_SAFE,
                err);

  if (server == NULL || path == NULL || query == NULL)
    return NULL;
  return format (err, "%s://%s/%s%s%s", source->protocol, server, path,
                 *query != '\0' ? "?" : "", query);
}

/* A newline in a cookie would begin another header, and a semicolon another
 * cookie.
 */
static bool
cookie_part_valid (const char *str, const char *forbidden)
{
  for (; *str != '\0'; str++)
    if ((unsigned char) *str < 0x20 || *str == 0x7f ||
        strchr (forbidden, *str) != NULL)
      return false;
  return true;
}

/* LIST, which is freed and NULL at first, with one more cookie.  NULL: the
 * domain has an error.
 */
static char *
add_cookie (struct domain *domain, const struct xml_node *cookie, char *list)
{
  CLEANUP_FREE char *before = list;
  CLEANUP_FREE char *name = domain_string (domain, cookie, "@name");
  CLEANUP_FREE char *value = NULL;

  if (xml_string (domain->xml, cookie, ".", &value, domain->err) == -1)
    return NULL;
  if (name == NULL || !cookie_part_valid (name, "=;, ") ||
      !cookie_part_valid (value, ";")) {
    domain_error (domain, cookie, _("this is not a cookie"));
    return NULL;
  }
  return format (domain->err, "%s%s%s=%s",
                 before == NULL ? "cookie=" : before,
                 before == NULL ? "" : "; ", name, value);
}

static void
read_cookies (struct domain *domain, const struct xml_node *node,
              struct location *location)
{
  CLEANUP_XML_NODES struct xml_nodes cookies = { .len = 0 };
  char *param = NULL;

  xml_find_all (domain->xml, node, "cookies/cookie", &cookies, domain->err);
  for (size_t i = 0; i < cookies.len && !error_is_set (domain->err); i++)
    param = add_cookie (domain, cookies.ptr[i], param);
  if (param != NULL)
    argv_take (&location->cookie_params, param, domain->err);
}

/* Append KEY=VALUE if EXPR has a value. */
static void
read_param (struct domain *domain, const struct xml_node *node,
            const char *expr, const char *key, struct location *location)
{
  CLEANUP_FREE char *value = domain_string (domain, node, expr);

  if (value != NULL)
    argv_appendf (&location->params, domain->err, "%s=%s", key, value);
}

/* <timeout seconds='N'/>, which curl and ssh have.  0 is libvirt's way to
 * say: the default.
 */
static void
read_timeout (struct domain *domain, const struct xml_node *node,
              struct location *location)
{
  const uint64_t seconds = domain_uint (domain, node, "timeout/@seconds", 0,
                                        INT32_MAX, 0);

  if (seconds != 0)
    argv_appendf (&location->params, domain->err, "timeout=%u",
                  (unsigned) seconds);
}

static void
read_curl (struct domain *domain, const struct xml_node *node,
           const struct source *source, struct location *location)
{
  location->kind = LOCATION_CURL;
  if (!has_tcp_and_name (domain, node, source))
    return;
  location->uri = curl_uri (source, domain->err);
  read_cookies (domain, node, location);
  if (domain_equals (domain, node, "ssl/@verify", "no"))
    argv_append (&location->params, "sslverify=false", domain->err);
  read_timeout (domain, node, location);
  /* Without a user the password of -ip is meant for another disk or for
   * libvirt.
   */
  if (location->user != NULL)
    location_set_password (location, domain->request->password, domain->err);
}

/* <identity username= keyfile= agentsock=> and <auth> both name the user. */
static void
read_identity (struct domain *domain, const struct xml_node *node,
               struct location *location)
{
  CLEANUP_FREE char *user = domain_string (domain, node,
                                           "identity/@username");

  if (user != NULL && location->user != NULL &&
      strcmp (user, location->user) != 0)
    domain_error (domain, node,
                  _("the disk's source names two users, '%s' and '%s'"),
                  location->user, user);
  if (location->user == NULL)
    location->user = STEAL (user);
  read_param (domain, node, "identity/@keyfile", "identity", location);
  location->agent_socket = domain_string (domain, node,
                                          "identity/@agentsock");
}

static void
read_ssh (struct domain *domain, const struct xml_node *node,
          const struct source *source, struct location *location)
{
  location->kind = LOCATION_SSH;
  if (!has_tcp_and_name (domain, node, source))
    return;
  location->host = alloc_copy (source->host, domain->err);
  location->path = alloc_copy (source->name, domain->err);
  location->port = source->port;
  read_identity (domain, node, location);
  read_param (domain, node, "knownHosts/@path", "known-hosts", location);
  read_timeout (domain, node, location);
  location_set_password (location, domain->request->password, domain->err);
}

static bool
is_unix (const struct source *source)
{
  return source->transport != NULL && strcmp (source->transport, "unix") == 0;
}

static char *
nbd_uri (const struct source *source, struct error *err)
{
  const char *s = source->tls ? "s" : "";
  CLEANUP_FREE char *name =
    uri_escape (source->name != NULL ? source->name : "", URI_PATH_SAFE, err);
  CLEANUP_FREE char *server = is_unix (source)
    ? uri_escape (source->socket, "/", err) : authority (source, err);

  if (name == NULL || server == NULL)
    return NULL;
  return is_unix (source)
    ? format (err, "nbd%s+unix:///%s?socket=%s", s, name, server)
    : format (err, "nbd%s://%s/%s", s, server, name);
}

static void
read_nbd (struct domain *domain, const struct xml_node *node,
          const struct source *source, struct location *location)
{
  location->kind = LOCATION_NBD;
  if (is_unix (source) && source->socket == NULL)
    domain_error (domain, node, _("the disk's source has no socket"));
  else if (is_unix (source) || has_tcp (domain, node, source))
    location->uri = nbd_uri (source, domain->err);
}

/* How each protocol's location is made. */
static const struct protocol {
  const char *name;
  void (*read) (struct domain *, const struct xml_node *node,
                const struct source *, struct location *);
} protocols[] = {
  { "http", read_curl },
  { "https", read_curl },
  { "ftp", read_curl },
  { "ftps", read_curl },
  { "ssh", read_ssh },
  { "nbd", read_nbd },
};

static const struct protocol *
find_protocol (struct domain *domain, const struct xml_node *node,
               const char *name)
{
  if (name == NULL) {
    domain_error (domain, node, _("the disk's source has no protocol"));
    return NULL;
  }
  for (size_t i = 0; i < ARRAY_LEN (protocols); i++)
    if (strcmp (protocols[i].name, name) == 0)
      return &protocols[i];
  domain_hint (domain, _("let qemu-nbd serve the disk, and give its NBD URI "
                         "to -i disk"));
  domain_error (domain, node,
                _("network disks of protocol '%s' are not supported"), name);
  return NULL;
}

/* Only URIs need brackets round an IPv6 address, but people write them in the
 * XML too.
 */
static void
strip_brackets (char *host)
{
  const size_t len = strlen (host);

  if (len < 2 || host[0] != '[' || host[len - 1] != ']')
    return;
  memmove (host, host + 1, len - 2);
  host[len - 2] = '\0';
}

static void
read_host (struct domain *domain, const struct xml_node *node,
           struct source *source)
{
  const struct xml_node *host = domain_find (domain, node, "host");

  if (host == NULL)
    return;
  source->host = domain_string (domain, host, "@name");
  source->transport = domain_string (domain, host, "@transport");
  source->socket = domain_string (domain, host, "@socket");
  source->port = (unsigned) domain_uint (domain, host, "@port", 0,
                                         DOMAIN_MAX_PORT, 0);
  if (source->host == NULL)
    return;
  strip_brackets (source->host);
  if (!uri_host_valid (source->host))
    domain_error (domain, host, _("'%s' is not a host name"), source->host);
}

void
domain_read_network (struct domain *domain, const struct xml_node *disk,
                     const struct xml_node *node, struct location *location)
{
  CLEANUP_SOURCE struct source source = {
    .protocol = domain_string (domain, node, "@protocol"),
  };
  const struct protocol *protocol = find_protocol (domain, node,
                                                   source.protocol);

  if (protocol == NULL)
    return;
  source.name = domain_string (domain, node, "@name");
  source.query = domain_string (domain, node, "@query");
  source.tls = domain_equals (domain, node, "@tls", "yes");
  read_host (domain, node, &source);
  location->user = domain_string (domain, node, "auth/@username");
  if (location->user == NULL)   /* until libvirt 3.9 beside <source> */
    location->user = domain_string (domain, disk, "auth/@username");
  if (!error_is_set (domain->err))
    protocol->read (domain, node, &source, location);
}
