/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The disks of a guest, each served by one or two nbdkits that are started,
 * watched, replaced when they die, and ended here.  plan.c makes their
 * command lines, opening.c starts and opens a single one, and overlay.c
 * protects the sources from writes.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include <libnbd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "context.h"
#include "io/cut-sector.h"
#include "io/nbd-conn.h"
#include "io/tempdir.h"
#include "launch/inspect.h"
#include "launch/launch.h"
#include "launch/opening.h"
#include "launch/pace.h"
#include "nbdkit/server.h"
#include "settings.h"
#include "source/explain.h"

/* A disk's servers: the overlay's, which the copy reads from too unless it
 * has one of its own.
 */
enum role { FOR_OVERLAY, FOR_COPY, ROLES };

/* How long an nbdkit that is of no use may take to end. */
#define END_S 2

/* How many clients does the source take at once? */
enum clients { CLIENTS_UNKNOWN, CLIENTS_ONE, CLIENTS_MORE };

struct running_disk {
  struct launched_disk public;
  struct nbdkit_server *servers[ROLES]; /* NULL: not there, or not yet */
  enum clients clients;
  struct nbd_handle *kept;      /* so that the source always has a client; or
                                   NULL */
};

struct launch {
  const struct launch_context *context;
  struct tempdir *dir;
  struct running_disk *disks;
  unsigned n;
  unsigned restarts;
};

struct launch *
launch_new (const struct guest *guest, bool with_copy,
            const struct launch_context *context, struct error *err)
{
  struct launch *launch = alloc_zero (sizeof *launch, err);
  bool ignored;

  if (launch == NULL)
    return NULL;
  launch->context = context;
  launch->disks = alloc_zero ((guest->disks.len + 1) *
                              sizeof *launch->disks, err);
  if (launch->disks == NULL ||
      /* It is no disk's error; the plans ask again. */
      plan_selinux (context, &ignored, err) == -1)
    goto error;
  for (; launch->n < guest->disks.len; launch->n++) {
    struct launched_disk *disk = &launch->disks[launch->n].public;
    char letters[DISK_LETTERS_MAX];

    disk->disk = &guest->disks.ptr[launch->n];
    disk_letters (launch->n, letters);
    snprintf (disk->name, sizeof disk->name, "sd%s", letters);
    if (plan_disk (&disk->disk->location, (int) launch->n, with_copy, context,
                   &disk->plan, err) == -1) {
      err->disk = (int) launch->n;
      plan_reset (&disk->plan);
      goto error;
    }
  }
  return launch;

 error:
  launch_free (launch);
  return NULL;
}

void
launch_free (struct launch *launch)
{
  if (launch == NULL)
    return;
  for (unsigned i = 0; i < launch->n; i++) {
    nbd_conn_close (&launch->disks[i].kept);
    for (unsigned role = ROLES; role-- > 0;) /* the copy's first */
      opening_server_free (launch->disks[i].servers[role]);
    plan_reset (&launch->disks[i].public.plan);
    image_reset (&launch->disks[i].public.image);
  }
  tempdir_free (launch->dir);
  free (launch->disks);
  free (launch);
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

static bool
explain_from (const struct running_disk *disk, unsigned index,
              const struct nbdkit_server *server, struct error *err)
{
  CLEANUP_ERROR struct error seen = ERROR_INIT;

  if (!concerns (server, err))
    return false;
  error_move (&seen, err);
  source_explain (&disk->public.plan.request, SOURCE_READ,
                  daemon_errors (server->daemon), err);
  err->disk = (int) index;
  error_detail (err, seen.message);
  if (seen.hint != NULL)
    error_hint (err, "%s", seen.hint);
  return true;
}

static int
report_size (const struct launched_disk *disk, uint64_t size,
             struct error *err)
{
  return error_set (err, REASON_SOURCE_CHANGED,
                    _("%s: the size of the source changed from %" PRIu64
                      " to %" PRIu64 " bytes during the run"),
                    disk->name, disk->size, size);
}

/* A server that replaces another one has a directory of its own, so that no
 * client connects to the dead one's socket.
 */
static char *
make_subdir (struct launch *launch, struct error *err)
{
  CLEANUP_FREE char *dir =
    format (err, "%s/%u", tempdir_path (launch->dir), ++launch->restarts);

  if (dir == NULL)
    return NULL;
  if (mkdir (dir, 0700) == 0)
    return STEAL (dir);
  error_errno (err, REASON_INTERNAL, "%s", dir);
  return NULL;
}

static const struct nbdkit_cmd *
command_of (const struct running_disk *disk, enum role role)
{
  const struct plan *plan = &disk->public.plan;

  if (role == FOR_COPY)
    return plan->copy_cmd;
  return plan->single_cmd != NULL && disk->clients != CLIENTS_MORE
    ? plan->single_cmd : plan->overlay_cmd;
}

/* Start one of the disk's servers, for the first time or again, and open it:
 * it must serve as much as the first one did.
 */
static int
serve (struct launch *launch, unsigned index, enum role role, bool again,
       struct error *err)
{
  struct running_disk *disk = &launch->disks[index];
  struct launched_disk *public = &disk->public;
  CLEANUP_FREE char *subdir = again ? make_subdir (launch, err) : NULL;
  struct nbd_handle *nbd;
  int64_t n;
  uint64_t size;

  if (again && subdir == NULL)
    return -1;
  nbd = opening_open (&public->plan, command_of (disk, role), again ? subdir : tempdir_path (launch->dir),
                      launch->context, &disk->servers[role], err);
  if (nbd == NULL)
    return -1;
  n = nbd_get_size (nbd);
  size = n > 0 ? (uint64_t) n : 0;
  if (public->uri == NULL) {    /* it is the first one */
    public->size = size;
    if (inspect_disk (public->disk, &public->plan, disk->servers[role], nbd,
                      launch->context, &public->image, err) == 0)
      return 0;
    explain_from (disk, index, disk->servers[role], err);
    return -1;
  }
  nbd_conn_leave (&nbd);
  return size == public->size ? 0 : report_size (public, size, err);
}

static void
publish (struct running_disk *disk)
{
  disk->public.uri = disk->servers[FOR_OVERLAY]->uri;
  disk->public.socket = disk->servers[FOR_OVERLAY]->socket;
}

static void
stop_server (struct running_disk *disk, enum role role)
{
  opening_server_free (disk->servers[role]);
  disk->servers[role] = NULL;
}

/* A server may take one client only, and may end when that one leaves: the
 * first nbdkit has one connection, which it keeps.  It cannot make another
 * one when that breaks, and serves all from it; so, if the source takes a
 * second client meanwhile, an nbdkit that makes a connection for each of its
 * own clients takes over, of which there will always be one.
 */
static int
try_another (struct launch *launch, unsigned index, int first_ms,
             struct error *err)
{
  struct running_disk *disk = &launch->disks[index];
  struct nbdkit_server *another = NULL;
  CLEANUP_ERROR struct error why = ERROR_INIT;
  struct nbd_handle *nbd =
    opening_open_another (&disk->public.plan, disk->public.plan.overlay_cmd,
                          launch_dir (launch), launch->context, first_ms,
                          &another, &why);

  if (nbd == NULL) {
    opening_server_free (another);
    if (why.reason == REASON_INTERRUPTED) {
      error_move (err, &why);
      return -1;
    }
    disk->clients = CLIENTS_ONE;
    events_say (launch->context->events, EVENT_DEBUG, (int) index,
                "%s: the source takes one client at a time",
                disk->public.name);
    return 0;
  }
  disk->clients = CLIENTS_MORE;
  disk->kept = nbd;
  opening_server_free (disk->servers[FOR_OVERLAY]);
  disk->servers[FOR_OVERLAY] = another;
  return 0;
}

/* Of a raw disk all bytes count. */
static int
check_end (const struct launched_disk *disk, struct error *err)
{
  const struct location *location = disk->plan.location;
  const char *path = location_local_path (location);

  return path == NULL || location->part.tar_entry != NULL ||
    location->part.length > 0 || !image_is_raw (&disk->image)
    ? 0 : cut_sector_check (path, err);
}

static int
start_disk (struct launch *launch, unsigned index, struct error *err)
{
  struct running_disk *disk = &launch->disks[index];
  struct plan *plan = &disk->public.plan;
  int64_t start_ms;

  if ((plan->source->check_here != NULL &&
       plan->source->check_here (&plan->request, err) == -1) ||
      opening_preflight (plan, launch->context, err) == -1)
    return -1;
  start_ms = clock_ms ();
  for (bool again = false;
       serve (launch, index, FOR_OVERLAY, again, err) == -1; again = true) {
    if (!pace_slow_down (plan, launch->context, err))
      return -1;
    stop_server (disk, FOR_OVERLAY);
  }
  if (check_end (&disk->public, err) == -1 ||
      (plan->single_cmd != NULL &&
       try_another (launch, index, (int) (clock_ms () - start_ms), err) == -1))
    return -1;
  publish (disk);
  events_say (launch->context->events, EVENT_DEBUG, (int) index,
              "%s: %" PRIu64 " bytes", disk->public.name, disk->public.size);
  return 0;
}

int
launch_start (struct launch *launch, struct error *err)
{
  launch->dir = opening_dir_new (launch->context->guard, err);
  if (launch->dir == NULL)
    return -1;
  for (unsigned i = 0; i < launch->n; i++)
    if (start_disk (launch, i, err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  return 0;
}

unsigned
launch_disk_count (const struct launch *launch)
{
  return launch->n;
}

const struct launched_disk *
launch_disk (const struct launch *launch, unsigned index)
{
  return &launch->disks[index].public;
}

const char *
launch_dir (const struct launch *launch)
{
  return tempdir_path (launch->dir);
}

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

/* An nbdkit that has lost its only connection is of no use any more: when it
 * has ended, launch_revive replaces it.
 */
static int
end_if_lost (struct running_disk *disk, struct nbdkit_server *server,
             struct error *err)
{
  const char *text = disk->public.plan.source->single_lost;
  const struct argv *lines = daemon_errors (server->daemon);

  if (disk->clients != CLIENTS_ONE)
    return 0;
  for (size_t i = 0; i < lines->len; i++)
    if (strstr (lines->ptr[i], text) != NULL) {
      if (daemon_end (server->daemon, END_S, err) == -1)
        return -1;
      return error_set (err, REASON_UNREACHABLE,
                        _("%s: the connection to the server was lost"),
                        disk->public.name);
    }
  return 0;
}

int
launch_watch (struct launch *launch, unsigned index, bool stuck,
              struct error *err)
{
  struct running_disk *disk = &launch->disks[index];
  struct nbdkit_server *server =
    disk->servers[disk->servers[FOR_COPY] != NULL ? FOR_COPY : FOR_OVERLAY];
  const struct argv *lines = daemon_errors (server->daemon);

  if (opening_server_check (server, err) == -1 ||
      end_if_lost (disk, server, err) == -1)
    return -1;
  if (lines->len == 0)
    return 0;
  if (stuck)
    return explain_stuck (disk, lines, err);
  daemon_forget_lines (server->daemon);
  return 0;
}

/* The copy's own nbdkit does not try again by itself: a first read that
 * fails is no worse than one in the middle of the copy.
 */
static int
serve_copy (struct launch *launch, unsigned index, struct error *err)
{
  const unsigned retries = launch->context->settings->retries;
  struct running_disk *disk = &launch->disks[index];

  for (unsigned i = 0;; i++) {
    if (serve (launch, index, FOR_COPY, i > 0, err) == 0)
      return 0;
    /* It has let this host in before. */
    if (err->reason == REASON_AUTH && disk->clients == CLIENTS_MORE)
      err->reason = REASON_SESSION_LIMIT;
    if (!pace_slow_down (&disk->public.plan, launch->context, err)) {
      if (i >= retries || err->reason != REASON_READ)
        return -1;
      error_reset (err);
    }
    stop_server (disk, FOR_COPY);
  }
}

const char *
launch_copy_uri (struct launch *launch, unsigned index, struct error *err)
{
  struct running_disk *disk = &launch->disks[index];

  if (disk->public.plan.copy_cmd == NULL || disk->clients == CLIENTS_ONE)
    return disk->public.uri;
  if (disk->servers[FOR_COPY] == NULL &&
      serve_copy (launch, index, err) == -1) {
    err->disk = (int) index;
    return NULL;
  }
  return disk->servers[FOR_COPY]->uri;
}

static int
revive (struct launch *launch, unsigned index, enum role role,
        struct error *err)
{
  struct running_disk *disk = &launch->disks[index];
  struct nbdkit_server *old = disk->servers[role];
  CLEANUP_ERROR struct error why = ERROR_INIT;
  int r;

  if (old == NULL || opening_server_check (old, &why) == 0)
    return 0;
  disk->servers[role] = NULL;
  r = serve (launch, index, role, true, err);
  if (role == FOR_OVERLAY && disk->servers[role] == NULL) {
    disk->servers[role] = old;  /* which is dead, but not NULL */
    return -1;
  }
  opening_server_free (old);
  publish (disk);
  return r;
}

int
launch_revive (struct launch *launch, struct error *err)
{
  for (unsigned i = 0; i < launch->n; i++)
    if (revive (launch, i, FOR_OVERLAY, err) == -1 ||
        revive (launch, i, FOR_COPY, err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  return 0;
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

int
launch_check (const struct launch *launch, struct error *err)
{
  for (unsigned i = 0; i < launch->n; i++)
    for (unsigned role = 0; role < ROLES; role++) {
      const struct nbdkit_server *server = launch->disks[i].servers[role];

      if (server == NULL || opening_server_check (server, err) == 0)
        continue;
      err->disk = (int) i;
      return -1;
    }
  return 0;
}

void
launch_explain (const struct launch *launch, struct error *err)
{
  if (!error_is_set (err) || (err->reason != REASON_READ &&
                              err->reason != REASON_UNREACHABLE))
    return;
  for (unsigned i = 0; i < launch->n; i++) {
    const struct running_disk *disk = &launch->disks[i];

    if ((err->disk == -1 || err->disk == (int) i) &&
        (explain_from (disk, i, disk->servers[FOR_COPY], err) ||
         explain_from (disk, i, disk->servers[FOR_OVERLAY], err)))
      return;
  }
}
