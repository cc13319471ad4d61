/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is sent to a web server beside the URL, and which of it is for that
 * server only.  How nbdkit is kept from sending it to others is curl-pin.c's
 * matter.
 */

#include <config.h>

#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/parse.h"
#include "base/secret.h"
#include "guest/location.h"
#include "io/http.h"
#include "source/curl-internal.h"
#include "source/request.h"

bool
curl_trusts (const struct source_request *request)
{
  const char *value = source_option (request, "curl-location-trusted");
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  bool trusts;

  return value != NULL && parse_bool ("", value, &trusts, &ignored) == 0 &&
    trusts;
}

int
curl_check_trusts (const struct source_request *request, struct error *err)
{
  const char *value = source_option (request, "curl-location-trusted");
  bool ignored;

  return value == NULL ? 0
    : parse_bool ("curl-location-trusted", value, &ignored, err);
}

static bool
is_called (const char *header, const char *name)
{
  const size_t len = strlen (name);

  return strncasecmp (header, name, len) == 0 &&
    (header[len] == ':' || header[len] == ';');
}

static bool
is_one_of (const char *header, const char *const *names)
{
  for (; *names != NULL; names++)
    if (is_called (header, *names))
      return true;
  return false;
}

/* Does HEADER say nothing about who asks?  Without a value it takes the header
 * of that name away, or is empty.
 */
static bool
is_plain (const char *header)
{
  static const char *const plain[] = {
    "Accept", "Accept-Encoding", "Accept-Language", "Cache-Control",
    "If-Match", "If-Modified-Since", "If-None-Match", "If-Range",
    "If-Unmodified-Since", "Pragma", "User-Agent", NULL };
  const char *value = header + strcspn (header, ":;");

  return is_one_of (header, plain) ||
    (*value != '\0' && value[1 + strspn (value + 1, " \t")] == '\0');
}

/* Those of the user's headers that libcurl sends to the first origin only:
 * Authorization since 7.58, Cookie since 7.64, both with the port and the
 * scheme since 7.83 (and where older versions got the mends of CVE-2022-27774
 * and CVE-2022-27776, as Debian's 7.74 did).
 */
static bool
is_bound (const char *header)
{
  static const char *const bound[] = { "Authorization", "Cookie", "Host",
                                       NULL };

  return is_one_of (header, bound);
}

static bool
has_header (const struct argv *headers, const char *name)
{
  for (size_t i = 0; i < headers->len; i++)
    if (is_called (headers->ptr[i], name))
      return true;
  return false;
}

static const char *
cookie_of (const struct source_request *request)
{
  const char *cookie = source_option (request, "curl-cookie");

  return cookie != NULL || source_param (request, "cookie-script") != NULL
    ? cookie : argv_value (&request->location->cookie_params, "cookie");
}

struct secret *
curl_cookie (const struct source_request *request, struct error *err)
{
  const char *cookie = cookie_of (request);

  return cookie != NULL ? secret_new (cookie, strlen (cookie), err) : NULL;
}

/* Is there one of which IS is false? */
static bool
has_header_not (const struct source_request *request,
                bool (*is) (const char *header),
                bool (*or_is) (const char *header))
{
  CLEANUP_ARGV struct argv headers = { .ptr = NULL };
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  if (source_option_values (request, "curl-header", &headers,
                            &ignored) == -1)
    return true;
  for (size_t i = 0; i < headers.len; i++)
    if (!is (headers.ptr[i]) && !or_is (headers.ptr[i]))
      return true;
  return false;
}

bool
curl_has_secrets (const struct source_request *request)
{
  return request->location->password != NULL ||
    cookie_of (request) != NULL ||
    source_param (request, "cookie-script") != NULL ||
    has_header_not (request, is_plain, is_plain);
}

bool
curl_secrets_are_bound (const struct source_request *request)
{
  return source_param (request, "cookie-script") == NULL &&
    !has_header_not (request, is_plain, is_bound);
}

static int
add_header (struct argv *headers, const char *name, const char *value,
            struct error *err)
{
  return value == NULL || has_header (headers, name) ? 0
    : argv_appendf (headers, err, "%s: %s", name, value);
}

static int
select_headers (const struct source_request *request,
                enum curl_headers which, struct argv *ret, struct error *err)
{
  CLEANUP_ARGV struct argv all = { .ptr = NULL };

  if (source_option_values (request, "curl-header", &all, err) == -1)
    return -1;
  for (size_t i = 0; i < all.len; i++) {
    const bool plain = is_plain (all.ptr[i]);

    if ((which == CURL_HEADERS_SECRET && plain) ||
        (which == CURL_HEADERS_PLAIN && !plain))
      continue;
    if (argv_append (ret, all.ptr[i], err) == -1)
      return -1;
  }
  return 0;
}

static struct secret *
join_lines (const struct argv *lines, struct error *err)
{
  CLEANUP_FREE char *text = NULL;

  for (size_t i = 0; i < lines->len; i++) {
    CLEANUP_FREE char *before = text;

    text = format (err, "%s%s\n", before != NULL ? before : "",
                   lines->ptr[i]);
    if (text == NULL)
      return NULL;
  }
  return secret_new (text, strlen (text), err);
}

/* The cookie is among them because beside a header-script nbdkit's parameter
 * is of no effect (1.32, 1.48).
 */
struct secret *
curl_headers (const struct source_request *request,
              const struct http_file *file, enum curl_headers which,
              struct error *err)
{
  CLEANUP_ARGV struct argv headers = { .ptr = NULL };
  const char *cookie = which == CURL_HEADERS_PLAIN ? NULL
    : cookie_of (request);

  if (select_headers (request, which, &headers, err) == -1 ||
      (headers.len == 0 &&
       (which != CURL_HEADERS_AND_COOKIE || cookie == NULL)))
    return NULL;
  if (file != NULL &&
      (add_header (&headers, "User-Agent",
                   file->wants_agent ? CURL_AGENT : NULL, err) == -1 ||
       add_header (&headers, "If-Match", file->etag, err) == -1))
    return NULL;
  if (add_header (&headers, "Cookie", cookie, err) == -1)
    return NULL;
  return join_lines (&headers, err);
}
