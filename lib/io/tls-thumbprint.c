/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The SHA-1 thumbprint of a server's certificate, as VDDK wants it.  The
 * certificate is fetched by http.c.
 */

#include <config.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <gnutls/gnutls.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/i18n.h"
#include "io/http.h"
#include "io/tls-thumbprint.h"

/* "AB:CD" for "abcd". */
static char *
with_colons (const char *hex, struct error *err)
{
  const size_t bytes = strlen (hex) / 2;
  char *text = alloc_zero (3 * bytes + 1, err);

  if (text == NULL)
    return NULL;
  for (size_t i = 0; i < bytes; i++)
    sprintf (text + 3 * i, "%c%c:", toupper (hex[2*i]), toupper (hex[2*i+1]));
  text[3 * bytes - 1] = '\0';
  return text;
}

char *
tls_thumbprint (const char *host, unsigned port,
                struct supervisor *supervisor, struct error *err)
{
  CLEANUP_FREE char *pem = http_certificate (host, port, supervisor, err);
  char sha1[DIGEST_HEX_MAX], *text = NULL;
  gnutls_datum_t der, datum;
  int code;

  if (pem == NULL)
    return NULL;
  datum = (gnutls_datum_t) {
    .data = (unsigned char *) pem, .size = (unsigned) strlen (pem) };
  code = gnutls_pem_base64_decode2 ("CERTIFICATE", &datum, &der);
  if (code != GNUTLS_E_SUCCESS) {
    error_set (err, REASON_TLS,
               _("cannot read the server's certificate: %s"),
               gnutls_strerror (code));
    return NULL;
  }
  if (digest_of (der.data, der.size, DIGEST_SHA1, sha1, err) == 0)
    text = with_colons (sha1, err);
  gnutls_free (der.data);
  return text;
}
