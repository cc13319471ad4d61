/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a user writes for a disk: a path, or a URI of a known scheme. */

#include <config.h>

#include <limits.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/uri.h"
#include "guest/suggest-source.h"
#include "input/input.h"

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

static int
copy_string (char **to, const char *from, struct error *err)
{
  if (from == NULL)
    return 0;
  *to = strdup (from);
  return *to != NULL ? 0 : error_nomem (err);
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
  if (parts->host == NULL || parts->host[0] == '\0')
    return error_set (err, REASON_USAGE, _("the URL has no host"));
  if (take_password (location, parts, err) == -1 ||
      copy_string (&location->user, parts->user, err) == -1)
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
      copy_string (&location->host, parts->host, err) == -1 ||
      copy_string (&location->user, parts->user, err) == -1)
    return -1;
  return copy_string (&location->path, parts->path, err);
}

static int
nbd_location (const char *str, const struct uri_parts *parts,
              struct location *location, struct error *err)
{
  location->kind = LOCATION_NBD;
  location->port = parts->port;
  if (strstr (parts->scheme, "+unix") == NULL &&
      copy_string (&location->host, parts->host, err) == -1)
    return -1;
  return copy_string (&location->uri, str, err);
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

/* A file may be called "ftp:x" or "x://y"; one that is there is meant. */
static int
file_location (const char *path, struct location *location,
               struct error *err)
{
  CLEANUP_FREE char *cwd = NULL;

  location->kind = LOCATION_FILE;
  location->path = realpath (path, NULL);
  if (location->path != NULL)
    return 0;
  /* Whether it is there is a question for later, if at all. */
  cwd = path[0] == '/' ? strdup ("") : getcwd (NULL, 0);
  if (cwd == NULL || asprintf (&location->path, "%s%s%s", cwd,
                               path[0] == '/' ? "" : "/", path) == -1) {
    location->path = NULL;
    return error_nomem (err);
  }
  return 0;
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
