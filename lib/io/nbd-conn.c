/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <config.h>

#include <assert.h>
#include <poll.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "io/nbd-conn.h"

#define HANDLES_MAX 2
#define LEAVE_MS 2000

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
    : _("the server hung up");
}

int
nbd_conn_alive (struct nbd_handle *h)
{
  return h != NULL && nbd_aio_is_dead (h) == 0 && nbd_aio_is_closed (h) == 0;
}

static bool
readable (int fd)
{
  struct pollfd pollfd = { .fd = fd, .events = POLLIN };

  return fd >= 0 && poll (&pollfd, 1, 0) == 1;
}

static int
cannot_connect (const char *uri, struct error *err)
{
  error_set (err, REASON_UNREACHABLE, _("cannot connect to %s: %s"), uri,
             nbd_conn_reason ());
  error_server (err, uri);
  return -1;
}

static int
wait_until_ready (struct nbd_handle *h, const char *uri, int wake_fd,
                  unsigned timeout_s, struct error *err)
{
  const int64_t deadline_ms = clock_ms () + (int64_t) timeout_s * 1000;

  while (nbd_aio_is_ready (h) != 1) {
    if (!nbd_conn_alive (h))
      return cannot_connect (uri, err);
    if (readable (wake_fd))
      return error_set (err, REASON_INTERRUPTED, _("interrupted"));
    if (clock_ms () >= deadline_ms)
      return error_set (err, REASON_TIMEOUT,
                        _("%s: the server does not answer"), uri);
    nbd_conn_poll (&h, 1, wake_fd, 1000);
  }
  return 0;
}

struct nbd_handle *
nbd_conn_open (const char *uri, const char *const *contexts, int wake_fd,
               struct error *err)
{
  return nbd_conn_open_within (uri, contexts, wake_fd, 0, err);
}

struct nbd_handle *
nbd_conn_open_within (const char *uri, const char *const *contexts,
                      int wake_fd, unsigned timeout_s, struct error *err)
{
  struct nbd_handle *h = nbd_create ();

  if (timeout_s == 0 || timeout_s > NBD_CONN_TIMEOUT_S)
    timeout_s = NBD_CONN_TIMEOUT_S;
  if (h == NULL) {
    error_nomem (err);
    return NULL;
  }
  if (configure (h, contexts) == -1 || nbd_aio_connect_uri (h, uri) == -1)
    cannot_connect (uri, err);
  else if (wait_until_ready (h, uri, wake_fd, timeout_s, err) == 0)
    return h;
  nbd_close (h);
  return NULL;
}

void
nbd_conn_close (struct nbd_handle **h)
{
  if (*h == NULL)
    return;
  if (nbd_conn_alive (*h) && nbd_aio_is_ready (*h) == 1)
    nbd_aio_disconnect (*h, 0); /* takes leave, does not wait */
  nbd_close (*h);
  *h = NULL;
}

void
nbd_conn_leave (struct nbd_handle **h)
{
  const int64_t deadline_ms = clock_ms () + LEAVE_MS;

  if (nbd_conn_alive (*h) && nbd_aio_is_ready (*h) == 1 &&
      nbd_aio_disconnect (*h, 0) == 0)
    while (nbd_conn_alive (*h) && clock_ms () < deadline_ms)
      nbd_conn_poll (h, 1, -1, LEAVE_MS);
  nbd_close (*h);
  *h = NULL;
}

static short
poll_events (struct nbd_handle *h)
{
  const unsigned direction = nbd_aio_get_direction (h);
  short events = 0;

  if (direction & LIBNBD_AIO_DIRECTION_READ)
    events |= POLLIN;
  if (direction & LIBNBD_AIO_DIRECTION_WRITE)
    events |= POLLOUT;
  return events;
}

/* Failures show in the state of the handle and in completions. */
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

void
nbd_conn_poll (struct nbd_handle *const *handles, size_t n, int wake_fd,
               int timeout_ms)
{
  struct pollfd pollfds[HANDLES_MAX + 1];

  assert (n <= HANDLES_MAX);
  for (size_t i = 0; i < n; i++) {
    const bool alive = nbd_conn_alive (handles[i]);

    pollfds[i].fd = alive ? nbd_aio_get_fd (handles[i]) : -1;
    pollfds[i].events = alive ? poll_events (handles[i]) : 0;
    pollfds[i].revents = 0;
  }
  pollfds[n] = (struct pollfd) { .fd = wake_fd, .events = POLLIN };
  if (poll (pollfds, n + 1, timeout_ms) <= 0)
    return;
  for (size_t i = 0; i < n; i++)
    if (pollfds[i].revents != 0)
      notify (handles[i], pollfds[i].revents);
}
