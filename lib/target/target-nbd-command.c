/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Commands to an NBD target: each is sent on a connection of its own choice,
 * waited for, and tried again where that may help.  Connections are left to
 * target-nbd-connect.c, waiting for replies to nbd-conn.c; which commands make
 * a range what it should be is target-nbd.c's matter.
 */

#include <config.h>

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/lock.h"
#include "io/nbd-conn.h"
#include "io/wake.h"
#include "target/target-internal.h"
#include "target/target-nbd.h"

/* Pauses between attempts. */
#define BACKOFF_MS 250
#define BACKOFF_MAX_MS 8000

static int64_t
issue (struct nbd_handle *h, const struct target_nbd_command *c)
{
  switch (c->kind) {
  case TARGET_NBD_READ:
    return nbd_aio_pread (h, c->to, c->len, c->offset, NBD_NULL_COMPLETION,
                          0);
  case TARGET_NBD_WRITE:
    return nbd_aio_pwrite (h, c->buf, c->len, c->offset, NBD_NULL_COMPLETION,
                           0);
  case TARGET_NBD_ZERO:
    return nbd_aio_zero (h, c->len, c->offset, NBD_NULL_COMPLETION, c->flags);
  default:
    return nbd_aio_flush (h, NBD_NULL_COMPLETION, 0);
  }
}

static int
connection_lost (const struct target_nbd *nbd, struct error *err)
{
  return error_set (err, REASON_UNREACHABLE,
                    _("%s: the connection to the server was lost"), nbd->uri);
}

int
target_nbd_check_lost (const struct target_nbd *nbd, struct error *err)
{
  return atomic_load (&nbd->target.lost) ? connection_lost (nbd, err) : 0;
}

/* Run a command on a connection.  On failure either *err is set, or *ERRNUM is
 * the server's error.  A connection whose command has not ended is closed,
 * because the command uses the caller's buffer.  The server may still execute
 * the command, which is harmless: a retry writes the same.
 */
static int
run_once (struct target_nbd *nbd, const struct target_nbd_command *c,
          int *errnum, struct error *err)
{
  const unsigned timeout_s =
    c->kind == TARGET_NBD_FLUSH ? 0 : nbd->target.timeout_s;
  struct nbd_wait wait = {
    .wake_fd = nbd->stop.fd,
    .deadline_ms = timeout_s == 0 ? INT64_MAX
      : clock_ms () + (int64_t) timeout_s * 1000,
  };
  struct nbd_handle *h = target_nbd_take (nbd, err);
  int r;

  if (h == NULL)
    return -1;
  r = nbd_conn_wait (h, issue (h, c), &wait, err);
  if (wait.timed_out)
    error_set (err, REASON_STALLED,
               _("%s: the server has not answered for %u seconds"), nbd->uri,
               timeout_s);
  if (r == -1 && error_is_set (err))
    nbd_conn_close (&h);
  else if (r == -1 && !nbd_conn_alive (h))
    connection_lost (nbd, err);
  target_nbd_return (nbd, h);
  *errnum = wait.errnum;
  return r;
}

static void
note_retry (struct target_nbd *nbd, int errnum)
{
  struct target *target = &nbd->target;
  LOCK_SCOPE (&nbd->lock);

  if (target->retried++ == 0)
    snprintf (target->first_error, sizeof target->first_error, "%s: %s",
              nbd->uri, strerror (errnum));
}

/* Can waiting cure it?  Of the errors that NBD has these do not say that the
 * request is wrong, refused, or too much.
 */
static bool
may_pass (int errnum)
{
  return errnum == EIO || errnum == ENOMEM || errnum == ESHUTDOWN;
}

/* Decide whether to try again; if so, pause first. */
static bool
pause_for_retry (struct target_nbd *nbd, const struct target_nbd_command *c,
                 unsigned attempt, int errnum)
{
  if (c->kind == TARGET_NBD_FLUSH || attempt >= nbd->target.retries ||
      !may_pass (errnum) ||
      atomic_load (&nbd->target.lost) || wake_wait (&nbd->stop, 0))
    return false;
  note_retry (nbd, errnum);
  wake_wait (&nbd->stop, clock_backoff_ms (attempt, BACKOFF_MS,
                                           BACKOFF_MAX_MS));
  return true;
}

int
target_nbd_run (struct target_nbd *nbd, const struct target_nbd_command *c,
                struct error *err)
{
  for (unsigned attempt = 0;; attempt++) {
    int errnum = 0;

    if (run_once (nbd, c, &errnum, err) == 0)
      return 0;
    if (error_is_set (err))
      return -1;
    if (c->kind == TARGET_NBD_ZERO &&
        (errnum == EOPNOTSUPP || errnum == EINVAL))
      return 1;
    if (!pause_for_retry (nbd, c, attempt, errnum)) {
      errno = errnum != 0 ? errnum : EIO;
      return target_errno (err, nbd->file != NULL ? nbd->file : nbd->uri);
    }
  }
}
