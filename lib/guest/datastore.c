/* SPDX-License-Identifier: GPL-2.0-or-later */

/* VMware's names of disks, "[datastore] folder/disk.vmdk", and the URL
 * under which a VMware server has such a file.  Asking the server is
 * source/source-vcenter.c's.
 */

#include <config.h>

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/uri.h"
#include "guest/datastore.h"

#define EXTENSION ".vmdk"
#define EXTENSION_LEN (sizeof EXTENSION - 1)
#define SNAPSHOT_LEN (sizeof "-000001" - 1)

/* What stands behind "[datastore] ", or NULL. */
static const char *
file_of (const char *path)
{
  const char *end = path[0] == '[' ? strstr (path, "] ") : NULL;

  return end != NULL && end > path + 1 ? end + 2 : NULL;
}

static bool
ends_with_extension (const char *path)
{
  const size_t len = strlen (path);

  return len > EXTENSION_LEN &&
    strcasecmp (path + len - EXTENSION_LEN, EXTENSION) == 0;
}

bool
datastore_path_valid (const char *path)
{
  const char *file = file_of (path);

  return file != NULL && ends_with_extension (file);
}

/* vCenter decodes its parameters twice (its file names it does not). */
static char *
escape_twice (const char *str, struct error *err)
{
  CLEANUP_FREE char *once = uri_escape (str, "/", err);

  return once != NULL ? uri_escape (once, "/", err) : NULL;
}

/* "host" or "host:port". */
static char *
server_name (const char *host, unsigned port, struct error *err)
{
  CLEANUP_FREE char *name = uri_host (host, err);

  if (name == NULL)
    return NULL;
  if (port == 0 || port == 443)
    return STEAL (name);
  return format (err, "%s:%u", name, port);
}

char *
datastore_url (const char *host, unsigned port, const char *datacenter,
               const char *path, struct error *err)
{
  const char *file = file_of (path);
  CLEANUP_FREE char *server = server_name (host, port, err);
  CLEANUP_FREE char *name = strndup (path + 1, (size_t) (file - path) - 3);
  CLEANUP_FREE char *base = strndup (file, strlen (file) - EXTENSION_LEN);
  CLEANUP_FREE char *dc = escape_twice (datacenter, err);
  CLEANUP_FREE char *ds = NULL;
  CLEANUP_FREE char *escaped = NULL;

  if (name == NULL || base == NULL)
    error_nomem (err);
  if (error_is_set (err))
    return NULL;
  ds = escape_twice (name, err);
  escaped = uri_escape (base, "/", err);
  if (ds == NULL || escaped == NULL)
    return NULL;
  return format (err, "https://%s/folder/%s-flat.vmdk?dcPath=%s&dsName=%s",
                 server, escaped, dc, ds);
}

bool
datastore_path_is_snapshot (const char *path)
{
  const size_t len = strlen (path);
  const char *suffix = path + len - EXTENSION_LEN - SNAPSHOT_LEN;

  if (len <= EXTENSION_LEN + SNAPSHOT_LEN || !ends_with_extension (path) ||
      *suffix != '-')
    return false;
  for (size_t i = 1; i < SNAPSHOT_LEN; i++)
    if (!isdigit ((unsigned char) suffix[i]))
      return false;
  return true;
}

char *
datastore_without_snapshot (const char *path, struct error *err)
{
  const size_t len = strlen (path) - EXTENSION_LEN - SNAPSHOT_LEN;

  return format (err, "%.*s%s", (int) len, path, EXTENSION);
}
