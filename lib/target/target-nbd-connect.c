/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The connections of an NBD target.  A thread takes an idle one, opens another
 * one if the server allows several (multi-conn), or waits until one is
 * returned.  What is sent on them is left to target-nbd.c.
 */

#include <config.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/lock.h"
#include "io/nbd-conn.h"
#include "target/target-nbd.h"

/* An idle connection.  NULL: the caller is to open one, with WAIT. */
static struct nbd_handle *
take_idle (struct target_nbd *nbd, struct nbd_wait *wait)
{
  const unsigned timeout_s = nbd->target.timeout_s;
  LOCK_SCOPE (&nbd->lock);

  while (nbd->n_idle == 0 && nbd->n_open >= nbd->max_open)
    pthread_cond_wait (&nbd->returned, &nbd->lock);
  if (nbd->n_idle > 0)
    return nbd->idle[--nbd->n_idle];
  wait->deadline_ms = clock_ms () +
    (nbd->n_open++ > 0 ? nbd_conn_another_ms (timeout_s, nbd->connect_ms)
                       : nbd_conn_timeout_ms (timeout_s));
  return NULL;
}

void
target_nbd_return (struct target_nbd *nbd, struct nbd_handle *h)
{
  const bool alive = nbd_conn_alive (h);

  if (!alive)
    atomic_store (&nbd->target.lost, true);
  pthread_mutex_lock (&nbd->lock);
  if (alive)
    nbd->idle[nbd->n_idle++] = h;
  else
    nbd->n_open--;
  pthread_cond_signal (&nbd->returned);
  pthread_mutex_unlock (&nbd->lock);
  if (!alive)
    nbd_close (h);
}

/* The server has refused another connection, or lets it wait: are there some
 * to go on with?  Then there will be no more than these.
 */
static bool
do_with_less (struct target_nbd *nbd)
{
  LOCK_SCOPE (&nbd->lock);

  if (nbd->n_open <= 1 || wake_wait (&nbd->stop, 0))
    return false;
  nbd->max_open = --nbd->n_open;
  return true;
}

struct nbd_handle *
target_nbd_take (struct target_nbd *nbd, struct error *err)
{
  for (;;) {
    struct nbd_wait wait = {
      .supervisor = nbd->supervisor, .wake_fd = nbd->stop.fd };
    struct nbd_handle *h = take_idle (nbd, &wait);

    if (h == NULL)
      h = nbd_conn_open (nbd->uri, NULL, &wait, err);
    if (h != NULL)
      return h;
    if (!do_with_less (nbd)) {
      target_nbd_return (nbd, NULL);
      return NULL;
    }
    error_reset (err);
  }
}

void
target_nbd_notice_losses (struct target_nbd *nbd)
{
  LOCK_SCOPE (&nbd->lock);

  for (unsigned i = 0; i < nbd->n_idle; i++) {
    nbd_conn_poll (&nbd->idle[i], 1, -1, 0);
    if (!nbd_conn_alive (nbd->idle[i]))
      atomic_store (&nbd->target.lost, true);
  }
}
