/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The SHA-1 thumbprint of a server's certificate, as VDDK wants it.  The
 * certificate is fetched by http.c.
 */

#include <config.h>

#include <stdio.h>
#include <string.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "io/http.h"
#include "io/tls-thumbprint.h"

#define SHA1_BYTES 20

static int
fingerprint (const char *pem, unsigned char ret[SHA1_BYTES])
{
  const gnutls_datum_t datum = {
    .data = (unsigned char *) pem, .size = (unsigned) strlen (pem),
  };
  size_t size = SHA1_BYTES;
  gnutls_x509_crt_t certificate;
  int code = gnutls_x509_crt_init (&certificate);

  if (code < 0)
    return code;
  code = gnutls_x509_crt_import (certificate, &datum, GNUTLS_X509_FMT_PEM);
  if (code == GNUTLS_E_SUCCESS)
    code = gnutls_x509_crt_get_fingerprint (certificate, GNUTLS_DIG_SHA1, ret,
                                            &size);
  gnutls_x509_crt_deinit (certificate);
  return code;
}

char *
tls_thumbprint (const char *host, unsigned port,
                struct supervisor *supervisor, struct error *err)
{
  CLEANUP_FREE char *pem = http_certificate (host, port, supervisor, err);
  unsigned char hash[SHA1_BYTES];
  char *text = malloc (3 * SHA1_BYTES);
  int code;

  if (pem == NULL || text == NULL) {
    error_nomem (err);
    free (text);
    return NULL;
  }
  code = fingerprint (pem, hash);
  if (code != GNUTLS_E_SUCCESS) {
    error_set (err, REASON_TLS,
               _("cannot read the server's certificate: %s"),
               gnutls_strerror (code));
    free (text);
    return NULL;
  }
  for (size_t i = 0; i < SHA1_BYTES; i++)
    sprintf (text + 3 * i, i < SHA1_BYTES - 1 ? "%02X:" : "%02X", hash[i]);
  return text;
}
