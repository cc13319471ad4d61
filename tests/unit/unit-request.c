/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Whose value counts: -io options before what the metadata says. */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/argv.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "guest/location.h"
#include "settings.h"
#include "source/source.h"

static const struct {
  enum location_kind kind;
  const char *options, *params, *merged; /* separated by blanks */
} cases[] = {
  { LOCATION_CURL, "", "sslverify=false timeout=5",
    "sslverify=false timeout=5" },
  { LOCATION_CURL, "curl-sslverify=true", "sslverify=false timeout=5",
    "sslverify=true timeout=5" },
  /* The last one counts; a cookie is no parameter, but secret. */
  { LOCATION_CURL, "curl-cainfo=a curl-cookie=c=d curl-cainfo=b", "",
    "cainfo=b" },
  { LOCATION_SSH, "ssh-known-hosts=k", "identity=i known-hosts=m",
    "known-hosts=k identity=i" },
  { LOCATION_SSH, "ssh-compression=true ssh-identity=o", "identity=i",
    "identity=o compression=true" },
  /* Options of other sources, and a key that begins like another one. */
  { LOCATION_SSH, "curl-cainfo=a", "identity-file=i", "identity-file=i" },
  { LOCATION_VCENTER, "curl-sslverify=yes", "sslverify=false proxy=p",
    "sslverify=yes proxy=p" },
  { LOCATION_VDDK, "vddk-snapshot=s vddk-user=u", "", "snapshot=s" },
  { LOCATION_NFC, "vddk-snapshot=s nfc-insecure=no", "insecure=true",
    "insecure=no" },
  { LOCATION_PLUGIN, "ssh-identity=o", "identity=i identity=j",
    "identity=i identity=j" },
  { LOCATION_FILE, "curl-user=u", "", "" },
};

static void
split (const char *words, struct argv *ret)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;

  while (*words != '\0') {
    const size_t len = strcspn (words, " ");

    assert (argv_appendf (ret, &err, "%.*s", (int) len, words) == 0);
    words += len + (words[len] == ' ');
  }
}

int
main (void)
{
  for (size_t i = 0; i < ARRAY_LEN (cases); i++) {
    CLEANUP_ERROR struct error err = ERROR_INIT;
    struct settings settings = { .nbdkit = "nbdkit" };
    struct location location = { .kind = cases[i].kind };
    CLEANUP_ARGV struct argv expected = { .ptr = NULL };
    CLEANUP_SOURCE_REQUEST struct source_request request;

    split (cases[i].options, &settings.input_options);
    split (cases[i].params, &location.params);
    split (cases[i].merged, &expected);
    assert (source_request_of (&location, &settings, NULL, &request,
                               &err) == 0);
    if (request.params.len != expected.len) {
      fprintf (stderr, "case %zu: %zu parameters\n", i, request.params.len);
      abort ();
    }
    for (size_t j = 0; j < expected.len; j++)
      if (strcmp (request.params.ptr[j], expected.ptr[j]) != 0) {
        fprintf (stderr, "case %zu: '%s' is not '%s'\n", i,
                 request.params.ptr[j], expected.ptr[j]);
        abort ();
      }
    argv_reset (&settings.input_options);
    location_reset (&location);
  }
  return 0;
}
