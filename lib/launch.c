/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <config.h>

#include <inttypes.h>
#include <string.h>

#include <libnbd.h>

#include "cleanup.h"
#include "clock.h"
#include "error.h"
#include "events.h"
#include "guard.h"
#include "i18n.h"
#include "http.h"
#include "launch.h"
#include "nbd-client.h"
#include "nbdkit-server.h"
#include "supervisor.h"
#include "tempdir.h"
#include "utf8.h"

/* When nbdkit has printed an error and the connection is still not open, it
 * may be retrying (the retry filter would for a minute), or have fallen
 * back from HEAD to GET.  The latter takes a round trip, so this is enough.
 */
#define ERROR_GRACE_MS 1500

/* An unreachable host must be reported within 5 seconds, but some servers
 * take their time: after this long it is asked whether there is a host at
 * all (which takes up to 4 seconds when packets vanish).
 */
#define REACH_AFTER_MS 800

struct running_disk {
  struct launched_disk public;
  struct nbdkit_server *in, *copy;
};

struct launch {
  const struct launch_context *context;
  const struct guest *guest;
  struct tempdir *dir;
  struct running_disk *disks;
  unsigned n;
  bool selinux;
};

struct launch *
launch_new (const struct guest *guest, bool with_copy,
            const struct launch_context *context, struct error *err)
{
  struct launch *launch = calloc (1, sizeof *launch);

  if (launch == NULL) {
    error_nomem (err);
    return NULL;
  }
  launch->context = context;
  launch->guest = guest;
  launch->disks = calloc (guest->disks.len + 1, sizeof *launch->disks);
  if (launch->disks == NULL) {
    error_nomem (err);
    goto error;
  }
  if (plan_selinux (context->settings, context->caps, &launch->selinux,
                    err) == -1)
    goto error;
  for (; launch->n < guest->disks.len; launch->n++) {
    struct launched_disk *disk = &launch->disks[launch->n].public;
    char letters[DISK_LETTERS_MAX];

    disk->disk = &guest->disks.ptr[launch->n];
    disk_letters (launch->n, letters);
    snprintf (disk->name, sizeof disk->name, "sd%s", letters);
    if (plan_disk (&disk->disk->location, (int) launch->n, context->settings,
                   with_copy, context->caps, context->events, &disk->plan,
                   err) == -1) {
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
    nbdkit_server_free (launch->disks[i].copy);
    nbdkit_server_free (launch->disks[i].in);
    plan_reset (&launch->disks[i].public.plan);
  }
  tempdir_free (launch->dir);
  free (launch->disks);
  free (launch);
}

/* TMPDIR may be too deep for a socket's path, or have a name that XML and
 * JSON cannot hold; /tmp is neither.
 */
static const char *
short_tmpdir (void)
{
  const char *tmpdir = getenv ("TMPDIR");

  return tmpdir != NULL && tmpdir[0] == '/' && strlen (tmpdir) <= 60 &&
    utf8_valid (tmpdir) ? tmpdir : "/tmp";
}

static int
make_dir (struct launch *launch, struct error *err)
{
  struct guard *guard = launch->context->guard;

  launch->dir = tempdir_new (short_tmpdir (), guard, err);
  if (launch->dir == NULL)
    return -1;
  /* Every child inherits it: by this the guard knows them. */
  if (setenv (GUARD_VARIABLE, tempdir_path (launch->dir), 1) == -1)
    return error_errno (err, REASON_INTERNAL, "setenv");
  guard_processes (guard, tempdir_path (launch->dir));
  return 0;
}

/* Some sources (a file that is not there) fail when nbdkit starts. */
static void
explain_start (const struct plan *plan, struct error *err)
{
  CLEANUP_ERROR struct error death = ERROR_INIT;
  CLEANUP_FREE char *what = NULL;

  if (err->reason != REASON_NBDKIT_CRASH || err->detail.len == 0)
    return;
  error_move (&death, err);
  what = location_describe (plan->location, err);
  source_explain (plan->source, what, &death.detail, err);
}

static struct nbdkit_server *
start_server (struct launch *launch, unsigned index,
              const struct nbdkit_cmd *cmd, struct error *err)
{
  const struct launch_context *context = launch->context;
  const struct nbdkit_server_settings settings = {
    .dir = tempdir_path (launch->dir),
    .disk = (int) index,
    .startup_timeout_s = context->settings->startup_timeout_s,
    .selinux = launch->selinux,
  };

  struct nbdkit_server *server =
    nbdkit_server_start (cmd, &settings, context->supervisor,
                         context->events, err);

  if (server == NULL)
    explain_start (&launch->disks[index].public.plan, err);
  return server;
}

/* Opening a server's disk for the first time. */
struct opening {
  const struct launched_disk *disk;
  const struct launch_context *context;
  const struct nbdkit_server *server;
  int64_t started_ms;
  int64_t first_error_ms;       /* 0: none yet */
  bool asked_host;
  struct error unreachable;
};

/* Only asked when opening takes long, and then once. */
static bool
host_is_unreachable (struct opening *opening)
{
  const struct source_request request = {
    .location = opening->disk->plan.location,
    .settings = opening->context->settings,
    .caps = opening->context->caps,
  };
  const struct source_ops *source = opening->disk->plan.source;
  const char *host;
  unsigned port;

  if (opening->asked_host || source->endpoint == NULL ||
      clock_ms () < opening->started_ms + REACH_AFTER_MS)
    return false;
  opening->asked_host = true;
  return source->endpoint (&request, &host, &port) &&
    http_check_endpoint (host, port, opening->context->supervisor,
                         &opening->unreachable) == -1;
}

static bool
opening_is_hopeless (void *data)
{
  struct opening *opening = data;

  if (nbdkit_server_has_died (opening->server))
    return true;
  if (nbdkit_server_errors (opening->server)->len > 0) {
    if (opening->first_error_ms == 0)
      opening->first_error_ms = clock_ms ();
    return clock_ms () > opening->first_error_ms + ERROR_GRACE_MS;
  }
  return host_is_unreachable (opening);
}

static int
explain_opening (const struct opening *opening, bool timed_out,
                 struct error *err)
{
  const struct plan *plan = &opening->disk->plan;
  const struct argv *lines = nbdkit_server_errors (opening->server);
  CLEANUP_FREE char *what = location_describe (plan->location, err);

  if (error_is_set (err))       /* a signal, or no memory */
    return -1;
  if (nbdkit_server_has_died (opening->server))
    return nbdkit_server_report_death (opening->server, err);
  if (lines->len > 0)
    return source_explain (plan->source, what, lines, err);
  if (error_is_set (&opening->unreachable)) {
    error_set (err, opening->unreachable.reason, _("cannot open %s: %s"),
               what, opening->unreachable.message);
    error_hint (err, "%s", opening->unreachable.hint);
    return -1;
  }
  if (timed_out) {
    error_set (err, REASON_TIMEOUT, _("cannot open %s: no answer after %u "
                                      "seconds"), what,
               plan->source->open_timeout_s);
    error_hint (err, _("is the server overloaded, or another kind of "
                       "server?"));
    return -1;
  }
  return source_explain (plan->source, what, lines, err);
}

/* Opening proves nothing about reading (a directory opens, over ssh). */
static int
read_a_little (struct nbd_handle *nbd, uint64_t size,
               const struct nbd_wait *wait, bool *timed_out,
               struct error *err)
{
  char buf[512];

  if (size == 0)
    return 0;
  return nbd_client_pread (nbd, buf, size < sizeof buf ? size : sizeof buf,
                           0, wait, timed_out, err);
}

/* Connect to the server once, and read.  Its size is stored in *size. */
static int
open_and_read (struct opening *opening, uint64_t *size, struct error *err)
{
  const struct nbd_wait wait = {
    .supervisor = opening->context->supervisor,
    .deadline_ms = clock_ms () + INT64_C (1000) *
      opening->disk->plan.source->open_timeout_s,
    .give_up = opening_is_hopeless,
    .data = opening,
  };
  struct nbd_handle *nbd;
  bool timed_out;
  int64_t n;
  int r;

  nbd = nbd_client_connect (nbdkit_server_uri (opening->server), &wait,
                            &timed_out, err);
  if (nbd == NULL)
    return explain_opening (opening, timed_out, err);
  n = nbd_get_size (nbd);
  *size = n > 0 ? (uint64_t) n : 0;
  r = read_a_little (nbd, *size, &wait, &timed_out, err);
  if (r == -1)
    explain_opening (opening, timed_out, err);
  nbd_close (nbd);
  return r;
}

static int
open_disk (struct launch *launch, unsigned index,
           struct nbdkit_server *server, uint64_t *size, struct error *err)
{
  struct opening opening = {
    .disk = &launch->disks[index].public,
    .context = launch->context,
    .server = server,
    .started_ms = clock_ms (),
    .unreachable = ERROR_INIT,
  };
  const int r = open_and_read (&opening, size, err);

  error_reset (&opening.unreachable);
  if (r == 0)
    nbdkit_server_forget_errors (server);
  return r;
}

/* What nbdkit does not check, asked before it is started. */
static int
preflight (struct launch *launch, unsigned index, struct error *err)
{
  const struct plan *plan = &launch->disks[index].public.plan;
  const struct source_request request = {
    .location = plan->location,
    .settings = launch->context->settings,
    .caps = launch->context->caps,
  };
  CLEANUP_FREE char *what = NULL;

  if (plan->source->preflight == NULL ||
      plan->source->preflight (&request, launch->context->supervisor,
                               err) == 0)
    return 0;
  what = location_describe (plan->location, err);
  error_wrap (err, _("cannot open %s"), what != NULL ? what : "");
  return -1;
}

static int
start_disk (struct launch *launch, unsigned index, struct error *err)
{
  struct running_disk *disk = &launch->disks[index];
  struct launched_disk *public = &disk->public;

  if (preflight (launch, index, err) == -1)
    return -1;
  disk->in = start_server (launch, index, public->plan.in, err);
  if (disk->in == NULL ||
      open_disk (launch, index, disk->in, &public->size, err) == -1)
    return -1;
  public->uri = nbdkit_server_uri (disk->in);
  public->socket = nbdkit_server_socket (disk->in);
  events_say (launch->context->events, EVENT_DEBUG, (int) index,
              "%s: %" PRIu64 " bytes", public->name, public->size);
  return 0;
}

int
launch_start (struct launch *launch, struct error *err)
{
  if (make_dir (launch, err) == -1)
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

const char *
launch_copy_uri (struct launch *launch, unsigned index, struct error *err)
{
  struct running_disk *disk = &launch->disks[index];
  uint64_t size;

  if (disk->public.plan.copy == NULL)
    return disk->public.uri;
  if (disk->copy == NULL) {
    disk->copy = start_server (launch, index, disk->public.plan.copy, err);
    if (disk->copy == NULL ||
        open_disk (launch, index, disk->copy, &size, err) == -1) {
      err->disk = (int) index;
      return NULL;
    }
    if (size != disk->public.size) {
      error_set (err, REASON_SOURCE_CHANGED,
                 _("%s: the source changed its size from %" PRIu64 " to %"
                   PRIu64 " bytes while the run went on"),
                 disk->public.name, disk->public.size, size);
      return NULL;
    }
  }
  return nbdkit_server_uri (disk->copy);
}

bool
launch_has_died (const struct launch *launch)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  return launch_check (launch, &ignored) == -1;
}

static int
check_server (const struct nbdkit_server *server, unsigned index,
              struct error *err)
{
  if (server == NULL || !nbdkit_server_has_died (server))
    return 0;
  nbdkit_server_report_death (server, err);
  err->disk = (int) index;
  return -1;
}

int
launch_check (const struct launch *launch, struct error *err)
{
  for (unsigned i = 0; i < launch->n; i++)
    if (check_server (launch->disks[i].in, i, err) == -1 ||
        check_server (launch->disks[i].copy, i, err) == -1)
      return -1;
  return 0;
}
