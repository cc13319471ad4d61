/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Connections to NBD servers: how they are opened, waited for and closed.
 * What is sent on them, and what a failure means, is left to the callers; the
 * protocol is left to libnbd.
 */

#include <config.h>

#include <assert.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/param.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/nbd-uri.h"
#include "io/nbd-conn.h"
#include "io/supervisor.h"

#define LEAVE_MS 2000
/* A connection to a server that is not busy takes a few round trips. */
#define ANOTHER_MS 3000
#define ANOTHER_FACTOR 4
/* How often give_up is called when nothing else happens. */
#define ASK_INTERVAL_MS 200
/* The largest minimum that NBD allows a server. */
#define BLOCK_MAX 65536

static int
configure (struct nbd_handle *h, const char *const *contexts)
{
  for (; contexts != NULL && *contexts != NULL; contexts++)
    if (nbd_add_meta_context (h, *contexts) == -1)
      return -1;
#if LIBNBD_HAVE_NBD_SET_PREAD_INITIALIZE
  /* A buffer is used only after its read has succeeded. */
  if (nbd_set_pread_initialize (h, false) == -1)
    return -1;
#endif
  return 0;
}

const char *
nbd_conn_reason (void)
{
  const char *reason = nbd_get_error ();

  if (reason != NULL)
    return reason;
  return nbd_get_errno () != 0 ? strerror (nbd_get_errno ())
    : _("the server closed the connection");
}

bool
nbd_conn_alive (struct nbd_handle *h)
{
  return h != NULL && nbd_aio_is_dead (h) == 0 && nbd_aio_is_closed (h) == 0;
}

static short
poll_events (struct nbd_handle *h)
{
  const unsigned direction = nbd_aio_get_direction (h);

  return (direction & LIBNBD_AIO_DIRECTION_READ ? POLLIN : 0) |
    (direction & LIBNBD_AIO_DIRECTION_WRITE ? POLLOUT : 0);
}

/* Failures are seen in the state of the handle and in completions. */
static void
notify (struct nbd_handle *h, short revents)
{
  const unsigned direction = nbd_aio_get_direction (h);

  if ((revents & (POLLIN|POLLHUP|POLLERR)) != 0 &&
      (direction & LIBNBD_AIO_DIRECTION_READ) != 0)
    nbd_aio_notify_read (h);
  else if (revents != 0 && (direction & LIBNBD_AIO_DIRECTION_WRITE) != 0)
    nbd_aio_notify_write (h);
}

bool
nbd_conn_poll (struct nbd_handle *const *handles, size_t n, int wake_fd,
               int timeout_ms)
{
  struct pollfd pollfds[NBD_CONN_POLL_MAX + 1];

  assert (n <= NBD_CONN_POLL_MAX);
  for (size_t i = 0; i < n; i++) {
    const bool alive = nbd_conn_alive (handles[i]);

    pollfds[i].fd = alive ? nbd_aio_get_fd (handles[i]) : -1;
    pollfds[i].events = alive ? poll_events (handles[i]) : 0;
    pollfds[i].revents = 0;
  }
  pollfds[n] = (struct pollfd) { .fd = wake_fd, .events = POLLIN };
  if (poll (pollfds, n + 1, timeout_ms) <= 0)
    return false;
  for (size_t i = 0; i < n; i++)
    if (pollfds[i].revents != 0)
      notify (handles[i], pollfds[i].revents);
  return pollfds[n].revents != 0;
}

/*--- Waiting. ---*/

/* Connected, or where options are to be negotiated by the caller. */
static int
is_connected (struct nbd_handle *h)
{
  return nbd_aio_is_ready (h) == 1 || nbd_aio_is_negotiating (h) == 1;
}

/* 1: it succeeded; 0: not yet; -1: it failed. */
static int
outcome (struct nbd_handle *h, int64_t cookie, int *errnum)
{
  const int r = cookie == -1 ? -1 /* libnbd has refused it */
    : cookie == 0 ? is_connected (h)
    : nbd_aio_command_completed (h, (uint64_t) cookie);

  if (r == -1)
    *errnum = nbd_get_errno ();
  else if (r == 0 && !nbd_conn_alive (h))
    *errnum = ENOTCONN;
  else
    return r;
  return -1;
}

static void
note_event (void *data, short revents __attribute__ ((unused)))
{
  bool *happened = data;

  *happened = true;
}

static bool
has_happened (void *data)
{
  const bool *happened = data;

  return *happened;
}

/* Poll once, in the supervisor's loop.  The events to wait for on the socket
 * may change with each event, so that it is watched for one event only.
 */
static int
poll_supervised (struct nbd_handle *h, struct supervisor *supervisor,
                 int timeout_ms, struct error *err)
{
  const int fd = nbd_aio_get_fd (h);
  bool happened = false;
  int r;

  if (supervisor_watch (supervisor, fd, poll_events (h), note_event,
                        &happened, err) == -1)
    return -1;
  r = supervisor_wait (supervisor, has_happened, &happened,
                       clock_ms () + timeout_ms, err);
  supervisor_unwatch (supervisor, fd);
  if (r != -1)
    nbd_conn_poll (&h, 1, -1, 0);
  return r == -1 ? -1 : 0;
}

int
nbd_conn_wait (struct nbd_handle *h, int64_t cookie, struct nbd_wait *wait,
               struct error *err)
{
  bool woken = false;
  int r;

  wait->timed_out = false;
  wait->errnum = 0;
  while ((r = outcome (h, cookie, &wait->errnum)) == 0) {
    const int64_t left_ms = wait->deadline_ms - clock_ms ();
    const int timeout_ms = (int) MIN (left_ms, ASK_INTERVAL_MS);

    if (woken)
      return error_set (err, REASON_INTERRUPTED, _("interrupted"));
    if (left_ms <= 0) {
      wait->timed_out = true;
      return -1;
    }
    if (wait->supervisor == NULL)
      woken = nbd_conn_poll (&h, 1, wait->wake_fd, timeout_ms);
    else if (poll_supervised (h, wait->supervisor, timeout_ms, err) == -1)
      return -1;
    if (wait->give_up != NULL && wait->give_up (wait->data))
      return -1;
  }
  return r == 1 ? 0 : -1;
}

static int
pread_blocks (struct nbd_handle *h, void *buf, size_t len, uint64_t offset,
              struct nbd_wait *wait, struct error *err)
{
  return nbd_conn_wait (h, nbd_aio_pread (h, buf, len, offset,
                                          NBD_NULL_COMPLETION, 0),
                        wait, err);
}

uint32_t
nbd_conn_min_block (struct nbd_handle *h)
{
  const int64_t min = nbd_get_block_size (h, LIBNBD_SIZE_MINIMUM);

  return min > 1 && min <= BLOCK_MAX ? (uint32_t) min : 1;
}

int
nbd_conn_pread (struct nbd_handle *h, void *buf, size_t len,
                uint64_t offset, struct nbd_wait *wait, struct error *err)
{
  const uint64_t block = nbd_conn_min_block (h);
  const uint64_t from = offset / block * block;
  const uint64_t end = (offset + len + block - 1) / block * block;
  CLEANUP_FREE char *blocks = NULL;

  if (from == offset && end == offset + len)
    return pread_blocks (h, buf, len, offset, wait, err);
  blocks = alloc_zero (end - from, err);
  if (blocks == NULL ||
      pread_blocks (h, blocks, end - from, from, wait, err) == -1)
    return -1;
  memcpy (buf, blocks + (offset - from), len);
  return 0;
}

/*--- Opening and closing. ---*/

/* Since 1.24 (it was measured; 1.14 does not) libnbd trusts the system's CA
 * certificates where it has no others.
 */
static bool
has_system_trust (struct nbd_handle *h)
{
  const char *version = nbd_get_version (h);
  unsigned major = 0, minor = 0;

  return version != NULL && sscanf (version, "%u.%u", &major, &minor) == 2 &&
    (major > 1 || minor >= 24);
}

int
nbd_conn_check_trust (const struct nbd_uri *uri, struct error *err)
{
  struct nbd_handle *h = nbd_create ();
  int r;

  if (h == NULL)
    return error_nomem (err);
  r = nbd_uri_check_trust (uri, has_system_trust (h), err);
  nbd_close (h);
  return r;
}

/* The rest of the URI still decides whether TLS is used at all. */
static int
configure_tls (struct nbd_handle *h, const struct nbd_uri *uri)
{
  if ((uri->certificates != NULL &&
       nbd_set_tls_certificates (h, uri->certificates) == -1) ||
      (uri->psk_file != NULL &&
       nbd_set_tls_psk_file (h, uri->psk_file) == -1) ||
      (uri->username != NULL &&
       nbd_set_tls_username (h, uri->username) == -1))
    return -1;
  return uri->verify == NBD_VERIFY_DEFAULT ? 0
    : nbd_set_tls_verify_peer (h, uri->verify == NBD_VERIFY_YES);
}

/* OPTIONS: leave their negotiation to the caller. */
static struct nbd_handle *
begin (const char *uri, const char *const *contexts, bool options,
       struct error *err)
{
  CLEANUP_NBD_URI struct nbd_uri parsed = { .uri = NULL };
  struct nbd_handle *h;

  if (nbd_uri_parse (uri, &parsed, err) == -1)
    return NULL;
  h = nbd_create ();
  if (h == NULL) {
    error_nomem (err);
    return NULL;
  }
  if (nbd_uri_check_trust (&parsed, has_system_trust (h), err) == 0 &&
      configure (h, contexts) == 0 && configure_tls (h, &parsed) == 0 &&
      nbd_set_opt_mode (h, options) == 0 &&
      nbd_aio_connect_uri (h, parsed.uri) == 0)
    return h;
  nbd_close (h);
  return NULL;
}

static struct nbd_handle *
connect_to (const char *uri, const char *const *contexts, bool options,
            struct nbd_wait *wait, struct error *err)
{
  struct nbd_handle *h;

  wait->timed_out = false;
  h = begin (uri, contexts, options, err);
  if (h == NULL || nbd_conn_wait (h, 0, wait, err) == 0)
    return h;
  nbd_close (h);
  return NULL;
}

struct nbd_handle *
nbd_conn_begin (const char *uri, struct error *err)
{
  return begin (uri, NULL, false, err);
}

struct nbd_handle *
nbd_conn_connect (const char *uri, const char *const *contexts,
                  struct nbd_wait *wait, struct error *err)
{
  return connect_to (uri, contexts, false, wait, err);
}

struct nbd_handle *
nbd_conn_negotiate (const char *uri, struct nbd_wait *wait, struct error *err)
{
  return connect_to (uri, NULL, true, wait, err);
}

int
nbd_conn_timeout_ms (unsigned stall_timeout_s)
{
  const unsigned limit_s = stall_timeout_s == 0 ? NBD_CONN_TIMEOUT_S
    : MIN (stall_timeout_s, NBD_CONN_TIMEOUT_S);

  return (int) limit_s * 1000;
}

int
nbd_conn_another_ms (unsigned stall_timeout_s, int first_ms)
{
  const int limit_ms = nbd_conn_timeout_ms (stall_timeout_s);

  return first_ms >= limit_ms / ANOTHER_FACTOR ? limit_ms
    : MIN (limit_ms, ANOTHER_MS + ANOTHER_FACTOR * first_ms);
}

/* What libnbd says when it is not the network that failed. */
static void
explain_refusal (const char *uri, const char *why, struct error *err)
{
  static const struct { const char *text; enum reason reason; } words[] = {
    { NBD_CONN_POLICY, REASON_AUTH },
    { "not found in PSK file", REASON_AUTH },
    { "gnutls", REASON_TLS },
    { "TLS", REASON_TLS },
    { "has no export named", REASON_NOT_FOUND },
  };
  enum reason reason = REASON_UNREACHABLE;

  for (size_t i = 0; i < ARRAY_LEN (words); i++)
    if (strstr (why, words[i].text) != NULL) {
      reason = words[i].reason;
      break;
    }
  error_set (err, reason, _("cannot connect to %s: %s"), uri, why);
  if (strstr (why, NBD_CONN_POLICY) != NULL)
    error_hint (err, "%s", _(NBD_CONN_POLICY_HINT));
}

struct nbd_handle *
nbd_conn_open (const char *uri, const char *const *contexts,
               struct nbd_wait *wait, struct error *err)
{
  struct nbd_handle *h = nbd_conn_connect (uri, contexts, wait, err);

  if (h == NULL && (wait->timed_out || (wait->give_up != NULL &&
                                        wait->give_up (wait->data))))
    error_set (err, REASON_TIMEOUT, _("%s: the server does not answer"), uri);
  else if (h == NULL && !error_is_set (err)) {
    explain_refusal (uri, nbd_conn_reason (), err);
    error_server (err, uri);
  }
  return h;
}

static bool
disconnect (struct nbd_handle *h)
{
  return nbd_conn_alive (h) && nbd_aio_is_ready (h) == 1 &&
    nbd_aio_disconnect (h, 0) == 0;
}

void
nbd_conn_close (struct nbd_handle **h)
{
  disconnect (*h);
  nbd_close (*h);
  *h = NULL;
}

void
nbd_conn_drop (struct nbd_handle **h)
{
  if (nbd_conn_alive (*h) && nbd_aio_in_flight (*h) > 0)
    nbd_conn_close (h);
}

void
nbd_conn_leave (struct nbd_handle **h)
{
  const int64_t deadline_ms = clock_ms () + LEAVE_MS;

  if (disconnect (*h))
    while (nbd_conn_alive (*h) && clock_ms () < deadline_ms)
      nbd_conn_poll (h, 1, -1, LEAVE_MS);
  nbd_close (*h);
  *h = NULL;
}
