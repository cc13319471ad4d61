/* SPDX-License-Identifier: GPL-2.0-or-later */

/* URIs taken apart. */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/uri.h"
#include "input/input.h"

static const struct {
  const char *uri, *scheme, *user, *password, *host;
  unsigned port;
  const char *path, *query;
} good[] = {
  { "http://h/p", "http", NULL, NULL, "h", 0, "/p", NULL },
  { "https://u:p%40w@h:8443/a%20b?c=%20", "https", "u", "p@w", "h", 8443,
    "/a b", "c=%20" },
  { "ssh://root@[fe80::1]:2222/[ds] x", "ssh", "root", NULL, "fe80::1", 2222,
    "/[ds] x", NULL },
  { "http://h/a  b?c= ", "http", NULL, NULL, "h", 0, "/a  b", "c=%20" },
  { "nbd+unix:///?socket=/s", "nbd+unix", NULL, NULL, NULL, 0, "/",
    "socket=/s" },
  { "nbd+unix:///name?socket=/s", "nbd+unix", NULL, NULL, NULL, 0, "/name",
    "socket=/s" },
  { "qemu:///system", "qemu", NULL, NULL, NULL, 0, "/system", NULL },
  { "file://localhost/a", "file", NULL, NULL, NULL, 0, "/a", NULL },
  { "xen://", "xen", NULL, NULL, NULL, 0, "/", NULL },
  { "test:///default?a=b", "test", NULL, NULL, NULL, 0, "/default", "a=b" },
  { "vpx://dom%5cadm@vc.example.com/DC%20x/c/esx?no_verify=1", "vpx",
    "dom\\adm", NULL, "vc.example.com", 0, "/DC x/c/esx", "no_verify=1" },
};

static bool
same (const char *a, const char *b)
{
  return a == NULL || b == NULL ? a == b : strcmp (a, b) == 0;
}

static void
test_parse (void)
{
  for (size_t i = 0; i < ARRAY_LEN (good); i++) {
    CLEANUP_URI struct uri_parts parts = { .scheme = NULL };
    struct error err = ERROR_INIT;

    assert (uri_parse (good[i].uri, &parts, &err) == 0);
    if (!same (parts.scheme, good[i].scheme) ||
        !same (parts.user, good[i].user) ||
        !same (parts.password, good[i].password) ||
        !same (parts.host, good[i].host) || parts.port != good[i].port ||
        !same (parts.path, good[i].path) ||
        !same (parts.query, good[i].query)) {
      fprintf (stderr, "%s: %s %s %s %s %u %s %s\n", good[i].uri,
               parts.scheme, parts.user, parts.password, parts.host,
               parts.port, parts.path, parts.query);
      abort ();
    }
  }
}

/* There may be a password in what is no URI. */
static void
test_invalid (void)
{
  static const char *const bad[] = {
    "http://user:sesame@[bad/disk", "http://user:sesame@host:port/disk",
    "http://user:sesame@a host/disk", "http://user:ses@me@host/disk",
    "http://user:sesame@a%20host/disk",
  };

  for (size_t i = 0; i < ARRAY_LEN (bad); i++) {
    CLEANUP_ERROR struct error err = ERROR_INIT;
    CLEANUP_URI struct uri_parts parts = { .scheme = NULL };

    assert (uri_parse (bad[i], &parts, &err) == -1);
    assert (err.reason == REASON_USAGE);
    assert (strstr (err.message, "sesame") == NULL);
    assert (strstr (err.message, "me@host") == NULL);
  }
}

static void
without (const char *uri, const char *expected)
{
  struct error err = ERROR_INIT;
  CLEANUP_FREE char *got = uri_without_credentials (uri, &err);

  assert (got != NULL && strcmp (got, expected) == 0);
}

/* What has no host is not a web address, however libcurl reads it. */
static void
test_location (void)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct location location = { .kind = LOCATION_FILE };

  assert (location_parse ("http:///x", &location, &err) == -1);
  assert (err.reason == REASON_USAGE);
  location_reset (&location);
}

static void
query (const char *str, const char *key, const char *expected)
{
  struct error err = ERROR_INIT;
  CLEANUP_FREE char *got = uri_query_value (str, key, &err);

  assert (!error_is_set (&err) && same (got, expected));
}

static void
test_query (void)
{
  query ("no_verify=1", "no_verify", "1");
  query ("a=b&no_verify=1&x", "no_verify", "1");
  query ("a=b&no_verify=", "no_verify", "");
  query ("a=b&no_verify", "no_verify", NULL);
  query ("xno_verify=1", "no_verify", NULL);
  query ("", "a", NULL);
  query ("&&a=b%20c", "a", "b c");
}

static void
values (const char *uri, const char *expected)
{
  struct error err = ERROR_INIT;
  CLEANUP_FREE char *got = uri_without_values (uri, &err);

  assert (!error_is_set (&err) && same (got, expected));
}

static void
test_values (void)
{
  values ("http://h/a=b", "http://h/a=b");
  values ("http://h/d?sig=1", "http://h/d?sig=...");
  values ("http://h/d?a=1&b=&c=x=y;d=2#f", "http://h/d?a=...&b=&c=...;d=...");
  values ("http://h/d?token", "http://h/d?...");
  values ("http://h/d?token&a=1&", "http://h/d?...&a=...&");
  values ("http://h/d?", "http://h/d?");
}

int
main (void)
{
  test_query ();
  test_values ();
  test_parse ();
  test_invalid ();
  without ("https://u:p@h/x y", "https://h/x%20y");
  without ("qemu:///system", "qemu:///system");
  without ("nbd+unix:///a?socket=/b", "nbd+unix:///a?socket=/b");
  test_location ();
  return 0;
}
