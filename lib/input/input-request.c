/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What several inputs do about a request.  It stands below all of them; their
 * table is in input.c.
 */

#include <config.h>

#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "base/uri.h"
#include "guest/guest.h"
#include "input/input-request.h"
#include "io/reader.h"

struct reader *
input_open (const struct input_request *request, const char *source,
            struct location *location, struct error *err)
{
  if (location->kind == LOCATION_FILE)
    return location_open (location, err) == -1 ? NULL
      : reader_file_of (location->file, err);
  if (request->open_location == NULL) {
    error_set (err, REASON_UNSUPPORTED,
               _("%s has to be opened to find its disks, which --dry-run "
                 "does not do"), source);
    return NULL;
  }
  if (location_default_password (location, request->password, err) == -1)
    return NULL;
  return request->open_location (request->open_data, location, err);
}

char *
input_text (struct reader *reader, const char *name, size_t max, size_t *len,
            struct error *err)
{
  char *text;

  if (reader == NULL)
    return NULL;
  text = reader_slurp (reader, max, len, err);
  reader_free (reader);
  if (text == NULL)
    error_wrap (err, "%s", name);
  return text;
}

char *
input_login (const char *user, const char *host, struct error *err)
{
  return user == NULL || host == NULL ? NULL
    : format (err, _("%s on %s"), user, host);
}

static bool
has_curl_scheme (const char *source)
{
  CLEANUP_FREE char *scheme = uri_scheme (source);

  return scheme != NULL && (strncmp (scheme, "http", 4) == 0 ||
                            strncmp (scheme, "ftp", 3) == 0);
}

/* What is wrong with a URL is said where it is used. */
char *
input_url_login (const struct input_request *request, struct error *err)
{
  const char *user = argv_value (request->options, "curl-user");

  for (size_t i = 0; i < request->sources->len; i++) {
    CLEANUP_ERROR struct error ignored = ERROR_INIT;
    CLEANUP_URI struct uri_parts uri = { .scheme = NULL };
    const char *source = request->sources->ptr[i];

    if (has_curl_scheme (source) && uri_parse (source, &uri, &ignored) == 0 &&
        uri.password == NULL && (user != NULL || uri.user != NULL))
      return input_login (user != NULL ? user : uri.user, uri.host, err);
  }
  return NULL;
}

int
input_allow_backing (const struct input_request *request, struct disk *disk,
                     struct error *err)
{
  const char *value = argv_value (request->options, "allow-backing");

  return value == NULL ? 0 : parse_bool ("-io allow-backing", value,
                                         &disk->allow_backing, err);
}

char *
input_path_beside (const char *path, const char *file, struct error *err)
{
  const char *slash = *file == '/' ? NULL : strrchr (path, '/');

  return format (err, "%.*s%s", slash == NULL ? 0 : (int) (slash + 1 - path),
                 path, file);
}

char *
input_guest_name (const char *path, const char *extension, struct error *err)
{
  const char *slash = strrchr (path, '/');
  const char *base = slash == NULL || slash[1] == '\0' ? path : slash + 1;
  const size_t len = strlen (base), skip = strlen (extension);
  const bool has = len > skip && strcasecmp (base + len - skip,
                                             extension) == 0;

  return format (err, "%.*s", (int) (has ? len - skip : len), base);
}
