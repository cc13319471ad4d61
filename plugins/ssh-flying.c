/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What has been asked of the server, and its answers: first those to what
 * opens the file, then those to reads.  All of it is the connection's
 * thread's.
 */

#include <config.h>

#include "base/clock.h"
#include "ssh-connection-internal.h"

/* A server that sends less than this at a time is not asked for less. */
#define REPLY_MIN (UINT32_C (32) << 10)


/*--- Requests. ---*/

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
    c->heard_ms = clock_ms ();
  flying->piece = piece;
  flying->id = c->next_id++;
  if (piece->attrs != NULL)
    sftp_put_path (&c->out, SFTP_STAT, flying->id, c->shared->params->path);
  else
    sftp_put_read (&c->out, flying->id, &c->handle,
                   piece->offset + piece->done, piece->len - piece->done);
  return true;
}

void
flying_ask (struct connection *c)
{
  while (c->waiting.first != NULL && c->n_flying < FLYING_MAX &&
         ask_for (c, c->waiting.first))
    pieces_take (&c->waiting);
}

void
flying_land (struct connection *c)
{
  for (unsigned i = 0; i < FLYING_MAX; i++)
    if (c->flying[i].piece != NULL)
      pieces_add (&c->waiting, c->flying[i].piece);
}


/*--- Replies. ---*/

static void
fail_by_status (struct connection *c, const char *what,
                const struct sftp_reply *reply)
{
  struct sftp_status status;

  if (!sftp_get_status (reply, &status))
    connection_fail (c, TROUBLE_LOST, what, "SFTP server: Bad message");
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
piece_failed (struct connection *c, struct flying *flying,
              const struct sftp_reply *reply)
{
  const char *what = flying->piece->attrs != NULL
    ? "cannot get the size of the file" : "read failed";
  struct sftp_status status;
  struct trouble trouble;

  if (!sftp_get_status (reply, &status) || status.code == 0)
    return false;
  trouble_set (&trouble, status.code == SFTP_EOF ? TROUBLE_EOF
                                                 : TROUBLE_SERVER,
               "%s: SFTP server: %.*s", what, (int) status.text_len,
               status.text);
  finish (c, flying, &trouble);
  return true;
}

static bool
attrs_came (struct connection *c, struct flying *flying,
            const struct sftp_reply *reply)
{
  if (flying->piece->attrs == NULL ||
      !sftp_get_attrs (reply, flying->piece->attrs))
    return false;
  finish (c, flying, NULL);
  return true;
}

/* What is no file can block the server for ever, or has no end. */
static void
check_type (struct connection *c)
{
  const uint32_t type = c->attrs.mode & SFTP_MODE_TYPE;

  if (type != 0 && type != SFTP_MODE_REGULAR && type != SFTP_MODE_BLOCK)
    connection_fail (c, TROUBLE_SERVER, "cannot open file for reading",
                     "unknown file type, neither a file nor a block device");
}

/* Where the file has no attributes by its name, it may have some when it is
 * open.
 */
static bool
stat_came (struct connection *c, const struct sftp_reply *reply)
{
  c->has |= HAS_STAT;
  if (c->has & HAS_FSTAT)       /* which is of what is open */
    return true;
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
    connection_fail (c, TROUBLE_SERVER, "cannot get the size of the file",
                     "the server does not tell it");
  else
    check_type (c);
  c->attrs.of_handle = true;
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

bool
flying_reply (void *opaque, const struct sftp_reply *reply)
{
  struct connection *c = opaque;
  struct flying *flying = find_flying (c, reply->id);

  if (flying == NULL || reply->type == SFTP_VERSION)
    return opening_reply (c, reply);
  return reply->type == SFTP_DATA ? data_came (c, flying, reply->len)
    : reply->type == SFTP_ATTRS ? attrs_came (c, flying, reply)
    : piece_failed (c, flying, reply);
}

void *
flying_place (void *opaque, uint32_t id, uint32_t len)
{
  const struct flying *flying = find_flying (opaque, id);
  const struct piece *piece = flying != NULL ? flying->piece : NULL;

  return piece == NULL || len > piece->len - piece->done ? NULL
    : piece->buf + piece->done;
}
