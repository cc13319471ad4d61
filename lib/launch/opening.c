/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Starts one nbdkit, connects to it and reads from it once, and turns what
 * went wrong into a message.  Which nbdkits a guest needs, and what happens
 * when one of them dies later, is the matter of launch.c.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>

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
#include "io/http.h"
#include "io/nbd-conn.h"
#include "io/supervisor.h"
#include "io/tempdir.h"
#include "launch/opening.h"
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

/* A dying nbdkit closes its sockets before its end is seen here. */
#define DEATH_NOTICE_MS 300

/* An unreachable host must be reported within 5 seconds, but some servers
 * are slow.  After this time a connection of our own finds out whether the
 * host answers at all (which takes up to 4 seconds when packets vanish).
 */
#define REACH_AFTER_MS 800

/* TMPDIR may be too deep for a socket's path, or have a name that some
 * program does not take in a URI (qemu 10 refuses escaped bytes that are not
 * UTF-8).  /tmp is short and plain.
 */
static const char *
short_tmpdir (void)
{
  static const char plain[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-";
  const char *tmpdir = getenv ("TMPDIR");

  return tmpdir != NULL && tmpdir[0] == '/' && strlen (tmpdir) <= 60 &&
    tmpdir[strspn (tmpdir, plain)] == '\0' ? tmpdir : "/tmp";
}

struct tempdir *
opening_dir_new (struct guard *guard, struct error *err)
{
  struct tempdir *dir = tempdir_new (short_tmpdir (), guard, err);

  if (dir == NULL)
    return NULL;
  /* Every child inherits the variable, by which the guard knows the child. */
  if (setenv (LEFTOVER_VARIABLE, tempdir_path (dir), 1) == -1) {
    error_errno (err, REASON_INTERNAL, "setenv");
    tempdir_free (dir);
    return NULL;
  }
  guard_processes (guard, tempdir_path (dir));
  return dir;
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

  if (plan->source->preflight == NULL ||
      plan->source->preflight (&plan->request, context->supervisor,
                               &plan->file, err) == 0)
    return pin (plan, err);
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
             _("cannot open %s: the server tells two sizes: %" PRIu64 " bytes "
               "(HEAD), and %" PRIu64 " (Content-Range)"),
             what != NULL ? what : "", served, plan->file.size);
  error_hint (err, _("does a cache have an older copy of the file, or do "
                     "several servers have this name?  Read it from the "
                     "server that has it, or have the cache emptied"));
  return -1;
}

/* Some sources (a file that is not there) fail when nbdkit starts. */
static void
explain_end (const struct plan *plan, struct error *err)
{
  CLEANUP_ERROR struct error death = ERROR_INIT;

  if (err->reason != REASON_NBDKIT_CRASH || err->detail.len == 0)
    return;
  error_move (&death, err);
  source_explain (&plan->request, SOURCE_OPEN, &death.detail, err);
}

static void
explain_start (const struct plan *plan, const struct nbdkit_cmd *cmd,
               struct error *err)
{
  explain_end (plan, err);
  /* No server was asked yet, so that trying again later will not help. */
  if (err->reason == REASON_READ && cmd != plan->single_cmd)
    err->reason = REASON_UNSUPPORTED;
  source_hint_command (&plan->request, err);
}

/* One attempt to connect. */
struct attempt {
  const struct plan *plan;
  const struct launch_context *context;
  struct nbdkit_server *server;
  int64_t started_ms;
  int timeout_ms;
  int64_t first_error_ms;       /* 0: none yet */
  bool asked_host;
  bool silent;                  /* the host takes connections, but did not
                                   say anything */
  struct error unreachable;
};

/* A user who waits longer for nbdkit does so for a slow server. */
static int
timeout_of (const struct plan *plan, const struct settings *settings)
{
  const unsigned timeout_s =
    settings->startup_timeout_s > DEFAULT_STARTUP_TIMEOUT_S &&
    settings->startup_timeout_s > plan->source->open_timeout_s
    ? settings->startup_timeout_s : plan->source->open_timeout_s;

  return (int) timeout_s * 1000;
}

static unsigned
port_of (const struct plan *plan)
{
  return plan->location->port != 0 ? plan->location->port
                                   : plan->source->default_port;
}

/* The host is only asked when opening takes long, and then once. */
static bool
host_is_unreachable (struct attempt *attempt)
{
  const struct plan *plan = attempt->plan;
  const struct location *location = plan->location;
  int r;

  if (attempt->asked_host || plan->source->default_port == 0 ||
      location->host == NULL ||
      clock_ms () < attempt->started_ms + REACH_AFTER_MS)
    return false;
  attempt->asked_host = true;
  r = http_check_endpoint (location->host, port_of (plan),
                           attempt->context->supervisor,
                           &attempt->unreachable);
  if (r == 1)
    attempt->silent = true;
  if (r == 1 && plan->source->may_be_slow)
    events_say (attempt->context->events, EVENT_WARNING, plan->disk,
                _("%s takes the connection but has not answered yet: it is "
                  "slow, or the port is the wrong one"), location->host);
  return r == -1 || (r == 1 && !plan->source->may_be_slow);
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
    return clock_ms () > attempt->first_error_ms + ERROR_GRACE_MS;
  }
  return host_is_unreachable (attempt);
}

/* It ends when it cannot read the disk, which stays so. */
static bool
below_refuses (const struct nbdkit_server *server, struct error *err)
{
  if (server->below == NULL || qemu_nbd_check (server->below, err) == 0)
    return false;
  if (err->reason == REASON_READ)
    err->reason = REASON_UNSUPPORTED;
  return true;
}

/* WHAT has not been opened in time. */
static int
report_timeout (const struct attempt *attempt, const char *what,
                struct error *err)
{
  if (attempt->silent) {
    error_set (err, REASON_TIMEOUT,
               _("cannot open %s: the server takes the connection but does "
                 "not answer"), what);
    error_hint (err, attempt->plan->source->may_be_slow
                ? _("is it the right port?  if the server is slow, wait "
                    "longer with --startup-timeout SECONDS")
                : _("is it the right port?"));
    return -1;
  }
  error_set (err, REASON_TIMEOUT, _("cannot open %s: no answer after %u "
                                    "seconds"), what,
             (unsigned) attempt->timeout_ms / 1000);
  error_hint (err, _("is the server overloaded, or does it speak another "
                     "protocol?"));
  return -1;
}

/* nbdkit's lines, and what the server says, if it has hung up before it
 * began to speak nbdkit's protocol.
 */
static int
explain_lines (const struct attempt *attempt, const struct argv *lines,
               struct error *err)
{
  const struct plan *plan = attempt->plan;
  CLEANUP_ARGV struct argv all = { .ptr = NULL };
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *words = NULL;

  if (source_hung_up (&plan->request, lines))
    words = http_first_line (plan->location->host, port_of (plan),
                             attempt->context->supervisor, &ignored);
  if (words != NULL && words[0] != '\0' &&
      argv_appendf (&all, err, _("the server says: %s"), words) == -1)
    return -1;
  for (size_t i = 0; i < lines->len; i++)
    if (argv_append (&all, lines->ptr[i], err) == -1)
      return -1;
  return source_explain (&plan->request, SOURCE_OPEN, &all, err);
}

static int
explain_failure (const struct attempt *attempt, bool timed_out,
                 struct error *err)
{
  const struct plan *plan = attempt->plan;
  const struct argv *lines = daemon_errors (attempt->server->daemon);
  const struct error *unreachable = &attempt->unreachable;
  CLEANUP_FREE char *what = location_describe (plan->location, err);

  if (error_is_set (err))       /* a signal, or no memory */
    return -1;
  if (below_refuses (attempt->server, err))
    return -1;
  if (lines->len == 0 && !timed_out)
    daemon_await_death (attempt->server->daemon,
                        error_is_set (unreachable) || attempt->silent
                        ? 0 : DEATH_NOTICE_MS);
  if (daemon_has_died (attempt->server->daemon)) {
    nbdkit_server_report_death (attempt->server, err);
    /* This one connects to the source before anybody connects to it. */
    if (attempt->server->cmd == plan->single_cmd)
      explain_end (plan, err);
    return -1;
  }
  if (lines->len == 0 && error_is_set (unreachable)) {
    error_set (err, unreachable->reason, _("cannot open %s: %s"), what,
               unreachable->message);
    error_hint (err, "%s", unreachable->hint);
    return -1;
  }
  if (lines->len == 0 && (timed_out ||
                          (attempt->silent && !plan->source->may_be_slow)))
    return report_timeout (attempt, what, err);
  explain_lines (attempt, lines, err);
  /* nbdkit's plugins have timeouts of their own. */
  if (attempt->silent && err->reason == REASON_TIMEOUT) {
    error_reset (err);
    report_timeout (attempt, what, err);
    error_details (err, lines);
  }
  return -1;
}

/* Opening proves nothing about reading (a directory opens, over ssh).  Of
 * nothing there is nothing to read; where nbdkit has printed an error
 * meanwhile, that is why.
 */
static int
read_start (struct nbd_handle *nbd, const struct attempt *attempt,
            struct nbd_wait *wait, struct error *err)
{
  const int64_t size = nbd_get_size (nbd);
  char buf[512];

  if (size <= 0)
    return daemon_errors (attempt->server->daemon)->len == 0 ? 0 : -1;
  return nbd_conn_pread (nbd, buf, (size_t) size < sizeof buf
                         ? (size_t) size : sizeof buf, 0, wait, err);
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
                                             plan->disk, context->supervisor,
                                             context->events, err);
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
    ? nbdkit_server_report_death (server, err) : 0;
}

/* Servers that limit how many requests come in a second (nginx's limit_req
 * without burst) refuse the one that follows too soon, and nbdkit's HEAD and
 * first GET follow each other within milliseconds.  With this time between all
 * requests, one after the other, 10 or 1 in a second, or 30 in a minute pass.
 * nbdkit asks again by itself (the retry filter does), but always twice.
 */
bool
opening_slow_down (struct plan *plan, const struct launch_context *context,
                   struct error *err)
{
  static const unsigned paces_ms[] = { 250, 1250, 3000 };

  if (err->reason != REASON_SESSION_LIMIT || !plan->source->counts_requests)
    return false;
  for (size_t i = 0; i < ARRAY_LEN (paces_ms); i++) {
    if (paces_ms[i] <= plan->pace_ms)
      continue;
    plan->pace_ms = paces_ms[i];
    plan->limits.first_connections = plan->limits.max_connections = 1;
    plan->limits.max_in_flight = 1;
    plan->limits.first_request = plan->limits.max_request;
    events_say (context->events, EVENT_INFO, plan->disk,
                _("%s; trying again with %u ms between requests"),
                err->message, paces_ms[i]);
    error_reset (err);
    return supervisor_pause (context->supervisor, (int) paces_ms[i],
                             err) == 0;
  }
  return false;
}

int
opening_keep_pace (const struct plan *plan,
                   const struct launch_context *context, struct error *err)
{
  return plan->pace_ms == 0 ? 0
    : supervisor_pause (context->supervisor, (int) plan->pace_ms, err);
}

static struct nbd_handle *
connect_and_read (struct attempt *attempt, struct error *err)
{
  const struct plan *plan = attempt->plan;
  struct nbd_wait wait = {
    .supervisor = attempt->context->supervisor,
    .deadline_ms = attempt->started_ms + attempt->timeout_ms,
    .give_up = should_give_up,
    .data = attempt,
  };
  struct nbd_handle *nbd = nbd_conn_connect (attempt->server->uri, NULL,
                                             &wait, err);

  if (nbd != NULL && check_size (plan, (uint64_t) nbd_get_size (nbd),
                                 err) == 0 &&
      opening_keep_pace (plan, attempt->context, err) == 0 &&
      read_start (nbd, attempt, &wait, err) == 0) {
    daemon_forget_lines (attempt->server->daemon);
    return nbd;
  }
  explain_failure (attempt, wait.timed_out, err);
  if (plan->source->ask_why != NULL)
    plan->source->ask_why (&plan->request, attempt->context->supervisor, err);
  source_hint_command (&plan->request, err);
  nbd_close (nbd);
  daemon_give_up (attempt->server->daemon);
  return NULL;
}

static struct nbd_handle *
open_within (const struct plan *plan, const struct nbdkit_cmd *cmd,
             const char *dir, const struct launch_context *context,
             int timeout_ms, struct nbdkit_server **server,
             struct error *err)
{
  struct attempt attempt = {
    .plan = plan, .context = context, .timeout_ms = timeout_ms,
    .unreachable = ERROR_INIT,
  };
  struct nbd_handle *nbd;

  *server = nbdkit_server_start (cmd, dir, plan->disk, plan->selinux, context,
                                 err);
  if (*server == NULL) {
    explain_start (plan, cmd, err);
    return NULL;
  }
  if (start_below (plan, dir, context, *server, err) == -1)
    return NULL;
  attempt.server = *server;
  attempt.started_ms = clock_ms ();
  nbd = connect_and_read (&attempt, err);
  error_reset (&attempt.unreachable);
  return nbd;
}

struct nbd_handle *
opening_open (const struct plan *plan, const struct nbdkit_cmd *cmd,
              const char *dir, const struct launch_context *context,
              struct nbdkit_server **server, struct error *err)
{
  return open_within (plan, cmd, dir, context,
                      timeout_of (plan, context->settings), server, err);
}

struct nbd_handle *
opening_open_another (const struct plan *plan, const struct nbdkit_cmd *cmd,
                      const char *dir, const struct launch_context *context,
                      int first_ms, struct nbdkit_server **server,
                      struct error *err)
{
  return open_within (plan, cmd, dir, context,
                      nbd_conn_another_ms (plan->source->open_timeout_s,
                                           first_ms), server, err);
}
