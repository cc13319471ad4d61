/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <config.h>

#include <poll.h>
#include <string.h>

#include <libnbd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "io/nbd-client.h"
#include "io/supervisor.h"

/* How often give_up is asked when nothing else happens. */
#define ASK_INTERVAL_MS 200
/* The largest minimum that NBD allows a server. */
#define BLOCK_MAX 65536

/* One operation that is under way. */
struct operation {
  struct nbd_handle *nbd;
  const struct nbd_wait *wait;
  int64_t cookie;               /* of the read, or 0: connecting */
  bool stirred;                 /* something happened on the socket */
  bool failed, given_up;
};

static void
notify (void *data, short revents)
{
  struct operation *op = data;
  const unsigned direction = nbd_aio_get_direction (op->nbd);
  int r = 0;

  op->stirred = true;
  if ((revents & (POLLIN|POLLHUP|POLLERR)) &&
      (direction & LIBNBD_AIO_DIRECTION_READ))
    r = nbd_aio_notify_read (op->nbd);
  else if ((revents & (POLLOUT|POLLERR)) &&
           (direction & LIBNBD_AIO_DIRECTION_WRITE))
    r = nbd_aio_notify_write (op->nbd);
  if (r == -1)
    op->failed = true;
}

static bool
has_ended (struct operation *op)
{
  int r;

  if (nbd_aio_is_dead (op->nbd) || nbd_aio_is_closed (op->nbd))
    op->failed = true;
  if (op->failed)
    return true;
  if (op->cookie == 0)
    return nbd_aio_is_ready (op->nbd);
  r = nbd_aio_command_completed (op->nbd, (uint64_t) op->cookie);
  if (r == -1)
    op->failed = true;
  return r != 0;
}

static bool
was_stirred (void *data)
{
  const struct operation *op = data;

  return op->stirred;
}

static short
poll_events (struct nbd_handle *nbd)
{
  const unsigned direction = nbd_aio_get_direction (nbd);

  return (direction & LIBNBD_AIO_DIRECTION_READ ? POLLIN : 0) |
    (direction & LIBNBD_AIO_DIRECTION_WRITE ? POLLOUT : 0);
}

static int64_t
next_look (const struct nbd_wait *wait)
{
  const int64_t soon = clock_ms () + ASK_INTERVAL_MS;

  return soon < wait->deadline_ms ? soon : wait->deadline_ms;
}

/* One turn: wait for the socket, then ask whether to go on.  What to wait
 * for may change with every event, so each turn watches anew.
 */
static int
turn (struct operation *op, struct error *err)
{
  const struct nbd_wait *wait = op->wait;
  const int fd = nbd_aio_get_fd (op->nbd);
  int r;

  op->stirred = false;
  if (supervisor_watch (wait->supervisor, fd, poll_events (op->nbd), notify,
                        op, err) == -1)
    return -1;
  r = supervisor_wait (wait->supervisor, was_stirred, op, next_look (wait),
                       err);
  supervisor_unwatch (wait->supervisor, fd);
  if (r == -1)
    return -1;
  if (wait->give_up != NULL && wait->give_up (wait->data))
    op->given_up = true;
  return 0;
}

static int
finish (struct operation *op, bool *timed_out, struct error *err)
{
  *timed_out = false;
  while (!has_ended (op)) {
    if (turn (op, err) == -1)
      return -1;
    if (op->given_up)
      return -1;
    if (clock_ms () >= op->wait->deadline_ms && !has_ended (op)) {
      *timed_out = true;
      return -1;
    }
  }
  return op->failed ? -1 : 0;
}

struct nbd_handle *
nbd_client_connect_map (const char *uri, const char *context,
                        const struct nbd_wait *wait, bool *timed_out,
                        struct error *err)
{
  struct operation op = { .nbd = nbd_create (), .wait = wait };

  if (op.nbd == NULL) {
    error_nomem (err);
    return NULL;
  }
  *timed_out = false;
  if ((context == NULL || nbd_add_meta_context (op.nbd, context) == 0) &&
      nbd_aio_connect_uri (op.nbd, uri) == 0 &&
      finish (&op, timed_out, err) == 0)
    return op.nbd;
  nbd_close (op.nbd);
  return NULL;
}

struct nbd_handle *
nbd_client_connect (const char *uri, const struct nbd_wait *wait,
                    bool *timed_out, struct error *err)
{
  return nbd_client_connect_map (uri, NULL, wait, timed_out, err);
}

static int
pread_blocks (struct nbd_handle *nbd, void *buf, size_t len, uint64_t offset,
              const struct nbd_wait *wait, bool *timed_out, struct error *err)
{
  struct operation op = { .nbd = nbd, .wait = wait };

  op.cookie = nbd_aio_pread (nbd, buf, len, offset, NBD_NULL_COMPLETION, 0);
  return op.cookie == -1 ? -1 : finish (&op, timed_out, err);
}

/* Servers may refuse what is not made of whole blocks. */
int
nbd_client_pread (struct nbd_handle *nbd, void *buf, size_t len,
                  uint64_t offset, const struct nbd_wait *wait,
                  bool *timed_out, struct error *err)
{
  const int64_t min = nbd_get_block_size (nbd, LIBNBD_SIZE_MINIMUM);
  const uint64_t block = min > 1 && min <= BLOCK_MAX ? (uint64_t) min : 1;
  const uint64_t from = offset / block * block;
  const uint64_t end = (offset + len + block - 1) / block * block;
  CLEANUP_FREE char *blocks = NULL;

  *timed_out = false;
  if (from == offset && end == offset + len)
    return pread_blocks (nbd, buf, len, offset, wait, timed_out, err);
  blocks = malloc (end - from);
  if (blocks == NULL)
    return error_nomem (err);
  if (pread_blocks (nbd, blocks, end - from, from, wait, timed_out,
                    err) == -1)
    return -1;
  memcpy (buf, blocks + (offset - from), len);
  return 0;
}

int
nbd_client_extents (struct nbd_handle *nbd, uint64_t len, uint64_t offset,
                    int (*fn) (void *data, const char *context,
                               uint64_t offset, uint32_t *entries, size_t n,
                               int *error),
                    void *data, const struct nbd_wait *wait, bool *timed_out,
                    struct error *err)
{
  struct operation op = { .nbd = nbd, .wait = wait };
  const nbd_extent_callback callback = { .callback = fn, .user_data = data };

  *timed_out = false;
  op.cookie = nbd_aio_block_status (nbd, len, offset, callback,
                                    NBD_NULL_COMPLETION, 0);
  if (op.cookie == -1)
    return -1;
  return finish (&op, timed_out, err);
}
