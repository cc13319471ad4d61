/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Digests of a disk where GnuTLS has no memory: in this program its
 * gnutls_hash_init fails, and leaves a handle that must not be used, as that
 * of GnuTLS 3.7 does.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <string.h>

#include <gnutls/crypto.h>

#include "base/error.h"
#include "copy/blkhash.h"

int
gnutls_hash_init (gnutls_hash_hd_t *handle,
                  gnutls_digest_algorithm_t algorithm __attribute__ ((unused)))
{
  memset (handle, 0xa5, sizeof *handle);
  return GNUTLS_E_MEMORY_ERROR;
}

int
main (void)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;

  assert (blkhash_new (1 << 20, BLKHASH_SHA256, true, &err) == NULL);
  assert (error_is_set (&err));
  return 0;
}
