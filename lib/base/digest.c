/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Digests in hexadecimal digits, by GnuTLS.  Where the bytes come from is
 * the caller's matter.
 */

#include <config.h>

#include <string.h>
#include <strings.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/hex.h"
#include "base/i18n.h"

static const struct {
  const char *name;
  gnutls_digest_algorithm_t algorithm;
  size_t bytes;
} digests[] = {
  [DIGEST_SHA1] = { "SHA1", GNUTLS_DIG_SHA1, 20 },
  [DIGEST_SHA256] = { "SHA256", GNUTLS_DIG_SHA256, 32 },
  [DIGEST_SHA384] = { "SHA384", GNUTLS_DIG_SHA384, 48 },
  [DIGEST_SHA512] = { "SHA512", GNUTLS_DIG_SHA512, 64 },
};

struct digester {
  enum digest digest;
  gnutls_hash_hd_t hash;
};

const char *
digest_name (enum digest digest)
{
  return digests[digest].name;
}

/* Is NAME what the digest OURS is called? */
static bool
is_called (const char *name, size_t name_len, const char *ours)
{
  static const char *const families[] = { "SHA2-", "SHA-", "SHA" };

  ours += strlen ("SHA");
  for (size_t i = 0; i < ARRAY_LEN (families); i++) {
    const size_t len = strlen (families[i]);

    if (name_len == len + strlen (ours) &&
        strncasecmp (name, families[i], len) == 0)
      return strncmp (name + len, ours, name_len - len) == 0;
  }
  return false;
}

int
digest_find (const char *name, size_t name_len, size_t hex_len,
             enum digest *ret)
{
  for (size_t i = 0; i < ARRAY_LEN (digests); i++)
    if (hex_len == 2 * digests[i].bytes &&
        is_called (name, name_len, digests[i].name)) {
      *ret = (enum digest) i;
      return 0;
    }
  return -1;
}

struct digester *
digester_new (enum digest digest, struct error *err)
{
  struct digester *digester = alloc_zero (sizeof *digester, err);

  if (digester == NULL)
    return NULL;
  digester->digest = digest;
  if (gnutls_hash_init (&digester->hash, digests[digest].algorithm) < 0) {
    free (digester);
    error_set (err, REASON_UNSUPPORTED,
               _("this host's GnuTLS does not compute %s"),
               digest_name (digest));
    return NULL;
  }
  return digester;
}

int
digester_add (struct digester *digester, const void *data, size_t len,
              struct error *err)
{
  return gnutls_hash (digester->hash, data, len) == 0 ? 0
    : error_set (err, REASON_INTERNAL, _("cannot compute a checksum"));
}

void
digester_end (struct digester *digester, char ret[DIGEST_HEX_MAX])
{
  unsigned char bytes[64];

  gnutls_hash_output (digester->hash, bytes);
  hex_encode (bytes, digests[digester->digest].bytes, ret);
}

void
digester_free (struct digester *digester)
{
  if (digester == NULL)
    return;
  gnutls_hash_deinit (digester->hash, NULL);
  free (digester);
}

int
digest_of (const void *data, size_t len, enum digest digest,
           char ret[DIGEST_HEX_MAX], struct error *err)
{
  unsigned char bytes[64];

  if (gnutls_hash_fast (digests[digest].algorithm, data, len, bytes) < 0)
    return error_set (err, REASON_INTERNAL, _("cannot compute a checksum"));
  hex_encode (bytes, digests[digest].bytes, ret);
  return 0;
}
