/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The disks of a guest, each served by one or two nbdkits that are started,
 * replaced when they die, and ended here.  launch-watch.c looks after them
 * meanwhile.  plan.c makes their command lines, opening.c starts and opens a
 * single one, and overlay.c protects the sources from writes.
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
#include "launch/clients.h"
#include "launch/inspect.h"
#include "launch/launch-internal.h"
#include "launch/launch.h"
#include "launch/opening.h"
#include "launch/pace.h"
#include "nbdkit/server.h"
#include "settings.h"

struct launch *
launch_new (const struct guest *guest, enum plan_use use,
            const struct launch_context *context, struct error *err)
{
  struct launch *launch = alloc_zero (sizeof *launch, err);
  bool ignored;

  if (launch == NULL)
    return NULL;
  launch->context = context;
  launch->only_copies = use == PLAN_COPY;
  launch->disks = alloc_zero ((guest->disks.len + 1) *
                              sizeof *launch->disks, err);
  if (launch->disks == NULL ||
      /* It is no disk's error; the plans ask again. */
      plan_selinux (context, &ignored, err) == -1)
    goto error;
  for (; launch->n < guest->disks.len; launch->n++) {
    struct launched_disk *disk = &launch->disks[launch->n].public;

    disk->disk = &guest->disks.ptr[launch->n];
    launch->disks[launch->n].clients = (struct clients) {
      .plan = &disk->plan, .name = disk->name };
    disk_name (launch->n, disk->name);
    if (plan_disk (&disk->disk->location, (int) launch->n, use, context,
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
    clients_reset (&launch->disks[i].clients);
    error_reset (&launch->disks[i].changed);
    for (unsigned role = ROLES; role-- > 0;) /* the copy's first */
      opening_server_free (launch->disks[i].servers[role]);
    plan_reset (&launch->disks[i].public.plan);
    image_reset (&launch->disks[i].public.image);
  }
  tempdir_free (launch->dir);
  free (launch->disks);
  free (launch);
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
  return role == FOR_COPY ? disk->public.plan.copy_cmd
                          : clients_command (&disk->clients);
}

/* Each nbdkit would have this limit for itself: only one may be read from. */
static bool
has_limit (const struct settings *settings)
{
  return settings->bandwidth != NULL || settings->bandwidth_file != NULL;
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
  nbd = opening_open (&public->plan, command_of (disk, role),
                      again ? subdir : launch_dir (launch), launch->context,
                      public->uri == NULL, &disk->servers[role], err);
  if (nbd == NULL)
    return -1;
  n = nbd_get_size (nbd);
  size = n > 0 ? (uint64_t) n : 0;
  if (public->uri == NULL) {    /* it is the first one */
    public->size = size;
    disk->clients.takes_many = !has_limit (launch->context->settings) &&
      nbd_can_multi_conn (nbd) == 1;
    if (inspect_disk (public->disk, &public->plan, disk->servers[role], nbd,
                      launch->context, &public->image, err) == 0)
      return 0;
    launch_explain_by (disk, disk->servers[role], err);
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

/* Of a raw disk all bytes count. */
static int
check_end (const struct launched_disk *disk, struct error *err)
{
  const struct location *location = disk->plan.location;

  return location->file == NULL || location->part.tar_entry != NULL ||
    location->part.length > 0 || !image_is_raw (&disk->image)
    ? 0 : cut_sector_check (location->file, err);
}

/* Does the source take a second client?  Where only the copy reads, that is
 * the copy's nbdkit, which may be tried when it is needed if the server says
 * that it takes many.
 */
static int
try_another (struct launch *launch, unsigned index, int first_ms,
             struct error *err)
{
  struct running_disk *disk = &launch->disks[index];
  const struct plan *plan = &disk->public.plan;
  const bool is_copys = launch->only_copies && plan->copy_cmd != NULL &&
    disk->public.image.plain;

  if (plan->single_cmd == NULL || (is_copys && disk->clients.takes_many))
    return 0;
  return clients_try_another (&disk->clients, is_copys ? plan->copy_cmd
                                                       : plan->overlay_cmd,
                              launch_dir (launch), launch->context, first_ms,
                              &disk->servers[FOR_OVERLAY], err);
}

/* Start the disk's first nbdkit, and look at what it serves. */
static int
serve_first (struct launch *launch, unsigned index, struct error *err)
{
  struct running_disk *disk = &launch->disks[index];
  struct plan *plan = &disk->public.plan;

  if (launch->only_copies && plan->copys_first)
    disk->clients.another = plan->copy_cmd;
  for (bool again = false;
       serve (launch, index, FOR_OVERLAY, again, err) == -1; again = true) {
    if (!pace_slow_down (plan, launch->context, err))
      return -1;
    stop_server (disk, FOR_OVERLAY);
  }
  return 0;
}

/* The first nbdkit was the copy's, but qemu is to read from it, which does not
 * try again where a read fails: the overlay's takes its place.
 */
static int
serve_qemu (struct launch *launch, unsigned index, struct error *err)
{
  struct running_disk *disk = &launch->disks[index];

  if (!launch->only_copies || !disk->public.plan.copys_first ||
      disk->public.image.plain)
    return 0;
  publish (disk);
  disk->clients.another = NULL;
  stop_server (disk, FOR_OVERLAY);
  return serve (launch, index, FOR_OVERLAY, true, err);
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
  if (plan->file.version != NULL && plan->source->identify_begin != NULL)
    plan->aside = plan->source->identify_begin (&plan->request);
  if (plan->unpack_dir != NULL)
    events_say (launch->context->events, EVENT_INFO, (int) index,
                _("nbdkit's gzip filter unpacks the whole disk to a file in "
                  "%s first"), plan->unpack_dir);
  start_ms = clock_ms ();
  if (serve_first (launch, index, err) == -1 ||
      check_end (&disk->public, err) == -1 ||
      serve_qemu (launch, index, err) == -1 ||
      try_another (launch, index, (int) (clock_ms () - start_ms), err) == -1)
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
  opening_warn_exposed (launch->dir, launch->context);
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

/* Does the first nbdkit stay, with its connection, beside the copy's? */
static bool
has_single (const struct launch *launch, unsigned index)
{
  const struct running_disk *disk = &launch->disks[index];

  return launch->only_copies && disk->clients.takes_many &&
    disk->public.plan.single_cmd != NULL &&
    disk->public.plan.copy_cmd != NULL && disk->clients.another == NULL;
}

/* The copy's own nbdkit does not try again by itself: a first read that
 * fails is no worse than one in the middle of the copy.  What the first nbdkit
 * has connected to need not be tried before the copy begins.
 */
static int
serve_copy (struct launch *launch, unsigned index, struct error *err)
{
  const unsigned retries = launch->context->settings->retries;
  struct running_disk *disk = &launch->disks[index];

  if (has_single (launch, index))
    return opening_start (&disk->public.plan, disk->public.plan.copy_cmd,
                          launch_dir (launch), launch->context,
                          &disk->servers[FOR_COPY], err);
  for (unsigned i = 0;; i++) {
    if (serve (launch, index, FOR_COPY, i > 0, err) == 0)
      return 0;
    /* It has let this host in before. */
    if (err->reason == REASON_AUTH && disk->clients.another != NULL)
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
launch_single_uri (const struct launch *launch, unsigned index)
{
  return has_single (launch, index) ? launch->disks[index].public.uri
    : NULL;
}

const char *
launch_copy_uri (struct launch *launch, unsigned index, struct error *err)
{
  struct running_disk *disk = &launch->disks[index];

  if (disk->public.plan.copy_cmd == NULL ||
      disk->clients.takes_one ||
      disk->clients.another == disk->public.plan.copy_cmd)
    return disk->public.uri;
  if (disk->servers[FOR_COPY] == NULL &&
      serve_copy (launch, index, err) == -1) {
    err->disk = (int) index;
    return NULL;
  }
  return disk->servers[FOR_COPY]->uri;
}

const char *
launch_parallel_uri (const struct launch *launch, unsigned index)
{
  const struct running_disk *disk = &launch->disks[index];
  const struct nbdkit_server *server = disk->servers[FOR_COPY];

  return server != NULL && !has_single (launch, index)
    ? server->uri : disk->public.uri;
}

bool
launch_takes_more (const struct launch *launch, unsigned index)
{
  const struct running_disk *disk = &launch->disks[index];
  const struct plan *plan = &disk->public.plan;

  return !disk->clients.takes_one && plan->pace_ms == 0 &&
    plan->limits.max_connections > 1;
}

struct nbd_handle **
launch_kept (const struct launch *launch, unsigned index)
{
  return launch->only_copies ? &launch->disks[index].clients.kept : NULL;
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
