/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Opens what the guest will find on its disks to the process that reads its
 * file systems (lib/filesystem): the source as it is, or with what a
 * conversion has written over it.  What is done with the answer is left to
 * --check and the copy.
 */

#include <config.h>

#include <string.h>
#include <sys/param.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "context.h"
#include "copy/disk.h"
#include "copy/retry.h"
#include "filesystem/filesystem.h"
#include "guest/location.h"
#include "io/supervisor.h"
#include "launch/disk-use.h"
#include "launch/launch.h"
#include "launch/overlay.h"
#include "settings.h"

struct asking {
  const struct launch *launch;
  struct overlays *overlays;
  bool changed;
  const struct launch_context *context;
  const char **uris;            /* one for each disk */
  unsigned n;
  unsigned connections;         /* to each of them */
  unsigned pause_ms;            /* between requests */
};

/* How many disks of the launch are on the same server, this one included. */
static unsigned
disks_on_host (const struct asking *asking, unsigned index)
{
  const struct plan *plan = &launch_disk (asking->launch, index)->plan;
  const char *host = plan->source->remote ? plan->location->host : NULL;
  unsigned n = 0;

  for (unsigned i = 0; host != NULL && i < asking->n; i++) {
    const struct plan *other = &launch_disk (asking->launch, i)->plan;

    n += other->source->remote && other->location->host != NULL &&
      strcmp (other->location->host, host) == 0;
  }
  return MAX (n, 1U);
}

/* How many connections the disk may have.  All are read at once; the limits of
 * a server are shared by its disks.
 */
static unsigned
connections_of (const struct asking *asking, unsigned index,
                const struct copy_disk *view)
{
  return MAX (view->limits.max_connections / disks_on_host (asking, index),
              1U);
}

static int
open_disk (struct asking *asking, unsigned index, struct error *err)
{
  const struct plan *plan = &launch_disk (asking->launch, index)->plan;
  struct copy_disk view = { .base_uri = NULL };

  if (overlay_open_view (asking->overlays, index, asking->changed, &view,
                         err) == -1)
    return -1;
  asking->uris[index] = overlay_serve_all (asking->overlays, index, &view,
                                           err);
  asking->connections = MIN (asking->connections,
                             connections_of (asking, index, &view));
  asking->pause_ms = MAX (asking->pause_ms, plan->pace_ms);
  return asking->uris[index] != NULL ? 0 : -1;
}

static int
open_all (struct asking *asking, struct error *err)
{
  for (unsigned i = 0; i < asking->n; i++)
    if (open_disk (asking, i, err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  return 0;
}

static bool
server_has_died (const struct asking *asking)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  return launch_check (asking->launch, &ignored) == -1 ||
    overlays_check (asking->overlays, &ignored) == -1;
}

/* A server that is there may answer the next time. */
static bool
is_worth_another (const struct asking *asking, unsigned attempt,
                  const struct error *err)
{
  return (err->reason == REASON_READ || err->reason == REASON_TIMEOUT ||
          err->reason == REASON_UNREACHABLE) &&
    attempt < asking->context->settings->retries &&
    !server_has_died (asking);
}

static int
ask_once (const struct asking *asking, struct filesystems *ret,
          struct error *err)
{
  struct supervisor *supervisor = asking->context->supervisor;

  /* The views were opened just before. */
  if (asking->pause_ms > 0 &&
      supervisor_pause (supervisor, (int) asking->pause_ms, err) == -1)
    return -1;
  return filesystems_ask (asking->uris, asking->n, asking->connections,
                          asking->pause_ms, supervisor, ret, err);
}

static int
ask (const struct asking *asking, struct filesystems *ret, struct error *err)
{
  struct supervisor *supervisor = asking->context->supervisor;

  for (unsigned attempt = 0;; attempt++) {
    CLEANUP_ERROR struct error failure = ERROR_INIT;

    if (ask_once (asking, ret, &failure) == 0)
      return 0;
    if (!is_worth_another (asking, attempt, &failure)) {
      error_move (err, &failure);
      return -1;
    }
    events_say (asking->context->events, EVENT_INFO, failure.disk,
                _("the file systems cannot be read: %s; trying again"),
                failure.message);
    if (supervisor_pause (supervisor, retry_pause_ms (attempt), err) == -1)
      return -1;
  }
}

/* Before the views are closed, whose servers know more. */
static void
explain (const struct asking *asking, struct error *err)
{
  if (err->disk == -1 && asking->n == 1)
    err->disk = 0;
  launch_explain (asking->launch, err);
  overlays_explain (asking->overlays, err);
  error_wrap (err, _("cannot find out what the guest's file systems use"));
}

int
disk_use_find (const struct launch *launch, struct overlays *overlays,
               bool changed, const struct launch_context *context,
               struct filesystems *ret, struct error *err)
{
  const unsigned n = launch_disk_count (launch);
  struct asking asking = {
    .launch = launch, .overlays = overlays, .changed = changed,
    .context = context, .n = n, .connections = COPY_CONNECTIONS_MAX,
    .uris = alloc_zero ((n + 1) * sizeof *asking.uris, err),
  };
  int r;

  if (asking.uris == NULL)
    return -1;
  r = open_all (&asking, err);
  if (r == 0) {
    r = ask (&asking, ret, err);
    if (r == -1 && err->reason != REASON_INTERRUPTED)
      explain (&asking, err);
  }
  free (asking.uris);
  /* Some servers allow one connection. */
  overlays_close_views (overlays);
  return r;
}
