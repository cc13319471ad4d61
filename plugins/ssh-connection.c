/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The thread of an SSH connection.  It is the only one that calls libssh for
 * this session.  Others leave pieces in an inbox and write to an eventfd, which
 * libssh's event loop polls beside the socket: what is left there at whatever
 * moment ends the poll, or keeps it from waiting.  Each call of libssh's may
 * poll, and see the eventfd, which is why that is remembered (.woken).
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

#include "ssh-connection.h"

/* Reads in flight.  Of 255 KiB they are more than any window. */
#define FLYING_MAX 256

/* How much the server may send before it hears from us.  It is what TCP lets
 * be under way, in common settings; libssh's own 1.28 MB, up to 0.10, are
 * 12 MB/s over 100 ms.
 */
#define WINDOW (UINT32_C (4) << 20)

/* A server that sends less than this at a time is not asked for less. */
#define REPLY_MIN (UINT32_C (32) << 10)

/* IDs of the requests that open the file; reads have others. */
enum { ID_STAT = 1, ID_OPEN, ID_FSTAT, ID_READS };

enum {
  HAS_VERSION = 1, HAS_STAT = 2, HAS_HANDLE = 4, ASKED_FSTAT = 8,
  HAS_FSTAT = 16,
};

#define FILE_TYPE 0170000
#define FILE_REGULAR 0100000
#define FILE_BLOCK 0060000

struct flying {
  struct piece *piece;          /* NULL: this place is free */
  uint32_t id;
};

struct connection {
  struct connection_shared *shared;
  const struct connection_ops *ops;
  void *owner;
  pthread_t thread;
  int wake_fd;

  pthread_mutex_t lock;         /* of these two */
  struct pieces inbox;
  bool stopping;

  /* The thread's own. */
  ssh_session session;
  ssh_event event;
  ssh_channel channel;
  struct ssh_channel_callbacks_struct callbacks;
  struct sftp_sink sink;
  struct sftp_reader reader;
  struct sftp_out out;
  struct trouble trouble;       /* the first */
  unsigned has;                 /* HAS_... */
  struct sftp_handle handle;
  struct sftp_attrs attrs;
  bool woken;                   /* since it has looked into the inbox */
  struct pieces waiting;        /* for a place among these */
  struct flying flying[FLYING_MAX];
  unsigned n_flying;
  uint32_t next_id;
  uint32_t since_grown;         /* bytes that have come */
  int64_t heard_ms;             /* when something has come, or was asked */
  uint8_t *scratch;             /* WINDOW bytes that nothing is written to */
};


/*--- Lists. ---*/

void
pieces_add (struct pieces *list, struct piece *piece)
{
  piece->next = NULL;
  if (list->first == NULL)
    list->first = piece;
  else
    list->last->next = piece;
  list->last = piece;
}

struct piece *
pieces_take (struct pieces *list)
{
  struct piece *piece = list->first;

  if (piece != NULL)
    list->first = piece->next;
  return piece;
}

static void
pieces_move (struct pieces *from, struct pieces *to)
{
  struct piece *piece;

  while ((piece = pieces_take (from)) != NULL)
    pieces_add (to, piece);
}


/*--- Replies. ---*/

/* The first trouble is the cause of the others. */
static void
fail (struct connection *c, enum trouble_kind kind, const char *what,
      const char *text)
{
  if (c->trouble.kind == TROUBLE_NONE)
    trouble_set (&c->trouble, kind, "%s: %s", what, text);
}

static void
fail_by_status (struct connection *c, const char *what,
                const struct sftp_reply *reply)
{
  struct sftp_status status;

  if (!sftp_get_status (reply, &status))
    fail (c, TROUBLE_LOST, what, "SFTP server: Bad message");
  else if (c->trouble.kind == TROUBLE_NONE)
    trouble_set (&c->trouble, TROUBLE_SERVER, "%s: SFTP server: %.*s", what,
                 (int) status.text_len, status.text);
}

static struct flying *
find_flying (struct connection *c, uint32_t id)
{
  struct flying *flying = &c->flying[id % FLYING_MAX];

  return id >= ID_READS && flying->piece != NULL && flying->id == id
    ? flying : NULL;
}

static void
finish (struct connection *c, struct flying *flying,
        const struct trouble *trouble)
{
  struct piece *piece = flying->piece;

  flying->piece = NULL;
  c->n_flying--;
  c->ops->finished (c->owner, c, piece, trouble);
}

/* The rest of it is asked for with the next requests. */
static void
ask_again (struct connection *c, struct flying *flying)
{
  pieces_add (&c->waiting, flying->piece);
  flying->piece = NULL;
  c->n_flying--;
}

/* Servers have limits of their own for a reply (32 KiB, 64 KiB): those that
 * send less than they were asked for are asked for as much from then on.
 */
static void
learn_reply_max (struct connection *c, const struct piece *piece,
                 uint32_t sent)
{
  const uint32_t before = atomic_load (&c->shared->reply_max);

  if (sent < REPLY_MIN)
    sent = REPLY_MIN;
  if (sent < piece->len && sent < before)
    atomic_store (&c->shared->reply_max, sent);
}

static bool
data_came (struct connection *c, struct flying *flying, uint32_t len)
{
  struct piece *piece = flying->piece;

  if (len == 0)
    return false;
  piece->done += len;
  if (piece->done == piece->len)
    finish (c, flying, NULL);
  else {
    learn_reply_max (c, piece, len);
    ask_again (c, flying);
  }
  return true;
}

static bool
read_failed (struct connection *c, struct flying *flying,
             const struct sftp_reply *reply)
{
  struct sftp_status status;
  struct trouble trouble;

  if (!sftp_get_status (reply, &status) || status.code == 0)
    return false;
  trouble_set (&trouble, status.code == SFTP_EOF ? TROUBLE_EOF
                                                 : TROUBLE_SERVER,
               "read failed: SFTP server: %.*s", (int) status.text_len,
               status.text);
  finish (c, flying, &trouble);
  return true;
}

/* What is no file can block the server for ever, or has no end. */
static void
check_type (struct connection *c)
{
  const uint32_t type = c->attrs.mode & FILE_TYPE;

  if (type != 0 && type != FILE_REGULAR && type != FILE_BLOCK)
    fail (c, TROUBLE_SERVER, "cannot open file for reading",
          "unknown file type, it is neither a file nor a block device");
}

/* Where the file has no attributes by its name, it may have some when it is
 * open.
 */
static bool
stat_came (struct connection *c, const struct sftp_reply *reply)
{
  c->has |= HAS_STAT;
  if (sftp_get_attrs (reply, &c->attrs))
    check_type (c);
  else if (reply->type == SFTP_ATTRS)
    return false;
  return true;
}

static bool
open_came (struct connection *c, const struct sftp_reply *reply)
{
  if (!sftp_get_handle (reply, &c->handle)) {
    fail_by_status (c, "cannot open file for reading", reply);
    return true;
  }
  c->has |= HAS_HANDLE;
  if (!c->attrs.has_size) {
    sftp_put_fstat (&c->out, ID_FSTAT, &c->handle);
    c->has |= ASKED_FSTAT;
  }
  return true;
}

static bool
fstat_came (struct connection *c, const struct sftp_reply *reply)
{
  c->has |= HAS_FSTAT;
  if (!sftp_get_attrs (reply, &c->attrs))
    fail_by_status (c, "cannot get the size of the file", reply);
  else if (!c->attrs.has_size)
    fail (c, TROUBLE_SERVER, "cannot get the size of the file",
          "the server does not tell it");
  else
    check_type (c);
  return true;
}

/* Replies to what opens the file; each may come once. */
static bool
opening_reply (struct connection *c, const struct sftp_reply *reply)
{
  if (reply->type == SFTP_VERSION && !(c->has & HAS_VERSION)) {
    c->has |= HAS_VERSION;
    return true;
  }
  if (reply->id == ID_STAT && !(c->has & HAS_STAT))
    return stat_came (c, reply);
  if (reply->id == ID_OPEN && !(c->has & HAS_HANDLE))
    return open_came (c, reply);
  if (reply->id == ID_FSTAT && (c->has & ASKED_FSTAT) &&
      !(c->has & HAS_FSTAT))
    return fstat_came (c, reply);
  return false;
}

static bool
reply_came (void *opaque, const struct sftp_reply *reply)
{
  struct connection *c = opaque;
  struct flying *flying = reply->type == SFTP_VERSION ? NULL
                                                      : find_flying (c, reply->id);

  if (flying == NULL)
    return opening_reply (c, reply);
  return reply->type == SFTP_DATA ? data_came (c, flying, reply->len)
    : read_failed (c, flying, reply);
}

static void *
place_of (void *opaque, uint32_t id, uint32_t len)
{
  const struct flying *flying = find_flying (opaque, id);
  const struct piece *piece = flying != NULL ? flying->piece : NULL;

  return piece == NULL || len > piece->len - piece->done ? NULL
    : piece->buf + piece->done;
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
  c->heard_ms = ssh_clock_ms ();
  if (!sftp_read (&c->reader, data, len))
    fail (c, TROUBLE_LOST, "read failed",
          "SFTP server: it sends what was not asked for");
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
    fail (c, TROUBLE_LOST, "read failed", "no memory");
  if (c->out.len == 0 || c->trouble.kind != TROUBLE_NONE)
    return;
  n = ssh_channel_write (c->channel, c->out.ptr, (uint32_t) c->out.len);
  if (n > 0)
    sftp_out_sent (&c->out, (size_t) n);
  else if (n < 0 && n != SSH_AGAIN)
    fail (c, TROUBLE_LOST, "read failed", ssh_get_error (c->session));
}

static void
check_channel (struct connection *c)
{
  const int status = ssh_get_status (c->session);

  if (status & (SSH_CLOSED|SSH_CLOSED_ERROR)) {
    const char *text = ssh_get_error (c->session);

    fail (c, TROUBLE_LOST, "read failed",
          *text != '\0' ? text : "Socket error: disconnected");
  }
  else if (ssh_channel_is_eof (c->channel) ||
           ssh_channel_is_closed (c->channel))
    fail (c, TROUBLE_LOST, "read failed", "Remote channel is closed");
}

/* nbdkit's ssh plugin waits for an answer as long as the parameter says, or
 * for ever.
 */
static void
check_time (struct connection *c)
{
  const uint32_t timeout_s = c->shared->params->timeout_s;

  if (c->n_flying > 0 && timeout_s > 0 &&
      ssh_clock_ms () - c->heard_ms > (int64_t) timeout_s * 1000)
    fail (c, TROUBLE_LOST, "read failed", "Timeout: the server is silent");
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

  fail (c, TROUBLE_LOST, what, *text != '\0' ? text : "Timeout");
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
      fail (c, TROUBLE_LOST, "cannot open file for reading", "Timeout");
    ssh_channel_poll (c->channel, 0);
  }
  return c->trouble.kind == TROUBLE_NONE;
}

static bool
begin_events (struct connection *c)
{
  c->event = ssh_event_new ();
  if (c->event != NULL &&
      ssh_event_add_fd (c->event, c->wake_fd, POLLIN, drain, c) == SSH_OK &&
      ssh_event_add_session (c->event, c->session) == SSH_OK)
    return true;
  fail (c, TROUBLE_LOST, "failed to allocate sftp session", "no memory");
  return false;
}


/*--- Reading. ---*/

/* False: there is no place for it. */
static bool
ask_for (struct connection *c, struct piece *piece)
{
  struct flying *flying = NULL;

  for (unsigned i = 0; flying == NULL && i < FLYING_MAX; i++) {
    if (c->next_id < ID_READS)
      c->next_id = ID_READS;    /* also after the last number */
    if (c->flying[c->next_id % FLYING_MAX].piece == NULL)
      flying = &c->flying[c->next_id % FLYING_MAX];
    else
      c->next_id++;
  }
  if (flying == NULL)
    return false;
  if (c->n_flying++ == 0)
    c->heard_ms = ssh_clock_ms ();
  flying->piece = piece;
  flying->id = c->next_id++;
  sftp_put_read (&c->out, flying->id, &c->handle, piece->offset + piece->done,
                 piece->len - piece->done);
  return true;
}

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

static void
ask_for_all (struct connection *c)
{
  while (c->waiting.first != NULL && c->n_flying < FLYING_MAX &&
         ask_for (c, c->waiting.first))
    pieces_take (&c->waiting);
}

/* How long to wait for the server, and others.  Not at all if there is
 * something to do since we have looked; a second is often enough to look at the
 * time.
 */
static int
poll_ms (const struct connection *c)
{
  if (c->woken || (c->waiting.first != NULL && c->n_flying < FLYING_MAX))
    return 0;
  return c->n_flying > 0 ? 1000 : -1;
}

static void
read_pieces (struct connection *c)
{
  while (c->trouble.kind == TROUBLE_NONE && take_inbox (c)) {
    ask_for_all (c);
    flush_out (c);
    grow_window (c);
    check_channel (c);
    if (c->trouble.kind != TROUBLE_NONE)
      break;
    if (ssh_event_dopoll (c->event, poll_ms (c)) == SSH_ERROR)
      check_channel (c);
    check_time (c);
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
    fail (c, TROUBLE_LOST, "read failed", "the connection was closed");
  for (unsigned i = 0; i < FLYING_MAX; i++)
    if (c->flying[i].piece != NULL)
      pieces_add (&c->waiting, c->flying[i].piece);
}

static bool
log_in (struct connection *c)
{
  const struct ssh_params *params = c->shared->params;

  c->session = ssh_reach (params, c->wake_fd, &c->trouble);
  if (c->session == NULL || !c->ops->reached (c->owner, c) ||
      !ssh_login (params, &c->shared->remembered, c->session, c->wake_fd,
                  &c->trouble))
    return false;
  c->ops->logged_in (c->owner, c);
  return true;
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
    .place = place_of, .reply = reply_came, .opaque = c,
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
