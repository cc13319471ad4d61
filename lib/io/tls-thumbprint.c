/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The SHA-1 thumbprint of a server's certificate, as VDDK wants it.  libcurl
 * connects (with its time limits and name look-up), and GnuTLS does the TLS
 * handshake on curl's socket: curl may have been built with any TLS library,
 * and not all of them let the certificate be seen.
 */

#include <config.h>

#include <poll.h>
#include <string.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "io/http.h"
#include "io/supervisor.h"
#include "io/tls-thumbprint.h"

/* An unreachable source must be reported within 5 seconds. */
#define HANDSHAKE_TIMEOUT_MS 4000

static int
tls_error (int code, struct error *err)
{
  return error_set (err, REASON_TLS,
                    _("cannot fetch the server's certificate: %s"),
                    gnutls_strerror (code));
}

/* One socket's events, waited for in the supervisor's loop. */
static void
socket_is_ready (void *data, short revents __attribute__ ((unused)))
{
  bool *ready = data;

  *ready = true;
}

static bool
is_ready (void *data)
{
  const bool *ready = data;

  return *ready;
}

static int
wait_for_socket (gnutls_session_t session, int fd,
                 struct supervisor *supervisor, int64_t deadline_ms,
                 struct error *err)
{
  const short events =
    gnutls_record_get_direction (session) == 1 ? POLLOUT : POLLIN;
  bool ready = false;
  int r;

  if (supervisor_watch (supervisor, fd, events, socket_is_ready, &ready,
                        err) == -1)
    return -1;
  r = supervisor_wait (supervisor, is_ready, &ready, deadline_ms, err);
  supervisor_unwatch (supervisor, fd);
  if (r == 1)
    return error_set (err, REASON_TIMEOUT,
                      _("the server does not finish the TLS handshake"));
  return r;
}

static int
handshake (gnutls_session_t session, int fd, struct supervisor *supervisor,
           struct error *err)
{
  const int64_t deadline_ms = clock_ms () + HANDSHAKE_TIMEOUT_MS;
  int code;

  while ((code = gnutls_handshake (session)) != GNUTLS_E_SUCCESS) {
    if (gnutls_error_is_fatal (code))
      return tls_error (code, err);
    if (code == GNUTLS_E_AGAIN &&
        wait_for_socket (session, fd, supervisor, deadline_ms, err) == -1)
      return -1;
  }
  return 0;
}

static char *
fingerprint (gnutls_session_t session, struct error *err)
{
  unsigned n;
  const gnutls_datum_t *chain = gnutls_certificate_get_peers (session, &n);
  unsigned char hash[20];
  size_t size = sizeof hash;
  char *text, *to;
  int code;

  if (chain == NULL || n == 0) {
    error_set (err, REASON_TLS, _("the server shows no certificate"));
    return NULL;
  }
  code = gnutls_fingerprint (GNUTLS_DIG_SHA1, &chain[0], hash, &size);
  if (code != GNUTLS_E_SUCCESS) {
    tls_error (code, err);
    return NULL;
  }
  to = text = malloc (3 * sizeof hash);
  if (text == NULL) {
    error_nomem (err);
    return NULL;
  }
  for (size_t i = 0; i < sizeof hash; i++)
    to += sprintf (to, i == 0 ? "%02X" : ":%02X", hash[i]);
  return text;
}

static char *
ask (gnutls_session_t session, gnutls_certificate_credentials_t creds,
     const char *host, int fd, struct supervisor *supervisor,
     struct error *err)
{
  gnutls_set_default_priority (session);
  gnutls_credentials_set (session, GNUTLS_CRD_CERTIFICATE, creds);
  gnutls_server_name_set (session, GNUTLS_NAME_DNS, host, strlen (host));
  gnutls_transport_set_int (session, fd);
  if (handshake (session, fd, supervisor, err) == -1)
    return NULL;
  return fingerprint (session, err);
}

char *
tls_thumbprint (const char *host, unsigned port,
                struct supervisor *supervisor, struct error *err)
{
  CLEANUP_FD int fd = http_connect (host, port, supervisor, err);
  gnutls_certificate_credentials_t creds = NULL;
  gnutls_session_t session = NULL;
  char *text = NULL;

  if (fd == -1)
    return NULL;
  if (gnutls_certificate_allocate_credentials (&creds) < 0 ||
      gnutls_init (&session, GNUTLS_CLIENT|GNUTLS_NONBLOCK|
                   GNUTLS_NO_SIGNAL) < 0)
    error_nomem (err);
  else
    text = ask (session, creds, host, fd, supervisor, err);
  if (session != NULL)
    gnutls_deinit (session);
  if (creds != NULL)
    gnutls_certificate_free_credentials (creds);
  return text;
}
