/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The thread of an SSH connection.  It is the only one that calls libssh for
 * this session.  Others leave pieces in an inbox and write to an eventfd,
 * which libssh's event loop polls beside the socket: what is left there at
 * whatever moment ends the poll, or keeps it from waiting.  Each call of
 * libssh's may poll, and see the eventfd, so that it is remembered (.woken).
 */

#include <config.h>

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <libssh/callbacks.h>

#define NBDKIT_API_VERSION 2
#include <nbdkit-plugin.h>

#include "base/clock.h"
#include "ssh-connection-internal.h"

/* How much the server may send before it hears from us.  It is what TCP lets
 * be under way, in common settings; libssh's own 1.28 MB, up to 0.10, are
 * 12 MB/s over 100 ms.
 */
#define WINDOW (UINT32_C (4) << 20)

#define LOOK_MS 500

void
connection_fail (struct connection *c, enum trouble_kind kind,
                 const char *what, const char *text)
{
  if (c->trouble.kind == TROUBLE_NONE)
    trouble_set (&c->trouble, kind, "%s: %s", what, text);
}

static void
lost (struct connection *c, const char *text)
{
  connection_fail (c, TROUBLE_LOST, "read failed", text);
}


/*--- The channel. ---*/

/* libssh's callback for what has come.  All of it is taken. */
static int
bytes_came (ssh_session session, ssh_channel channel, void *data,
            uint32_t len, int is_stderr, void *opaque)
{
  struct connection *c = opaque;

  (void) session;
  (void) channel;
  if (is_stderr || c->trouble.kind != TROUBLE_NONE)
    return (int) len;
  c->since_grown += len;
  c->heard_ms = clock_ms ();
  if (!sftp_read (&c->reader, data, len))
    lost (c, "SFTP server: it sends what was not asked for");
  return (int) len;
}

/* Up to 0.10 libssh makes the window as large as somebody wants to read, and
 * else 1.28 MB; later it is 2 MiB whatever is wanted.  There is nothing to
 * read: bytes_came has all of it.
 */
static void
grow_window (struct connection *c)
{
  int n;

  if (c->since_grown < WINDOW / 8)
    return;
  c->since_grown = 0;
  n = ssh_channel_read_timeout (c->channel, c->scratch, WINDOW, 0, 0);
  if (n > 0)
    bytes_came (c->session, c->channel, c->scratch, (uint32_t) n, 0, c);
}

/* What the server's window does not let through stays. */
static void
flush_out (struct connection *c)
{
  int n;

  if (c->out.failed)
    lost (c, "no memory");
  if (c->out.len == 0 || c->trouble.kind != TROUBLE_NONE)
    return;
  n = ssh_channel_write (c->channel, c->out.ptr, (uint32_t) c->out.len);
  if (n > 0)
    sftp_out_sent (&c->out, (size_t) n);
  else if (n < 0 && n != SSH_AGAIN)
    lost (c, ssh_get_error (c->session));
}

static void
check_channel (struct connection *c)
{
  const int status = ssh_get_status (c->session);

  if (status & (SSH_CLOSED|SSH_CLOSED_ERROR)) {
    const char *text = ssh_get_error (c->session);

    lost (c, *text != '\0' ? text : "Socket error: disconnected");
  }
  else if (ssh_channel_is_eof (c->channel) ||
           ssh_channel_is_closed (c->channel))
    lost (c, "Remote channel is closed");
}

/* nbdkit's ssh plugin waits for an answer as long as the parameter says, or
 * for ever.
 */
static void
check_time (struct connection *c)
{
  const uint32_t timeout_s = c->shared->params->timeout_s;

  if (c->n_flying > 0 && timeout_s > 0 &&
      clock_ms () - c->heard_ms > (int64_t) timeout_s * 1000)
    lost (c, "Timeout: the server is silent");
}

static int
drain (socket_t fd, int revents, void *opaque)
{
  struct connection *c = opaque;
  uint64_t ignored;

  (void) revents;
  c->woken = true;
  if (read (fd, &ignored, sizeof ignored) == -1)
    return 0;                   /* then there was nothing */
  return 0;
}


/*--- Opening. ---*/

static void
cannot_open (struct connection *c, const char *what)
{
  const char *text = ssh_get_error (c->session);

  connection_fail (c, TROUBLE_LOST, what, *text != '\0' ? text : "Timeout");
}

/* Call STEP until it is done. */
static bool
step_channel (struct connection *c, int (*step) (ssh_channel),
              const char *what)
{
  const struct ssh_wait wait = ssh_wait_begin (c->shared->params, c->wake_fd);
  int rc;

  while ((rc = step (c->channel)) == SSH_AGAIN) {
    flush_out (c);
    if (!ssh_wait (&wait, c->session))
      break;
  }
  if (rc != SSH_OK)
    cannot_open (c, what);
  return rc == SSH_OK;
}

static int
request_sftp (ssh_channel channel)
{
  return ssh_channel_request_sftp (channel);
}

/* Everything that opens the file is sent at once, behind the request for the
 * subsystem: SFTP servers take one after the other.
 */
static void
ask_to_open (struct connection *c)
{
  const char *path = c->shared->params->path;

  sftp_put_init (&c->out);
  sftp_put_path (&c->out, SFTP_STAT, ID_STAT, path);
  sftp_put_path (&c->out, SFTP_OPEN, ID_OPEN, path);
}

static bool
open_channel (struct connection *c)
{
  c->channel = ssh_channel_new (c->session);
  if (c->channel == NULL) {
    cannot_open (c, "failed to allocate sftp session");
    return false;
  }
  ssh_callbacks_init (&c->callbacks);
  ssh_add_channel_callbacks (c->channel, &c->callbacks);
  if (!step_channel (c, ssh_channel_open_session,
                     "failed to allocate sftp session"))
    return false;
  ask_to_open (c);
  return step_channel (c, request_sftp, "failed to allocate sftp session");
}

static bool
is_open (const struct connection *c)
{
  const unsigned all = HAS_VERSION|HAS_STAT|HAS_HANDLE;

  return (c->has & all) == all && c->attrs.has_size;
}

static bool
open_file (struct connection *c)
{
  const struct ssh_wait wait = ssh_wait_begin (c->shared->params, c->wake_fd);

  c->since_grown = WINDOW;      /* it begins with 64 kB */
  while (!is_open (c) && c->trouble.kind == TROUBLE_NONE) {
    flush_out (c);
    grow_window (c);
    check_channel (c);
    if (is_open (c) || c->trouble.kind != TROUBLE_NONE)
      break;
    if (!ssh_wait (&wait, c->session))
      connection_fail (c, TROUBLE_LOST, "cannot open file for reading",
                       "Timeout");
    ssh_channel_poll (c->channel, 0);
  }
  return c->trouble.kind == TROUBLE_NONE;
}

static bool
begin_events (struct connection *c)
{
  c->event = ssh_event_new ();
  if (c->event != NULL &&
      ssh_event_add_fd (c->event, c->wake_fd, POLLIN, drain,
                        c) == SSH_OK &&
      ssh_event_add_session (c->event, c->session) == SSH_OK)
    return true;
  connection_fail (c, TROUBLE_LOST, "failed to allocate sftp session",
                   "no memory");
  return false;
}


/*--- Reading. ---*/

/* False: the connection is to end. */
static bool
take_inbox (struct connection *c)
{
  bool stopping;

  c->woken = false;
  pthread_mutex_lock (&c->lock);
  pieces_move (&c->inbox, &c->waiting);
  stopping = c->stopping;
  pthread_mutex_unlock (&c->lock);
  return !stopping;
}

/* How long to wait for the server, and others.  Not at all if there is
 * something to do since we have looked; LOOK_MS is often enough to look at the
 * time, and whether nbdkit is to end.
 */
static int
poll_ms (const struct connection *c)
{
  if (c->woken || (c->waiting.first != NULL && c->n_flying < FLYING_MAX))
    return 0;
  return c->n_flying > 0 ? LOOK_MS : -1;
}

/* Nobody may be heard for ever. */
static void
wait_for_something (struct connection *c)
{
  switch (ssh_event_dopoll (c->event, poll_ms (c))) {
  case SSH_ERROR:
    check_channel (c);
    break;
  case SSH_AGAIN:
    if (c->n_flying > 0 && ssh_nbdkit_ends ())
      lost (c, "nbdkit ends");
  }
  check_time (c);
}

static void
read_pieces (struct connection *c)
{
  while (c->trouble.kind == TROUBLE_NONE && take_inbox (c)) {
    flying_ask (c);
    flush_out (c);
    grow_window (c);
    check_channel (c);
    if (c->trouble.kind != TROUBLE_NONE)
      break;
    wait_for_something (c);
  }
}

static void
end (struct connection *c)
{
  if (c->event != NULL) {
    ssh_event_remove_fd (c->event, c->wake_fd);
    ssh_event_remove_session (c->event, c->session);
    ssh_event_free (c->event);
  }
  ssh_logout (c->session);
  c->session = NULL;
  sftp_out_reset (&c->out);
  if (c->trouble.kind == TROUBLE_NONE)
    lost (c, "the connection was closed");
  flying_land (c);
}

static bool
try_login (struct connection *c)
{
  const struct ssh_params *params = c->shared->params;

  c->session = ssh_reach (params, c->wake_fd, &c->trouble);
  return c->session != NULL && c->ops->reached (c->owner, c) &&
    ssh_login (params, &c->shared->remembered, c->session, c->wake_fd,
               &c->trouble);
}

static bool
log_in (struct connection *c)
{
  bool in = try_login (c);

  if (!in && c->trouble.kind == TROUBLE_GUESS) {
    ssh_logout (c->session);
    c->trouble.kind = TROUBLE_NONE;
    in = try_login (c);
  }
  if (in)
    c->ops->logged_in (c->owner, c);
  return in;
}

static void *
run (void *opaque)
{
  struct connection *c = opaque;

  if (log_in (c) && open_channel (c) && open_file (c) && begin_events (c)) {
    c->ops->opened (c->owner, c, &c->attrs);
    read_pieces (c);
  }
  end (c);
  c->ops->lost (c->owner, c, &c->trouble);
  return NULL;
}


/*--- For the owner. ---*/

static struct connection *
allocate (void)
{
  struct connection *c = calloc (1, sizeof *c);

  if (c == NULL)
    return NULL;
  c->scratch = malloc (WINDOW);
  c->wake_fd = eventfd (0, EFD_CLOEXEC|EFD_NONBLOCK);
  if (c->scratch != NULL && c->wake_fd != -1)
    return c;
  if (c->wake_fd != -1)
    close (c->wake_fd);
  free (c->scratch);
  free (c);
  return NULL;
}

static void
release (struct connection *c)
{
  close (c->wake_fd);
  pthread_mutex_destroy (&c->lock);
  free (c->scratch);
  free (c);
}

struct connection *
connection_new (struct connection_shared *shared,
                const struct connection_ops *ops, void *owner)
{
  struct connection *c = allocate ();

  if (c == NULL)
    return NULL;
  c->shared = shared;
  c->ops = ops;
  c->owner = owner;
  c->sink = (struct sftp_sink) {
    .place = flying_place, .reply = flying_reply, .opaque = c,
  };
  c->reader.sink = &c->sink;
  c->callbacks.userdata = c;
  c->callbacks.channel_data_function = bytes_came;
  pthread_mutex_init (&c->lock, NULL);
  if (pthread_create (&c->thread, NULL, run, c) == 0)
    return c;
  release (c);
  return NULL;
}

static void
wake (struct connection *c)
{
  const uint64_t one = 1;

  /* It fails only where the thread has been woken very often already. */
  if (write (c->wake_fd, &one, sizeof one) == -1)
    return;
}

void
connection_send (struct connection *c, struct piece *piece)
{
  pthread_mutex_lock (&c->lock);
  pieces_add (&c->inbox, piece);
  pthread_mutex_unlock (&c->lock);
  wake (c);
}

void
connection_stop (struct connection *c)
{
  pthread_mutex_lock (&c->lock);
  c->stopping = true;
  pthread_mutex_unlock (&c->lock);
  wake (c);
}

void
connection_rest (struct connection *c, struct pieces *ret)
{
  pieces_move (&c->waiting, ret);
  pieces_move (&c->inbox, ret);
}

void
connection_free (struct connection *c)
{
  pthread_join (c->thread, NULL);
  release (c);
}
