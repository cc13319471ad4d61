/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the query of an NBD URI says about TLS, by the names of
 * nbd_connect_uri(3), and whether that is enough to know whom one talks to.
 * Connecting is left to io/nbd-conn.c and to nbdkit's plugin.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/nbd-uri.h"
#include "base/uri.h"

#define CA_FILE "ca-cert.pem"

static int
parse_verify (const char *value, enum nbd_verify *ret, struct error *err)
{
  static const struct { const char *word; enum nbd_verify verify; } words[] = {
    { "1", NBD_VERIFY_YES }, { "true", NBD_VERIFY_YES },
    { "yes", NBD_VERIFY_YES }, { "on", NBD_VERIFY_YES },
    { "0", NBD_VERIFY_NO }, { "false", NBD_VERIFY_NO },
    { "no", NBD_VERIFY_NO }, { "off", NBD_VERIFY_NO },
  };

  for (size_t i = 0; i < ARRAY_LEN (words); i++)
    if (strcasecmp (words[i].word, value) == 0) {
      *ret = words[i].verify;
      return 0;
    }
  return error_set (err, REASON_USAGE,
                    _("tls-verify-peer=%s: it must be 0 or 1"), value);
}

/* One KEY=VALUE of the query.  False: it is not about TLS. */
static bool
take_parameter (struct nbd_uri *uri, const char *parameter, struct error *err)
{
  const struct { const char *key; char **value; } texts[] = {
    { "tls-certificates", &uri->certificates },
    { "tls-psk-file", &uri->psk_file },
    { "tls-username", &uri->username },
  };
  CLEANUP_FREE char *verify = NULL;

  for (size_t i = 0; i < ARRAY_LEN (texts); i++) {
    char *value = uri_query_value (parameter, texts[i].key, err);

    if (value != NULL) {
      free (*texts[i].value);
      *texts[i].value = value;
      return true;
    }
  }
  verify = uri_query_value (parameter, "tls-verify-peer", err);
  if (verify != NULL)
    parse_verify (verify, &uri->verify, err);
  return verify != NULL;
}

/* Move what is about TLS out of the query, which begins at QUERY. */
static int
take_query (struct nbd_uri *uri, const char *query, struct error *err)
{
  char *to = uri->uri + (query - uri->uri);
  CLEANUP_FREE char *all = alloc_copy (query + 1, err);
  char separator = '?';

  if (all == NULL)
    return -1;
  for (char *p = all, *next; p != NULL; p = next) {
    const size_t len = strcspn (p, "&;");

    next = p[len] != '\0' ? p + len + 1 : NULL;
    p[len] = '\0';
    if (take_parameter (uri, p, err))
      continue;
    *to++ = separator;
    to = stpcpy (to, p);
    separator = '&';
  }
  *to = '\0';
  return error_is_set (err) ? -1 : 0;
}

static int
check_scheme (const struct nbd_uri *uri, struct error *err)
{
  if (uri->tls || (uri->certificates == NULL && uri->psk_file == NULL &&
                   uri->username == NULL &&
                   uri->verify == NBD_VERIFY_DEFAULT))
    return 0;
  error_set (err, REASON_USAGE,
             _("%s: tls- parameters need a TLS URI"), uri->uri);
  error_hint (err, _("an nbds:// or nbds+unix:// URI uses TLS"));
  return -1;
}

int
nbd_uri_parse (const char *uri, struct nbd_uri *ret, struct error *err)
{
  const size_t scheme = strcspn (uri, ":");
  const char *query;

  *ret = (struct nbd_uri) { .uri = alloc_copy (uri, err) };
  if (ret->uri == NULL)
    return -1;
  ret->tls = strncmp (uri, "nbds", 4) == 0;
  ret->over_tcp = memchr (uri, '+', scheme) == NULL;
  query = strchr (ret->uri, '?');
  if ((query == NULL || take_query (ret, query, err) == 0) &&
      check_scheme (ret, err) == 0)
    return 0;
  nbd_uri_reset (ret);
  return -1;
}

void
nbd_uri_reset (struct nbd_uri *uri)
{
  free (uri->uri);
  free (uri->certificates);
  free (uri->psk_file);
  free (uri->username);
  *uri = (struct nbd_uri) { .uri = NULL };
}

/*--- Trust. ---*/

static bool
has_ca (const char *dir, const char *below)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *path = format (&ignored, "%s%s/" CA_FILE, dir, below);

  return path != NULL && access (path, R_OK) == 0;
}

/* Where libnbd looks when no directory is named. */
static bool
has_default_ca (void)
{
  const char *home = geteuid () != 0 ? getenv ("HOME") : NULL;

  return has_ca ("/etc/pki/libnbd", "") ||
    (home != NULL && (has_ca (home, "/.pki/libnbd") ||
                      has_ca (home, "/.config/pki/libnbd")));
}

static void
hint_trust (const struct nbd_uri *uri, struct error *err)
{
  const char *mark = strchr (uri->uri, '?') != NULL ? "&" : "?";

  error_hint (err, _("add %stls-certificates=DIR to the URI, where "
                     "DIR/ca-cert.pem is the certificate of the server's CA "
                     "(/etc/ssl/certs/ca-certificates.crt where that is a "
                     "public one), or %stls-verify-peer=0 to trust any "
                     "server"), mark, mark);
}

/* libnbd 1.14 verifies nothing without a CA certificate, also if it is given
 * a directory that has none; 1.24 takes the system's.  The other end of a
 * Unix socket is whoever may open it.
 */
int
nbd_uri_check_trust (const struct nbd_uri *uri, bool system_trust,
                     struct error *err)
{
  if (!uri->tls || uri->psk_file != NULL || uri->verify == NBD_VERIFY_NO ||
      (!uri->over_tcp && uri->verify != NBD_VERIFY_YES))
    return 0;
  if (uri->certificates != NULL && access (uri->certificates, X_OK) == -1)
    return error_errno (err, REASON_TLS, "tls-certificates=%s",
                        uri->certificates);
  if (system_trust || (uri->certificates != NULL
                       ? has_ca (uri->certificates, "") : has_default_ca ()))
    return 0;
  if (uri->certificates != NULL)
    error_set (err, REASON_TLS, _("the certificate of %s cannot be verified: "
                                  "%s has no ca-cert.pem"), uri->uri,
               uri->certificates);
  else
    error_set (err, REASON_TLS, _("the certificate of %s cannot be verified: "
                                  "no CA certificate was given"), uri->uri);
  hint_trust (uri, err);
  return -1;
}
