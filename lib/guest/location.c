/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a user writes for a disk: a path, or a URI of a known scheme. */

#include <config.h>

#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/memstream.h"
#include "base/nbd-uri.h"
#include "base/secret.h"
#include "base/uri.h"
#include "guest/location.h"
#include "guest/suggest-source.h"

/* Cookies are secrets: they do not stay behind in freed memory. */
static void
reset_secret_params (struct argv *params)
{
  for (size_t i = 0; i < params->len; i++)
    explicit_bzero (params->ptr[i], strlen (params->ptr[i]));
  argv_reset (params);
}

void
location_reset (struct location *location)
{
  free (location->path);
  free (location->named);
  free (location->uri);
  free (location->host);
  free (location->esx_host);
  free (location->user);
  secret_free (location->password);
  free (location->moref);
  free (location->datacenter);
  free (location->thumbprint);
  free (location->plugin);
  free (location->agent_socket);
  argv_reset (&location->files);
  local_file_free (location->file);
  local_files_free (&location->parts);
  free (location->descriptor);
  argv_reset (&location->params);
  reset_secret_params (&location->cookie_params);
  free (location->origin.name);
  free (location->origin.path);
  local_file_free (location->origin.file);
  free (location->part.tar_entry);
  *location = (struct location) { .kind = LOCATION_FILE };
}

/* A relative path is one below the user's home, which URIs cannot say but
 * people write so.
 */
static void
describe_ssh (FILE *fp, const struct location *location, struct error *err)
{
  const bool bracket = strchr (location->host, ':') != NULL;
  CLEANUP_FREE char *user = location->user == NULL ? NULL
    : uri_escape (location->user, "!$&'()*+,;=", err);

  fputs ("ssh://", fp);
  /* As it has to be given: it may hold an @ itself. */
  if (user != NULL)
    fprintf (fp, "%s@", user);
  fprintf (fp, bracket ? "[%s]" : "%s", location->host);
  if (location->port != 0)
    fprintf (fp, ":%u", location->port);
  fprintf (fp, location->path[0] == '/' ? "%s" : "/~/%s", location->path);
}

/* URI: the location's, if it has one. */
static void
print_address (FILE *fp, const struct location *location, const char *uri,
               struct error *err)
{
  switch (location->kind) {
  case LOCATION_FILE:
  case LOCATION_VDDK:
  case LOCATION_NFC:
  case LOCATION_VCENTER:
  case LOCATION_VMDK:
  case LOCATION_UNSUPPORTED:
    fputs (location->path, fp);
    break;
  case LOCATION_NBD:
  case LOCATION_CURL:
    fputs (uri, fp);
    break;
  case LOCATION_SSH:
    describe_ssh (fp, location, err);
    break;
  case LOCATION_PLUGIN:
    /* Not the parameters: there may be a password among them. */
    fprintf (fp, "nbdkit %s", location->plugin);
    break;
  }
}

static char *
address_with (const struct location *location, const char *uri,
              struct error *err)
{
  char *ret = NULL;
  size_t len;
  FILE *fp = open_memstream (&ret, &len);

  if (fp == NULL) {
    error_nomem (err);
    return NULL;
  }
  print_address (fp, location, uri, err);
  if (memstream_close (fp, &ret) == -1)
    error_nomem (err);
  return ret;
}

char *
location_address (const struct location *location, struct error *err)
{
  CLEANUP_FREE char *uri = NULL;

  if (location->kind != LOCATION_CURL)
    return address_with (location, location->uri, err);
  uri = uri_without_values (location->uri, err);
  return uri == NULL ? NULL : address_with (location, uri, err);
}

/* ADDRESS with the part of it that is the disk; it is taken. */
static char *
add_part (char *address, const struct location *location, struct error *err)
{
  CLEANUP_FREE char *taken = address;

  if (address != NULL && location->part.tar_entry != NULL)
    return format (err, "%s (%s)", address, location->part.tar_entry);
  if (address != NULL &&
      (location->part.offset != 0 || location->part.length != 0))
    return format (err, "%s (+%" PRIu64 ")", address, location->part.offset);
  return STEAL (taken);
}

char *
location_describe (const struct location *location, struct error *err)
{
  return add_part (location_address (location, err), location, err);
}

char *
location_identity (const struct location *location, struct error *err)
{
  return add_part (address_with (location, location->uri, err), location,
                   err);
}

const char *
location_local_path (const struct location *location)
{
  return location->kind == LOCATION_FILE ? location->path : NULL;
}

char *
location_limited_by (const struct location *location, struct error *err)
{
  CLEANUP_URI struct uri_parts parts = { .host = NULL };
  const char *host = location->esx_host != NULL ? location->esx_host
    : location->host != NULL ? location->host
    /* -i nbdkit: as the plugins that have a server call it. */
    : argv_value (&location->params, "server");
  char *ret;

  if (host == NULL)
    host = argv_value (&location->params, "host");
  if (host == NULL && location->kind == LOCATION_CURL) {
    if (uri_parse (location->uri, &parts, err) == -1)
      return NULL;
    host = parts.host;
  }
  ret = alloc_copy (host != NULL ? host : "localhost", err);
  /* DNS knows no case. */
  for (char *p = ret; p != NULL && *p != '\0'; p++)
    if (*p >= 'A' && *p <= 'Z')
      *p = (char) (*p - 'A' + 'a');
  return ret;
}

const char *
location_nbd_uri (const struct location *location)
{
  return location->kind == LOCATION_NBD ? location->uri : NULL;
}

int
location_open (struct location *location, struct error *err)
{
  if (location->kind != LOCATION_FILE || location->file != NULL)
    return 0;
  location->file = local_file_open (location->path, err);
  return location->file != NULL ? 0 : -1;
}

int
location_check_names (const struct location *location, struct error *err)
{
  if (location->file != NULL &&
      local_file_check_name (location->file, err) == -1)
    return -1;
  for (size_t i = 0; i < location->parts.len; i++)
    if (local_file_check_name (location->parts.ptr[i], err) == -1)
      return -1;
  return 0;
}

int
location_set_password (struct location *location,
                       const struct secret *password, struct error *err)
{
  struct secret *copy;

  if (password == NULL)
    return 0;
  copy = secret_copy (password, err);
  if (copy == NULL)
    return -1;
  secret_free (location->password);
  location->password = copy;
  return 0;
}

int
location_default_password (struct location *location,
                           const struct secret *password, struct error *err)
{
  return location->password != NULL ? 0
    : location_set_password (location, password, err);
}

static int
take_password (struct location *location, const struct uri_parts *parts,
               struct error *err)
{
  if (parts->password == NULL)
    return 0;
  secret_free (location->password);
  location->password = secret_new (parts->password,
                                   strlen (parts->password), err);
  return location->password != NULL ? 0 : -1;
}

/* Does nbdkit's curl plugin take it as it is? */
static bool
is_plain_url (const char *url)
{
  for (; *url != '\0'; url++)
    if (*url <= ' ' || *url == 0x7f || *url == '@')
      return false;
  return true;
}

static int
curl_location (const char *str, const struct uri_parts *parts,
               struct location *location, struct error *err)
{
  location->kind = LOCATION_CURL;
  if (parts->host == NULL)
    return error_set (err, REASON_USAGE, _("the URL has no host"));
  if (take_password (location, parts, err) == -1 ||
      alloc_set (&location->user, parts->user, err) == -1)
    return -1;
  location->uri = is_plain_url (str) ? strdup (str)
                                     : uri_without_credentials (str, err);
  if (location->uri == NULL)
    return error_nomem (err);
  return 0;
}

static int
ssh_location (const char *str __attribute__ ((unused)),
              const struct uri_parts *parts,
              struct location *location, struct error *err)
{
  location->kind = LOCATION_SSH;
  if (parts->host == NULL || parts->path == NULL ||
      strcmp (parts->path, "/") == 0) {
    error_set (err, REASON_USAGE, _("the ssh URI has no %s"),
               parts->host == NULL ? _("host") : _("path"));
    error_hint (err, _("write ssh://[USER@]HOST[:PORT]/PATH"));
    return -1;
  }
  location->port = parts->port;
  if (take_password (location, parts, err) == -1 ||
      alloc_set (&location->host, parts->host, err) == -1 ||
      alloc_set (&location->user, parts->user, err) == -1)
    return -1;
  return alloc_set (&location->path, parts->path, err);
}

static int
nbd_location (const char *str, const struct uri_parts *parts,
              struct location *location, struct error *err)
{
  CLEANUP_NBD_URI struct nbd_uri checked = { .uri = NULL };

  location->kind = LOCATION_NBD;
  location->port = parts->port;
  if (nbd_uri_parse (str, &checked, err) == -1)
    return -1;
  if (strstr (parts->scheme, "+unix") == NULL &&
      alloc_set (&location->host, parts->host, err) == -1)
    return -1;
  return alloc_set (&location->uri, str, err);
}

static const struct {
  const char *scheme;
  int (*fill_in) (const char *str, const struct uri_parts *parts,
                  struct location *location, struct error *err);
} schemes[] = {
  { "http", curl_location },
  { "https", curl_location },
  { "ftp", curl_location },
  { "ftps", curl_location },
  { "ssh", ssh_location },
  { "nbd", nbd_location },
  { "nbds", nbd_location },
  { "nbd+unix", nbd_location },
  { "nbds+unix", nbd_location },
};

char *
location_absolute_path (const char *path, struct error *err)
{
  CLEANUP_FREE char *cwd = NULL;

  if (path[0] == '/')
    return alloc_copy (path, err);
  cwd = getcwd (NULL, 0);
  if (cwd != NULL)
    return format (err, "%s/%s", cwd, path);
  error_errno (err, REASON_INTERNAL, "getcwd");
  return NULL;
}

/* A file may be called "ftp:x" or "x://y"; one that is there is meant. */
static int
file_location (const char *path, struct location *location,
               struct error *err)
{
  struct stat st;

  location->kind = LOCATION_FILE;
  /* The kernel's names of devices are given to other ones after a reboot;
   * links to them (/dev/vg/lv, /dev/disk/by-id) stay.
   */
  if (stat (path, &st) == -1 || !S_ISBLK (st.st_mode))
    location->path = realpath (path, NULL);
  if (location->path != NULL && alloc_set (&location->named, path, err) == -1)
    return -1;
  /* Whether it is there is a question for later, if at all. */
  if (location->path == NULL)
    location->path = location_absolute_path (path, err);
  return location->path != NULL ? 0 : -1;
}

static int
unknown_scheme (const char *str, const char *scheme, struct error *err)
{
  const char *known[ARRAY_LEN (schemes) + 1] = { NULL };

  for (size_t i = 0; i < ARRAY_LEN (schemes); i++)
    known[i] = schemes[i].scheme;
  error_set (err, REASON_USAGE, _("%s:// is not a kind of source that -i "
                                  "disk knows"), scheme);
  if (!suggest_scheme (str, scheme, known, err))
    error_hint (err, _("it knows paths, http:// https:// ftp:// ssh:// "
                       "nbd:// nbds:// nbd+unix://; any nbdkit plugin can be "
                       "used with -i nbdkit PLUGIN KEY=VALUE..."));
  return -1;
}

int
location_parse (const char *str, struct location *location,
                struct error *err)
{
  CLEANUP_FREE char *scheme = uri_scheme (str);
  CLEANUP_URI struct uri_parts parts = { .scheme = NULL };

  if (scheme == NULL || access (str, F_OK) == 0)
    return file_location (str, location, err);
  for (size_t i = 0; i < ARRAY_LEN (schemes); i++)
    if (strcmp (schemes[i].scheme, scheme) == 0) {
      if (uri_parse (str, &parts, err) == -1)
        return -1;
      return schemes[i].fill_in (str, &parts, location, err);
    }
  return unknown_scheme (str, scheme, err);
}
