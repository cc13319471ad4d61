/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Disks of type network.  What libvirt's XML says is literal: a percent
 * sign in a path is one, so that it is encoded where a URI is made of it.
 * <readahead> is accepted and not used: how far to read ahead is decided
 * by what the source is and what reads it.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/format.h"
#include "base/memstream.h"
#include "base/uri-host.h"
#include "base/uri.h"
#include "input/domain/domain.h"

/* What may stand in a path, and in a whole query, as it is. */
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

/* How each protocol's location is made. */
struct protocol {
  const char *name;
  int (*read) (struct domain *, const struct xml_node *node,
               const struct source *, struct location *);
};

/* "host:port" for a URI.  The caller frees it. */
static char *
authority (const struct source *source, struct error *err)
{
  CLEANUP_FREE char *host = uri_host (source->host, err);

  if (host == NULL || source->port == 0)
    return STEAL (host);
  return format (err, "%s:%u", host, source->port);
}

static int
require_tcp (struct domain *domain, const struct xml_node *node,
             const struct source *source)
{
  if (source->transport != NULL && strcmp (source->transport, "tcp") != 0)
    return domain_error (domain, node,
                         _("disks of protocol '%s' over transport '%s' are "
                           "not supported"), source->protocol,
                         source->transport);
  if (source->host == NULL)
    return domain_error (domain, node,
                         _("the disk's source has no host name"));
  return 0;
}

static int
require_name (struct domain *domain, const struct xml_node *node,
              const struct source *source)
{
  if (source->name == NULL)
    return domain_error (domain, node, _("the disk's source has no name"));
  return 0;
}

static int
set_curl_uri (const struct source *source, struct location *location,
              struct error *err)
{
  const char *name = source->name;
  CLEANUP_FREE char *server = authority (source, err);
  CLEANUP_FREE char *path = uri_escape (name + (name[0] == '/'),
                                        URI_PATH_SAFE, err);
  CLEANUP_FREE char *query =
    uri_escape (source->query != NULL ? source->query : "", URI_QUERY_SAFE,
                err);

  if (server == NULL || path == NULL || query == NULL)
    return -1;
  location->uri = format (err, "%s://%s/%s%s%s", source->protocol, server,
                          path, *query != '\0' ? "?" : "", query);
  return location->uri == NULL ? -1 : 0;
}

/* A header's value ends at a newline and a cookie at a semicolon; whatever
 * came behind would be somebody else's.
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

static int
print_cookie (struct domain *domain, const struct xml_node *cookie, FILE *fp,
              bool first)
{
  CLEANUP_FREE char *name = NULL, *value = NULL;

  if (domain_string (domain, cookie, "@name", &name) == -1 ||
      xml_string (domain->xml, cookie, ".", &value, domain->err) == -1)
    return -1;
  if (name == NULL || !cookie_part_valid (name, "=;, ") ||
      !cookie_part_valid (value, ";"))
    return domain_error (domain, cookie, _("this is not a cookie"));
  fprintf (fp, "%s%s=%s", first ? "" : "; ", name, value);
  return 0;
}

static int
print_cookies (struct domain *domain, const struct xml_nodes *cookies,
               FILE *fp)
{
  fputs ("cookie=", fp);
  for (size_t i = 0; i < cookies->len; i++)
    if (print_cookie (domain, cookies->ptr[i], fp, i == 0) == -1)
      return -1;
  return 0;
}

static int
read_cookies (struct domain *domain, const struct xml_node *node,
              struct location *location)
{
  CLEANUP_XML_NODES struct xml_nodes cookies = { .len = 0 };
  char *param = NULL;
  size_t len;
  FILE *fp;
  int r;

  if (xml_find_all (domain->xml, node, "cookies/cookie", &cookies,
                    domain->err) == -1)
    return -1;
  if (cookies.len == 0)
    return 0;
  fp = open_memstream (&param, &len);
  if (fp == NULL)
    return error_nomem (domain->err);
  r = print_cookies (domain, &cookies, fp);
  if (memstream_close (fp, &param) == -1)
    r = error_nomem (domain->err);
  if (r == 0)
    return argv_take (&location->cookie_params, param, domain->err);
  free (param);
  return -1;
}

static int
set_password (struct domain *domain, struct location *location)
{
  return location_set_password (location, domain->request->password,
                                domain->err);
}

/* <timeout seconds='N'/>, which curl and ssh have. */
static int
read_timeout (struct domain *domain, const struct xml_node *node,
              struct location *location)
{
  uint64_t seconds = 0;

  if (domain_uint (domain, node, "timeout/@seconds", 0, INT32_MAX,
                   &seconds) == -1)
    return -1;
  if (seconds == 0)             /* libvirt's way to say: the default */
    return 0;
  return argv_appendf (&location->params, domain->err, "timeout=%u",
                       (unsigned) seconds);
}

static int
read_curl (struct domain *domain, const struct xml_node *node,
           const struct source *source, struct location *location)
{
  bool insecure;

  location->kind = LOCATION_CURL;
  if (require_tcp (domain, node, source) == -1 ||
      require_name (domain, node, source) == -1 ||
      set_curl_uri (source, location, domain->err) == -1 ||
      read_cookies (domain, node, location) == -1 ||
      domain_equals (domain, node, "ssl/@verify", "no", &insecure) == -1)
    return -1;
  if (insecure &&
      argv_append (&location->params, "sslverify=false", domain->err) == -1)
    return -1;
  if (read_timeout (domain, node, location) == -1)
    return -1;
  /* Without a user the password is meant for something else. */
  return location->user == NULL ? 0 : set_password (domain, location);
}

/* Append KEY=VALUE if EXPR has a value. */
static int
read_param (struct domain *domain, const struct xml_node *node,
            const char *expr, const char *key, struct location *location)
{
  CLEANUP_FREE char *value = NULL;

  if (domain_string (domain, node, expr, &value) == -1)
    return -1;
  if (value == NULL)
    return 0;
  return argv_appendf (&location->params, domain->err, "%s=%s", key, value);
}

/* <identity username= keyfile= agentsock=> and <auth> both name the user. */
static int
read_identity (struct domain *domain, const struct xml_node *node,
               struct location *location)
{
  CLEANUP_FREE char *user = NULL;

  if (domain_string (domain, node, "identity/@username", &user) == -1)
    return -1;
  if (user != NULL && location->user != NULL &&
      strcmp (user, location->user) != 0)
    return domain_error (domain, node,
                         _("the disk's source names two users, '%s' and "
                           "'%s'"), location->user, user);
  if (location->user == NULL)
    location->user = STEAL (user);
  if (read_param (domain, node, "identity/@keyfile", "identity",
                  location) == -1)
    return -1;
  return domain_string (domain, node, "identity/@agentsock",
                        &location->agent_socket);
}

static int
read_ssh (struct domain *domain, const struct xml_node *node,
          const struct source *source, struct location *location)
{
  location->kind = LOCATION_SSH;
  if (require_tcp (domain, node, source) == -1 ||
      require_name (domain, node, source) == -1)
    return -1;
  location->port = source->port;
  if (alloc_set (&location->host, source->host, domain->err) == -1 ||
      alloc_set (&location->path, source->name, domain->err) == -1 ||
      read_identity (domain, node, location) == -1 ||
      read_param (domain, node, "knownHosts/@path", "known-hosts",
                  location) == -1 ||
      read_timeout (domain, node, location) == -1)
    return -1;
  return set_password (domain, location);
}

static bool
is_unix (const struct source *source)
{
  return source->transport != NULL && strcmp (source->transport, "unix") == 0;
}

static int
set_nbd_uri (const struct source *source, struct location *location,
             struct error *err)
{
  const char *s = source->tls ? "s" : "";
  CLEANUP_FREE char *name =
    uri_escape (source->name != NULL ? source->name : "", URI_PATH_SAFE, err);
  CLEANUP_FREE char *server = is_unix (source)
    ? uri_escape (source->socket, "/", err) : authority (source, err);

  if (name == NULL || server == NULL)
    return -1;
  location->uri = is_unix (source)
    ? format (err, "nbd%s+unix:///%s?socket=%s", s, name, server)
    : format (err, "nbd%s://%s/%s", s, server, name);
  return location->uri == NULL ? -1 : 0;
}

static int
read_nbd (struct domain *domain, const struct xml_node *node,
          const struct source *source, struct location *location)
{
  location->kind = LOCATION_NBD;
  if (is_unix (source) && source->socket == NULL)
    return domain_error (domain, node, _("the disk's source has no socket"));
  if (!is_unix (source) && require_tcp (domain, node, source) == -1)
    return -1;
  return set_nbd_uri (source, location, domain->err);
}

static const struct protocol protocols[] = {
  { "http", read_curl },
  { "https", read_curl },
  { "ftp", read_curl },
  { "ftps", read_curl },
  { "ssh", read_ssh },
  { "nbd", read_nbd },
};

static const struct protocol *
find_protocol (const char *name)
{
  for (size_t i = 0; i < ARRAY_LEN (protocols); i++)
    if (strcmp (protocols[i].name, name) == 0)
      return &protocols[i];
  return NULL;
}

/* Brackets round an IPv6 address are a URI's matter, but people write them
 * here too.
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

static int
read_host (struct domain *domain, const struct xml_node *node,
           struct source *source)
{
  const struct xml_node *host;
  uint64_t port = 0;

  if (domain_find (domain, node, "host", &host) == -1)
    return -1;
  if (host == NULL)
    return 0;
  if (domain_string (domain, host, "@name", &source->host) == -1 ||
      domain_string (domain, host, "@transport", &source->transport) == -1 ||
      domain_string (domain, host, "@socket", &source->socket) == -1 ||
      domain_uint (domain, host, "@port", 0, DOMAIN_MAX_PORT, &port) == -1)
    return -1;
  source->port = (unsigned) port;
  if (source->host == NULL)
    return 0;
  strip_brackets (source->host);
  if (!uri_host_valid (source->host))
    return domain_error (domain, host, _("'%s' is not a host name"),
                         source->host);
  return 0;
}

static int
read_source (struct domain *domain, const struct xml_node *node,
             struct source *source)
{
  if (domain_string (domain, node, "@name", &source->name) == -1 ||
      domain_string (domain, node, "@query", &source->query) == -1 ||
      domain_equals (domain, node, "@tls", "yes", &source->tls) == -1)
    return -1;
  return read_host (domain, node, source);
}

static int
find_source_protocol (struct domain *domain, const struct xml_node *node,
                      struct source *source, const struct protocol **ret)
{
  if (domain_string (domain, node, "@protocol", &source->protocol) == -1)
    return -1;
  if (source->protocol == NULL)
    return domain_error (domain, node, _("the disk's source has no protocol"));
  *ret = find_protocol (source->protocol);
  if (*ret == NULL) {
    error_hint (domain->err, _("let qemu-nbd serve the disk, and give its "
                               "NBD URI to -i disk"));
    return domain_error (domain, node,
                         _("network disks of protocol '%s' are not "
                           "supported"), source->protocol);
  }
  return 0;
}

int
domain_read_network (struct domain *domain, const struct xml_node *disk,
                     const struct xml_node *source_node,
                     struct location *location)
{
  CLEANUP_SOURCE struct source source = { .protocol = NULL };
  const struct protocol *protocol;

  if (find_source_protocol (domain, source_node, &source, &protocol) == -1 ||
      read_source (domain, source_node, &source) == -1)
    return -1;
  /* Until libvirt 3.9 <auth> stood beside <source>. */
  if (domain_string (domain, source_node, "auth/@username",
                     &location->user) == -1)
    return -1;
  if (location->user == NULL &&
      domain_string (domain, disk, "auth/@username", &location->user) == -1)
    return -1;
  return protocol->read (domain, source_node, &source, location);
}
