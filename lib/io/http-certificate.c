/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Why a server's certificate is not accepted.  With GnuTLS curl has one text
 * for all of it; what can be done differs.
 */

#include <config.h>

#include <string.h>
#include <time.h>

#include <curl/curl.h>
#include <gnutls/x509.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "io/http-internal.h"

const char *
http_certificate (CURL *curl)
{
  static const char label[] = "Cert:";
  struct curl_certinfo *chain = NULL;

  curl_easy_getinfo (curl, CURLINFO_CERTINFO, &chain);
  for (struct curl_slist *s = chain == NULL || chain->num_of_certs == 0 ? NULL
         : chain->certinfo[0]; s != NULL; s = s->next)
    if (strncmp (s->data, label, sizeof label - 1) == 0)
      return s->data + sizeof label - 1;
  return NULL;
}

/* When it begins and ceases to be valid; curl need not know it. */
static bool
read_times (CURL *curl, time_t *from, time_t *until)
{
  const char *pem = http_certificate (curl);
  const gnutls_datum_t datum = {
    .data = (unsigned char *) pem,
    .size = pem != NULL ? (unsigned) strlen (pem) : 0,
  };
  gnutls_x509_crt_t certificate;
  bool ret;

  if (pem == NULL ||
      gnutls_x509_crt_init (&certificate) != GNUTLS_E_SUCCESS)
    return false;
  ret = gnutls_x509_crt_import (certificate, &datum,
                                GNUTLS_X509_FMT_PEM) == GNUTLS_E_SUCCESS;
  if (ret) {
    *from = gnutls_x509_crt_get_activation_time (certificate);
    *until = gnutls_x509_crt_get_expiration_time (certificate);
  }
  gnutls_x509_crt_deinit (certificate);
  return ret && *from != (time_t) -1 && *until != (time_t) -1;
}

static void
write_date (time_t when, char ret[16])
{
  struct tm tm;

  if (gmtime_r (&when, &tm) == NULL || strftime (ret, 16, "%F", &tm) == 0)
    strcpy (ret, "?");
}

/* False: the certificate is of this time. */
static bool
report_times (CURL *curl, struct error *err)
{
  const time_t now = time (NULL);
  time_t from, until;
  char date[16];

  if (!read_times (curl, &from, &until) || (from <= now && now <= until))
    return false;
  write_date (now > until ? until : from, date);
  if (now > until) {
    error_set (err, REASON_TLS, _("the server's certificate expired on %s"),
               date);
    error_hint (err, _("have the certificate renewed"));
  }
  else {
    error_set (err, REASON_TLS,
               _("the server's certificate is not valid before %s"), date);
    error_hint (err, _("is the clock of this host right?"));
  }
  return true;
}

static void
report_text (const char *text, struct error *err)
{
  error_set (err, REASON_TLS, "%s", text);
  if (strstr (text, "expired") != NULL)
    error_hint (err, _("have the certificate renewed"));
  else if (strstr (text, "subject name") != NULL)
    error_hint (err, _("use a name of the server that is in its "
                       "certificate"));
  else {
    error_wrap (err, _("no authority that this host trusts has issued the "
                       "server's certificate"));
    error_hint (err, _("name the file with the server's CA certificate with "
                       "-io curl-cainfo=FILE"));
  }
}

int
http_report_certificate (CURL *curl, const char *text, struct error *err)
{
  if (!report_times (curl, err))
    report_text (text, err);
  error_add_hint (err, _("or trust any certificate with -io "
                         "curl-sslverify=false"));
  return -1;
}
