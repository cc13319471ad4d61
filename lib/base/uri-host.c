/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Host names and addresses as they stand in URIs.  uri.c has everything
 * else about URIs.
 */

#include <config.h>

#include <arpa/inet.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/format.h"
#include "base/uri-host.h"
#include "base/uri.h"

/* Not isalnum: that is the locale's opinion. */
static const char unreserved[] =
  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";

/* An IPv6 address, with its zone (%eth0) if it has one. */
static bool
is_ipv6 (const char *host)
{
  char address[INET6_ADDRSTRLEN];
  struct in6_addr ignored;
  const size_t len = strcspn (host, "%");

  if (len >= sizeof address)
    return false;
  memcpy (address, host, len);
  address[len] = '\0';
  return inet_pton (AF_INET6, address, &ignored) == 1;
}

bool
uri_host_valid (const char *host)
{
  const char *zone = strchr (host, '%');

  if (strchr (host, ':') != NULL)
    return is_ipv6 (host) &&
      (zone == NULL || zone[1 + strspn (zone + 1, unreserved)] == '\0');
  if (*host == '\0' || *host == '-')
    return false;
  /* Bytes above 0x7f are international names, not in ASCII yet. */
  for (; *host != '\0'; host++)
    if ((unsigned char) *host < 0x80 && strchr (unreserved, *host) == NULL)
      return false;
  return true;
}

char *
uri_host (const char *host, struct error *err)
{
  CLEANUP_FREE char *escaped = uri_escape (host, ":", err);

  if (escaped == NULL)
    return NULL;
  return format (err, strchr (host, ':') != NULL ? "[%s]" : "%s", escaped);
}
