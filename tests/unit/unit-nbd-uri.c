/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What NBD URIs say about TLS. */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/nbd-uri.h"

static const struct {
  const char *uri, *rest;
  bool tls, over_tcp;
  const char *certificates, *psk_file, *username;
  enum nbd_verify verify;
} good[] = {
  { "nbd://h/x", "nbd://h/x", false, true, NULL, NULL, NULL, 0 },
  { "nbd+unix:///?socket=/s", "nbd+unix:///?socket=/s", false, false, NULL,
    NULL, NULL, 0 },
  { "nbds://h/?tls-certificates=/a%20b", "nbds://h/", true, true, "/a b",
    NULL, NULL, 0 },
  { "nbds+unix:///e?tls-psk-file=/p;socket=/s&tls-username=joe",
    "nbds+unix:///e?socket=/s", true, false, NULL, "/p", "joe", 0 },
  { "nbds://h?tls-verify-peer=0&x=y&z", "nbds://h?x=y&z", true, true, NULL,
    NULL, NULL, NBD_VERIFY_NO },
  { "nbds://h/?x=tls-certificates=/a&tls-verify-peer=TRUE",
    "nbds://h/?x=tls-certificates=/a", true, true, NULL, NULL, NULL,
    NBD_VERIFY_YES },
  { "nbds://h/?tls-hostname=other", "nbds://h/?tls-hostname=other", true,
    true, NULL, NULL, NULL, 0 },
};

static const char *const bad[] = {
  "nbd://h/?tls-certificates=/a", "nbd+unix:///?socket=/s&tls-verify-peer=1",
  "nbds://h/?tls-verify-peer=maybe", "nbds://h/?tls-verify-peer=",
  "nbds://h/?tls-certificates=%00",
};

static bool
same (const char *a, const char *b)
{
  return a == NULL || b == NULL ? a == b : strcmp (a, b) == 0;
}

static void
test_good (void)
{
  for (size_t i = 0; i < ARRAY_LEN (good); i++) {
    CLEANUP_ERROR struct error err = ERROR_INIT;
    CLEANUP_NBD_URI struct nbd_uri uri = { .uri = NULL };

    printf ("%s\n", good[i].uri);
    assert (nbd_uri_parse (good[i].uri, &uri, &err) == 0);
    assert (same (uri.uri, good[i].rest));
    assert (uri.tls == good[i].tls && uri.over_tcp == good[i].over_tcp);
    assert (same (uri.certificates, good[i].certificates));
    assert (same (uri.psk_file, good[i].psk_file));
    assert (same (uri.username, good[i].username));
    assert (uri.verify == good[i].verify);
  }
}

static void
test_bad (void)
{
  for (size_t i = 0; i < ARRAY_LEN (bad); i++) {
    CLEANUP_ERROR struct error err = ERROR_INIT;
    CLEANUP_NBD_URI struct nbd_uri uri = { .uri = NULL };

    printf ("%s\n", bad[i]);
    assert (nbd_uri_parse (bad[i], &uri, &err) == -1);
    assert (err.reason == REASON_USAGE && uri.uri == NULL);
  }
}

/* Whom to trust is known by a CA, by a key, or by the user's word. */
static void
test_trust (void)
{
  static const struct { const char *uri; bool system, ok; } cases[] = {
    { "nbd://h/", false, true },
    { "nbds://h/?tls-certificates=/nowhere", false, false },
    { "nbds://h/?tls-certificates=/nowhere", true, false },
    { "nbds://h/?tls-certificates=/", false, false },
    { "nbds://h/?tls-certificates=/", true, true },
    { "nbds://h/?tls-certificates=/&tls-verify-peer=no", false, true },
    { "nbds://h/?tls-psk-file=/p", false, true },
    { "nbds+unix:///?socket=/s", false, true },
    { "nbds+unix:///?socket=/s&tls-verify-peer=1&tls-certificates=/", false,
      false },
  };

  for (size_t i = 0; i < ARRAY_LEN (cases); i++) {
    CLEANUP_ERROR struct error err = ERROR_INIT;
    CLEANUP_NBD_URI struct nbd_uri uri = { .uri = NULL };

    printf ("%s\n", cases[i].uri);
    assert (nbd_uri_parse (cases[i].uri, &uri, &err) == 0);
    assert (nbd_uri_check_trust (&uri, cases[i].system, &err) ==
            (cases[i].ok ? 0 : -1));
    assert (cases[i].ok || err.reason == REASON_TLS);
  }
}

int
main (void)
{
  test_good ();
  test_bad ();
  test_trust ();
  return 0;
}
