/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Looks after the servers of a launch while others read from them: have they
 * died, is there any use in waiting for them, and what have they said of a
 * read that failed?  Replacing them is left to launch.c.
 */

#include <config.h>

#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "launch/clients.h"
#include "launch/launch-internal.h"
#include "launch/launch.h"
#include "launch/opening.h"
#include "nbdkit/server.h"
#include "source/explain.h"

/* Do these errors stay, however long the copy waits?  (Messages about TLS or
 * a missing length can also come from a connection that broke.)
 */
static bool
is_permanent (enum reason reason)
{
  return reason == REASON_AUTH || reason == REASON_NOT_FOUND ||
    reason == REASON_HOST_KEY || reason == REASON_HOST_KEY_CHANGED ||
    reason == REASON_SNAPSHOT || reason == REASON_UNSUPPORTED ||
    reason == REASON_SOURCE_CHANGED;
}

static int
explain_stuck (const struct running_disk *disk, const struct argv *lines,
               struct error *err)
{
  CLEANUP_ERROR struct error why = ERROR_INIT;

  source_explain (&disk->public.plan.request, SOURCE_OPEN, lines, &why);
  if (!is_permanent (why.reason) ||
      (why.reason == REASON_NOT_FOUND && disk->public.plan.source->comes_back))
    return 0;
  error_move (err, &why);
  return -1;
}

/* What was said long ago is forgotten, but not that. */
static void
note_change (struct running_disk *disk, const struct argv *lines)
{
  CLEANUP_ERROR struct error why = ERROR_INIT;

  if (!disk->public.plan.source->remembers_change || lines->len == 0 ||
      error_is_set (&disk->changed))
    return;
  source_explain (&disk->public.plan.request, SOURCE_READ, lines, &why);
  if (why.reason == REASON_SOURCE_CHANGED)
    error_move (&disk->changed, &why);
}

int
launch_watch (struct launch *launch, unsigned index, bool stuck,
              struct error *err)
{
  struct running_disk *disk = &launch->disks[index];
  struct nbdkit_server *server =
    disk->servers[disk->servers[FOR_COPY] != NULL ? FOR_COPY : FOR_OVERLAY];
  const struct argv *lines = daemon_errors (server->daemon);

  note_change (disk, lines);
  if (opening_server_check (server, err) == -1 ||
      clients_end_if_lost (&disk->clients, server, err) == -1)
    return -1;
  if (lines->len == 0)
    return 0;
  /* That may be why: nbdkit may open no other file by the same name. */
  if (location_check_names (disk->public.plan.location, err) == -1)
    return -1;
  if (stuck)
    return explain_stuck (disk, lines, err);
  daemon_forget_old_errors (server->daemon);
  return 0;
}

/* Is the error a failed read, or a failed connection to this server? */
static bool
concerns (const struct nbdkit_server *server, const struct error *err)
{
  return server != NULL && daemon_errors (server->daemon)->len > 0 &&
    (err->reason == REASON_READ ||
     (err->server != NULL &&
      strcmp (err->server, server->uri) == 0));
}

bool
launch_explain_by (const struct running_disk *disk,
                   const struct nbdkit_server *server, struct error *err)
{
  CLEANUP_ERROR struct error seen = ERROR_INIT;

  if (!concerns (server, err))
    return false;
  error_move (&seen, err);
  if (location_check_names (disk->public.plan.location, err) == 0)
    source_explain (&disk->public.plan.request, SOURCE_READ,
                    daemon_errors (server->daemon), err);
  err->disk = disk->public.plan.disk;
  error_detail (err, seen.message);
  error_copy_hint (err, &seen);
  return true;
}

bool
launch_had_errors (const struct launch *launch, unsigned index)
{
  for (unsigned role = 0; role < ROLES; role++) {
    const struct nbdkit_server *server = launch->disks[index].servers[role];

    if (server != NULL && daemon_error_count (server->daemon) > 0)
      return true;
  }
  return false;
}

static int
check_roles (const struct launch *launch, unsigned roles, struct error *err)
{
  for (unsigned i = 0; i < launch->n; i++)
    for (unsigned role = 0; role < roles; role++) {
      const struct nbdkit_server *server = launch->disks[i].servers[role];

      if (server == NULL || opening_server_check (server, err) == 0)
        continue;
      err->disk = (int) i;
      return -1;
    }
  return 0;
}

int
launch_check (const struct launch *launch, struct error *err)
{
  return check_roles (launch, ROLES, err);
}

int
launch_check_overlays (const struct launch *launch, struct error *err)
{
  return check_roles (launch, FOR_OVERLAY + 1, err);
}

int
launch_check_names (const struct launch *launch, struct error *err)
{
  for (unsigned i = 0; i < launch->n; i++)
    if (location_check_names (launch->disks[i].public.plan.location,
                              err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  return 0;
}

void
launch_explain_change (struct launch *launch, struct error *err)
{
  for (unsigned i = 0; i < launch->n; i++) {
    struct running_disk *disk = &launch->disks[i];

    for (unsigned role = 0; role < ROLES; role++)
      if (disk->servers[role] != NULL)
        note_change (disk, daemon_errors (disk->servers[role]->daemon));
    if (!error_is_set (&disk->changed))
      continue;
    error_detail (&disk->changed, err->message);
    error_reset (err);
    error_move (err, &disk->changed);
    err->disk = (int) i;
    return;
  }
}

void
launch_explain (const struct launch *launch, struct error *err)
{
  if (!error_is_set (err) ||
      (err->reason != REASON_READ && err->server == NULL))
    return;
  for (unsigned i = 0; i < launch->n; i++) {
    const struct running_disk *disk = &launch->disks[i];

    if ((err->disk == -1 || err->disk == (int) i) &&
        (launch_explain_by (disk, disk->servers[FOR_COPY], err) ||
         launch_explain_by (disk, disk->servers[FOR_OVERLAY], err)))
      return;
  }
}
