/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Finds out whether a source takes a second client, and what follows from
 * that.  Starting nbdkit is left to opening.c; launch.c replaces the one that
 * is ended here.
 */

#include <config.h>

#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "context.h"
#include "io/nbd-conn.h"
#include "launch/clients.h"
#include "launch/opening.h"
#include "launch/plan.h"
#include "nbdkit/server.h"

/* How long an nbdkit that is of no use may take to end. */
#define END_S 2

const struct nbdkit_cmd *
clients_command (const struct clients *clients)
{
  const struct plan *plan = clients->plan;

  if (clients->another != NULL)
    return clients->another;
  return plan->single_cmd != NULL ? plan->single_cmd : plan->overlay_cmd;
}

int
clients_try_another (struct clients *clients, const struct nbdkit_cmd *cmd,
                     const char *dir, const struct launch_context *context,
                     int first_ms, struct nbdkit_server **server,
                     struct error *err)
{
  const struct plan *plan = clients->plan;
  struct nbdkit_server *another = NULL;
  CLEANUP_ERROR struct error why = ERROR_INIT;
  struct nbd_handle *nbd =
    opening_open_another (plan, cmd, dir, context, first_ms, &another, &why);

  if (nbd == NULL) {
    opening_server_free (another);
    if (why.reason == REASON_INTERRUPTED) {
      error_move (err, &why);
      return -1;
    }
    clients->takes_one = true;
    events_say (context->events, EVENT_DEBUG, plan->disk,
                "%s: the source takes one client at a time", clients->name);
    return 0;
  }
  clients->another = cmd;
  clients->kept = nbd;
  opening_server_free (*server);
  *server = another;
  return 0;
}

int
clients_end_if_lost (const struct clients *clients,
                     const struct nbdkit_server *server, struct error *err)
{
  const char *text = clients->plan->source->single_lost;
  const struct argv *lines = daemon_errors (server->daemon);

  if (!clients->takes_one)
    return 0;
  for (size_t i = 0; i < lines->len; i++)
    if (strstr (lines->ptr[i], text) != NULL) {
      if (daemon_end (server->daemon, END_S, err) == -1)
        return -1;
      return error_set (err, REASON_UNREACHABLE,
                        _("%s: the connection to the server was lost"),
                        clients->name);
    }
  return 0;
}

void
clients_reset (struct clients *clients)
{
  nbd_conn_close (&clients->kept);
}
