/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Starts one nbdkit, connects to it and reads from it once.  What is said when
 * that fails is opening-why.c's matter; which nbdkits a guest needs, and what
 * happens when one of them dies later, is launch.c's.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>
#include <sys/param.h>

#include <libnbd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "context.h"
#include "io/guard.h"
#include "io/leftover.h"
#include "io/nbd-conn.h"
#include "io/tempdir.h"
#include "launch/opening-internal.h"
#include "launch/opening.h"
#include "launch/pace.h"
#include "launch/plan.h"
#include "nbdkit/server.h"
#include "qemu/qemu-nbd.h"
#include "settings.h"
#include "source/explain.h"

/* When nbdkit has printed an error and the connection is still not open, it
 * may be retrying (the retry filter would for a minute), or have fallen
 * back from HEAD to GET.  The latter takes a round trip, so this is enough.
 */
#define ERROR_GRACE_MS 1500
/* A server that has answered us answers nbdkit in about the same time. */
#define SILENCE_MS 400

/* TMPDIR may be too deep for a socket's path, or have a name that some
 * program does not take in a URI (qemu 10 refuses escaped bytes that are not
 * UTF-8).  /tmp is short and plain.
 */
static bool
fits_sockets (const char *tmpdir)
{
  static const char plain[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-";

  return tmpdir[0] == '/' && strlen (tmpdir) <= 60 &&
    tmpdir[strspn (tmpdir, plain)] == '\0';
}

struct tempdir *
opening_dir_new (struct guard *guard, struct error *err)
{
  const char *tmpdir = getenv ("TMPDIR");
  const bool fits = tmpdir != NULL && fits_sockets (tmpdir);
  struct tempdir *dir = tempdir_new (fits ? tmpdir : "/tmp", guard, err);

  if (dir == NULL) {
    if (tmpdir != NULL && !fits)
      error_add_hint (err, _("sockets are not in TMPDIR where that is longer "
                             "than 60 bytes, or has other characters than "
                             "letters, digits and ./_-"));
    return NULL;
  }
  /* Every child inherits the variable, by which the guard knows the child. */
  if (setenv (LEFTOVER_VARIABLE, tempdir_path (dir), 1) == -1) {
    error_errno (err, REASON_INTERNAL, "setenv");
    tempdir_free (dir);
    return NULL;
  }
  guard_processes (guard, tempdir_path (dir));
  return dir;
}

void
opening_warn_exposed (const struct tempdir *dir,
                      const struct launch_context *context)
{
  if (tempdir_exposed (dir) != NULL)
    events_say (context->events, EVENT_WARNING, -1,
                _("other users could put another directory in the place of "
                  "%s, because they can write to %s"),
                tempdir_path (dir), tempdir_exposed (dir));
}

static int
pin (const struct plan *plan, struct error *err)
{
  struct nbdkit_cmd *const cmds[] = { plan->overlay_cmd, plan->copy_cmd };

  if (plan->source->pin == NULL)
    return 0;
  for (size_t i = 0; i < ARRAY_LEN (cmds); i++)
    if (cmds[i] != NULL &&
        plan->source->pin (&plan->request, &plan->file, cmds[i], err) == -1)
      return -1;
  return 0;
}

int
opening_preflight (struct plan *plan, const struct launch_context *context,
                   struct error *err)
{
  CLEANUP_FREE char *what = NULL;

  if ((plan->source->preflight == NULL ||
       plan->source->preflight (&plan->request, context->supervisor,
                                &plan->file, err) == 0) &&
      pin (plan, err) == 0)
    return 0;
  source_hint_command (&plan->request, err);
  what = location_describe (plan->location, err);
  error_wrap (err, _("cannot open %s"), what != NULL ? what : "");
  return -1;
}

/* The size that nbdkit believes is that of HEAD.  A cache that answers this
 * from an older copy would make a shorter disk of the file, and two servers
 * that are out of step a mixture.  Under a filter there may be fewer bytes.
 */
static int
check_size (const struct plan *plan, uint64_t served, struct error *err)
{
  CLEANUP_FREE char *what = NULL;

  if (plan->file.size == HTTP_SIZE_UNKNOWN || plan->file.size == served ||
      plan->location->part.tar_entry != NULL ||
      plan->location->part.length > 0 || plan->source->add_filters != NULL ||
      source_option (&plan->request, "filter") != NULL)
    return 0;
  what = location_describe (plan->location, err);
  error_set (err, REASON_SOURCE_CHANGED,
             _("cannot open %s: the server reports two sizes: %" PRIu64 " "
               "bytes (HEAD) and %" PRIu64 " (Content-Range)"),
             what != NULL ? what : "", served, plan->file.size);
  error_hint (err, _("does a cache have an older copy of the file, or do "
                     "several servers have this name?  read it from the "
                     "server itself, or clear the cache"));
  return -1;
}

/* A user who waits longer for nbdkit does so for a slow server. */
static int
timeout_of (const struct plan *plan, const struct settings *settings)
{
  const unsigned timeout_s =
    settings->startup_timeout_s > DEFAULT_STARTUP_TIMEOUT_S &&
    settings->startup_timeout_s > plan->open_timeout_s
    ? settings->startup_timeout_s : plan->open_timeout_s;

  return (int) timeout_s * 1000;
}

static bool
host_is_unreachable (struct attempt *attempt)
{
  const struct plan *plan = attempt->plan;
  int r;

  /* Who has opened the disk has reached it: asking costs a round trip. */
  if (attempt->reading && plan->source->answers == NULL)
    return false;
  r = reach_ask (&attempt->reach);
  if (r == 1 && plan->source->may_be_slow)
    events_say (attempt->context->events, EVENT_WARNING, plan->disk,
                _("%s takes the connection but has not answered yet: it is "
                  "slow, or the port is the wrong one"), plan->location->host);
  return r == -1 || (r == 1 && !plan->source->may_be_slow);
}

/* The server has answered us, but what about nbdkit?  Who waits longer by
 * --startup-timeout knows that it is slow.
 */
static bool
answer_does_not_end (struct attempt *attempt)
{
  const struct plan *plan = attempt->plan;

  if (plan->source->answers == NULL || attempt->silent_since_ms == 0 ||
      clock_ms () < attempt->silent_since_ms + SILENCE_MS ||
      attempt->context->settings->startup_timeout_s >
      DEFAULT_STARTUP_TIMEOUT_S)
    return false;
  attempt->silent_since_ms = 0;
  return plan->source->answers (&plan->request, attempt->reading,
                                attempt->context->supervisor,
                                &attempt->reach.unreachable) == -1;
}

static bool
should_give_up (void *data)
{
  struct attempt *attempt = data;

  if (daemon_has_died (attempt->server->daemon))
    return true;
  if (daemon_errors (attempt->server->daemon)->len > 0) {
    if (attempt->first_error_ms == 0)
      attempt->first_error_ms = clock_ms ();
    return attempt->plan->source->errors_are_final ||
      clock_ms () > attempt->first_error_ms + ERROR_GRACE_MS;
  }
  return host_is_unreachable (attempt) || answer_does_not_end (attempt);
}

/* At once, so that it costs no round trip of its own; where that cannot be it
 * is left to whoever wants it.
 */
static void
ask_for_end (struct nbd_handle *nbd, const struct attempt *attempt,
             uint64_t size)
{
  struct nbdkit_server *server = attempt->server;
  const size_t len = sizeof server->end;
  const uint32_t block = nbd_conn_min_block (nbd);

  if (!attempt->looks_at_end || attempt->plan->pace_ms > 0 ||
      size < sizeof server->start + len || size % block != 0 ||
      len % block != 0)
    return;
  server->end_cookie = nbd_aio_pread (nbd, server->end, len, size - len,
                                      NBD_NULL_COMPLETION, 0);
}

/* Opening proves nothing about reading (a directory opens, over ssh).  Of
 * nothing there is nothing to read; where nbdkit has printed an error
 * meanwhile, that is why.
 */
static int
read_start (struct nbd_handle *nbd, struct attempt *attempt,
            struct nbd_wait *wait, struct error *err)
{
  const int64_t size = nbd_get_size (nbd);
  struct nbdkit_server *server = attempt->server;
  const size_t len = size < (int64_t) sizeof server->start
    ? (size_t) MAX (size, 0) : sizeof server->start;

  attempt->reading = true;
  attempt->silent_since_ms = clock_ms ();
  if (len == 0)
    return daemon_errors (server->daemon)->len == 0 ? 0 : -1;
  ask_for_end (nbd, attempt, (uint64_t) size);
  if (nbd_conn_pread (nbd, server->start, len, 0, wait, err) == -1)
    return -1;
  server->start_len = len;
  return 0;
}

/* What nbdkit reads from, if that is a server of ours too: it is there before
 * anybody connects to nbdkit.
 */
static int
start_below (const struct plan *plan, const char *dir,
             const struct launch_context *context,
             struct nbdkit_server *server, struct error *err)
{
  CLEANUP_FREE char *socket = NULL;

  if (plan->source->start_below == NULL)
    return 0;
  socket = format (err, "%s/%s" SOURCE_BELOW_SUFFIX, dir, server->cmd->name);
  if (socket == NULL)
    return -1;
  server->below = plan->source->start_below (&plan->request, socket,
                                             plan->disk, context, err);
  return server->below != NULL ? 0 : -1;
}

void
opening_server_free (struct nbdkit_server *server)
{
  struct qemu_nbd *below = server != NULL ? server->below : NULL;

  nbdkit_server_free (server);
  qemu_nbd_free (below);
}

int
opening_server_check (const struct nbdkit_server *server, struct error *err)
{
  if (server->below != NULL && qemu_nbd_check (server->below, err) == -1)
    return -1;
  return daemon_has_died (server->daemon)
    ? nbdkit_server_report_death (server, err)
    : nbdkit_server_check_files (server, false, err);
}

static struct nbd_handle *
connect_and_read (struct attempt *attempt, struct error *err)
{
  const struct plan *plan = attempt->plan;
  struct nbd_wait wait = {
    .supervisor = attempt->context->supervisor,
    .deadline_ms = attempt->reach.started_ms + attempt->timeout_ms,
    .give_up = should_give_up,
    .data = attempt,
  };
  struct nbd_handle *nbd = nbd_conn_connect (attempt->server->uri, NULL,
                                             &wait, err);

  if (nbd != NULL && check_size (plan, (uint64_t) nbd_get_size (nbd),
                                 err) == 0 &&
      pace_keep (plan, attempt->context, err) == 0 &&
      read_start (nbd, attempt, &wait, err) == 0 &&
      nbdkit_server_check_files (attempt->server, true, err) == 0) {
    daemon_forget_lines (attempt->server->daemon);
    return nbd;
  }
  /* nbdkit may not say that a file is another one now. */
  if (location_check_names (plan->location, err) == 0)
    opening_why (attempt, wait.timed_out, err);
  nbd_close (nbd);
  daemon_give_up (attempt->server->daemon);
  return NULL;
}

static void
why_not_started (const struct plan *plan, const struct nbdkit_cmd *cmd,
                 struct error *err)
{
  CLEANUP_ERROR struct error changed = ERROR_INIT;

  if (location_check_names (plan->location, &changed) == 0) {
    opening_why_not_started (plan, cmd, err);
    return;
  }
  error_reset (err);
  error_move (err, &changed);
}

int
opening_start (const struct plan *plan, const struct nbdkit_cmd *cmd,
               const char *dir, const struct launch_context *context,
               struct nbdkit_server **server, struct error *err)
{
  *server = nbdkit_server_start (cmd, dir, plan->disk, plan->selinux, context,
                                 err);
  if (*server != NULL)
    return start_below (plan, dir, context, *server, err);
  why_not_started (plan, cmd, err);
  return -1;
}

static struct nbd_handle *
open_within (const struct plan *plan, const struct nbdkit_cmd *cmd,
             const char *dir, const struct launch_context *context,
             int timeout_ms, bool looks_at_end, struct nbdkit_server **server,
             struct error *err)
{
  struct attempt attempt = {
    .plan = plan, .context = context, .timeout_ms = timeout_ms,
    .looks_at_end = looks_at_end,
    .reach = {
      .location = plan->location, .supervisor = context->supervisor,
      .unreachable = ERROR_INIT,
    },
  };
  struct nbd_handle *nbd;

  if (opening_start (plan, cmd, dir, context, server, err) == -1)
    return NULL;
  attempt.server = *server;
  attempt.reach.started_ms = attempt.silent_since_ms = clock_ms ();
  nbd = connect_and_read (&attempt, err);
  error_reset (&attempt.reach.unreachable);
  return nbd;
}

struct nbd_handle *
opening_open (const struct plan *plan, const struct nbdkit_cmd *cmd,
              const char *dir, const struct launch_context *context,
              bool looks_at_end, struct nbdkit_server **server,
              struct error *err)
{
  return open_within (plan, cmd, dir, context,
                      timeout_of (plan, context->settings), looks_at_end,
                      server, err);
}

struct nbd_handle *
opening_open_another (const struct plan *plan, const struct nbdkit_cmd *cmd,
                      const char *dir, const struct launch_context *context,
                      int first_ms, struct nbdkit_server **server,
                      struct error *err)
{
  return open_within (plan, cmd, dir, context,
                      nbd_conn_another_ms (plan->open_timeout_s,
                                           first_ms), false, server, err);
}
