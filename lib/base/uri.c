/* SPDX-License-Identifier: GPL-2.0-or-later */

/* URIs taken apart and put together with libcurl.  What a scheme means is
 * guest/location.c's.
 */

#include <config.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#include <curl/curl.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/uri.h"

V2V_DEFINE_CLEANUP (cleanup_curlu, CURLU *, curl_url_cleanup);
#define CLEANUP_CURLU __attribute__ ((cleanup (cleanup_curlu)))

/* A path stays as it is written ("a/../b" may be what the server calls it),
 * UTF-8 in it is encoded, and any scheme will do.
 */
#define PARSE_FLAGS                                                     \
  (CURLU_NON_SUPPORT_SCHEME|CURLU_PATH_AS_IS|CURLU_URLENCODE|           \
   CURLU_NO_AUTHORITY)

/* Characters that a URI need not encode.  Not isalnum: that is the locale's
 * opinion.
 */
static const char unreserved[] =
  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";

char *
uri_scheme (const char *str)
{
  size_t len;

  if (!isalpha ((unsigned char) str[0]))
    return NULL;
  for (len = 1; isalnum ((unsigned char) str[len]) ||
         (str[len] != '\0' && strchr ("+-.", str[len]) != NULL); len++)
    ;
  if (strncmp (str + len, "://", 3) != 0)
    return NULL;
  return strndup (str, len);
}

/* Is there anything between "scheme://" and the path?  libcurl takes any
 * number of slashes for two, so that qemu:///system would be a host.
 */
static bool
has_authority (const char *uri)
{
  const char *authority = strstr (uri, "://");

  return authority == NULL || strchr ("/?#", authority[3]) == NULL;
}

/* The same with a host, for libcurl.  The caller frees it. */
static char *
with_authority (const char *uri, struct error *err)
{
  const int len = (int) (strstr (uri, "://") + 3 - uri);

  return format (err, "%.*s%s%s", len, uri, "localhost", uri + len);
}

/* libcurl takes the first @ for the end of the user's name. */
static bool
has_two_at (const char *uri)
{
  const char *authority = strstr (uri, "://");
  const char *at;

  if (authority == NULL)
    return false;
  authority += 3;
  at = memchr (authority, '@', strcspn (authority, "/?#"));
  return at != NULL && memchr (at + 1, '@', strcspn (at + 1, "/?#")) != NULL;
}

/* Not quoted: it may hold a password. */
static void
report_invalid (const char *uri, struct error *err)
{
  error_set (err, REASON_USAGE, _("the source is not a valid URI"));
  if (has_two_at (uri))
    error_hint (err, _("write @ as %%40 in the user name and the password"));
}

/* libcurl 7.88 encodes the blanks of a path, 8.14 refuses them. */
static char *
with_blanks_encoded (const char *uri, struct error *err)
{
  char *ret = alloc_zero (3 * strlen (uri) + 1, err), *to = ret;

  for (; ret != NULL && *uri != '\0'; uri++)
    if (*uri == ' ')
      to = stpcpy (to, "%20");
    else
      *to++ = *uri;
  return ret;
}

/* As libcurl takes it.  The caller frees it. */
static char *
for_libcurl (const char *uri, struct error *err)
{
  CLEANUP_FREE char *complete = has_authority (uri) ? alloc_copy (uri, err)
    : with_authority (uri, err);

  return complete == NULL ? NULL : with_blanks_encoded (complete, err);
}

/* libcurl 7.74 takes what is no name of a host, also what follows the first
 * @ of a password, and 7.88 refuses it.
 */
static CURLUcode
check_host (CURLU *url)
{
  char *host = NULL;
  const CURLUcode code = curl_url_get (url, CURLUPART_HOST, &host,
                                       CURLU_URLDECODE);
  const bool bad = code == CURLUE_OK &&
    strpbrk (host, " \t\n\"#$&'()*+,/;<=>?@\\^`{}") != NULL;

  curl_free (host);
  if (code == CURLUE_NO_HOST)   /* a scheme may do without */
    return CURLUE_OK;
  return bad ? CURLUE_MALFORMED_INPUT : code;
}

static CURLU *
parse (const char *uri, struct error *err)
{
  CLEANUP_FREE char *complete = for_libcurl (uri, err);
  CURLU *url;
  CURLUcode code;

  if (complete == NULL)
    return NULL;
  url = curl_url ();
  if (url == NULL) {
    error_nomem (err);
    return NULL;
  }
  code = curl_url_set (url, CURLUPART_URL, complete, PARSE_FLAGS);
  if (code == CURLUE_OK)
    code = check_host (url);
  if (code == CURLUE_OK)
    return url;
  curl_url_cleanup (url);
  if (code == CURLUE_OUT_OF_MEMORY)
    error_nomem (err);
  else
    report_invalid (uri, err);
  return NULL;
}

/* One part, or NULL when there is none. */
static char *
get_part (CURLU *url, CURLUPart part, struct error *err)
{
  char *value = NULL, *copy;
  const CURLUcode code = curl_url_get (url, part, &value, 0);

  if (code == CURLUE_OUT_OF_MEMORY)
    error_nomem (err);
  if (code != CURLUE_OK)
    return NULL;
  copy = alloc_copy (value, err);
  curl_free (value);
  return copy;
}

/* CURLU_URLDECODE refuses control characters, but a file may be called so.
 */
static char *
decode (const char *value, size_t value_len, struct error *err)
{
  char *decoded, *copy;
  int len;

  /* To libcurl a length of 0 means that it is not known. */
  if (value_len == 0)
    return alloc_copy ("", err);
  decoded = curl_easy_unescape (NULL, value, (int) value_len, &len);
  copy = decoded != NULL ? strdup (decoded) : NULL;
  if (copy == NULL)
    error_nomem (err);
  else if (strlen (copy) != (size_t) len)
    error_set (err, REASON_USAGE, _("the URI holds a NUL byte"));
  curl_free (decoded);
  return copy;
}

static char *
get_decoded (CURLU *url, CURLUPart part, struct error *err)
{
  CLEANUP_FREE char *value = get_part (url, part, err);

  return value != NULL ? decode (value, strlen (value), err) : NULL;
}

/* "[::1]" to "::1". */
static void
strip_brackets (char *host)
{
  const size_t len = host != NULL ? strlen (host) : 0;

  if (len >= 2 && host[0] == '[' && host[len-1] == ']') {
    memmove (host, host + 1, len - 2);
    host[len-2] = '\0';
  }
}

int
uri_parse (const char *uri, struct uri_parts *ret, struct error *err)
{
  CLEANUP_CURLU CURLU *url = parse (uri, err);
  CLEANUP_FREE char *port = NULL;

  if (url == NULL)
    return -1;
  ret->scheme = get_part (url, CURLUPART_SCHEME, err);
  ret->user = get_decoded (url, CURLUPART_USER, err);
  ret->password = get_decoded (url, CURLUPART_PASSWORD, err);
  if (has_authority (uri))
    ret->host = get_decoded (url, CURLUPART_HOST, err);
  ret->path = get_decoded (url, CURLUPART_PATH, err);
  ret->query = get_part (url, CURLUPART_QUERY, err);
  port = get_part (url, CURLUPART_PORT, err);
  strip_brackets (ret->host);
  if (ret->host != NULL && ret->host[0] == '\0') {
    free (ret->host);
    ret->host = NULL;
  }
  ret->port = port != NULL ? (unsigned) atoi (port) : 0;
  if (error_is_set (err)) {
    uri_parts_reset (ret);
    return -1;
  }
  return 0;
}

void
uri_parts_reset (struct uri_parts *parts)
{
  free (parts->scheme);
  free (parts->user);
  if (parts->password != NULL)
    explicit_bzero (parts->password, strlen (parts->password));
  free (parts->password);
  free (parts->host);
  free (parts->path);
  free (parts->query);
  *parts = (struct uri_parts) { .scheme = NULL };
}

static char *
without (const char *uri, bool with_user, struct error *err)
{
  CLEANUP_CURLU CURLU *url = NULL;

  if (!has_authority (uri))     /* then there is nothing to take out */
    return alloc_copy (uri, err);
  url = parse (uri, err);
  if (url == NULL)
    return NULL;
  if (!with_user)
    curl_url_set (url, CURLUPART_USER, NULL, 0);
  curl_url_set (url, CURLUPART_PASSWORD, NULL, 0);
  return get_part (url, CURLUPART_URL, err);
}

char *
uri_without_credentials (const char *uri, struct error *err)
{
  return without (uri, false, err);
}

char *
uri_without_password (const char *uri, struct error *err)
{
  return without (uri, true, err);
}

/* A word without "=" may be a token. */
char *
uri_without_values (const char *uri, struct error *err)
{
  size_t len = strcspn (uri, "?");
  char *ret = format (err, "%.*s", (int) len, uri);

  for (uri += len; ret != NULL && *uri != '\0'; uri += len) {
    CLEANUP_FREE char *before = ret;
    size_t key;

    len = 1 + strcspn (uri + 1, "&;");
    key = strcspn (uri, "=") + 1;
    if (key > len)
      key = 1;
    ret = format (err, "%s%.*s%s", before, (int) key, uri,
                  key < len ? "..." : "");
  }
  return ret;
}

char *
uri_query_value (const char *query, const char *key, struct error *err)
{
  const size_t key_len = strlen (key);

  while (*query != '\0') {
    const size_t len = strcspn (query, "&");

    if (len > key_len && strncmp (query, key, key_len) == 0 &&
        query[key_len] == '=')
      return decode (query + key_len + 1, len - key_len - 1, err);
    query += len + (query[len] == '&');
  }
  return NULL;
}

static unsigned
default_port (const char *scheme)
{
  return strcmp (scheme, "https") == 0 ? 443
    : strcmp (scheme, "http") == 0 ? 80 : 0;
}

char *
uri_origin (const char *uri, struct error *err)
{
  CLEANUP_URI struct uri_parts parts = { .host = NULL };
  CLEANUP_FREE char *host = NULL;
  unsigned port;

  if (uri_parse (uri, &parts, err) == -1)
    return NULL;
  host = uri_host (parts.host != NULL ? parts.host : "", err);
  if (host == NULL || parts.scheme == NULL)
    return NULL;
  for (char *p = host; *p != '\0'; p++)
    *p = (char) tolower ((unsigned char) *p);
  for (char *p = parts.scheme; *p != '\0'; p++)
    *p = (char) tolower ((unsigned char) *p);
  port = parts.port != 0 ? parts.port : default_port (parts.scheme);
  return port == 0 ? format (err, "%s://%s", parts.scheme, host)
    : format (err, "%s://%s:%u", parts.scheme, host, port);
}

int
uri_same_origin (const char *a, const char *b, struct error *err)
{
  CLEANUP_FREE char *a_origin = uri_origin (a, err);
  CLEANUP_FREE char *b_origin = a_origin == NULL ? NULL
    : uri_origin (b, err);

  return b_origin == NULL ? -1 : strcmp (a_origin, b_origin) == 0;
}

char *
uri_escape (const char *str, const char *keep, struct error *err)
{
  static const char hex[] = "0123456789ABCDEF";
  char *ret = alloc_zero (3 * strlen (str) + 1, err), *to = ret;

  for (; ret != NULL && *str != '\0'; str++) {
    const unsigned char c = (unsigned char) *str;

    if (strchr (unreserved, c) != NULL || strchr (keep, c) != NULL)
      *to++ = (char) c;
    else {
      *to++ = '%';
      *to++ = hex[c >> 4];
      *to++ = hex[c & 15];
    }
  }
  return ret;
}

char *
uri_of_unix_socket (const char *path, struct error *err)
{
  CLEANUP_FREE char *escaped = uri_escape (path, "/", err);

  if (escaped == NULL)
    return NULL;
  return format (err, "nbd+unix:///?socket=%s", escaped);
}

/*--- Hosts. ---*/

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
