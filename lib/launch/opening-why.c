/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Why a disk could not be opened: by nbdkit's error lines, by its end, by what
 * the server says to a connection of our own, or by nobody's answer.  Which
 * words mean what is left to the sources' tables (source/explain.c).
 */

#include <config.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "context.h"
#include "io/http.h"
#include "launch/opening-internal.h"
#include "launch/plan.h"
#include "nbdkit/server.h"
#include "qemu/qemu-nbd.h"
#include "source/explain.h"

/* A dying nbdkit closes its sockets before its end is seen here. */
#define DEATH_NOTICE_MS 300

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

void
opening_why_not_started (const struct plan *plan,
                         const struct nbdkit_cmd *cmd, struct error *err)
{
  explain_end (plan, err);
  /* No server was asked yet, so that trying again later will not help. */
  if (err->reason == REASON_READ && cmd != plan->single_cmd)
    err->reason = REASON_UNSUPPORTED;
  source_hint_command (&plan->request, err);
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
  if (attempt->reach.silent) {
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
  if (attempt->plan->unpack_dir != NULL)
    error_hint (err, _("unpacking it may take longer: let it have more time "
                       "with --stall-timeout, or unpack it with gzip -d"));
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
    words = http_first_line (plan->location->host, reach_port (plan->location),
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
  const struct error *unreachable = &attempt->reach.unreachable;
  CLEANUP_FREE char *what = location_describe (plan->location, err);

  if (error_is_set (err))       /* a signal, or no memory */
    return -1;
  if (below_refuses (attempt->server, err))
    return -1;
  if (lines->len == 0 && !timed_out)
    daemon_await_death (attempt->server->daemon,
                        error_is_set (unreachable) || attempt->reach.silent
                        ? 0 : DEATH_NOTICE_MS);
  if (daemon_has_died (attempt->server->daemon)) {
    nbdkit_server_report_death (attempt->server, err);
    /* The former connects to the source before anybody connects to it; the
     * xz filter of nbdkit 1.32 has it abort at a block that is damaged.
     */
    if (attempt->server->cmd == plan->single_cmd || plan->unpacks)
      explain_end (plan, err);
    return -1;
  }
  if (lines->len == 0 && error_is_set (unreachable)) {
    error_set (err, unreachable->reason, _("cannot open %s: %s"), what,
               unreachable->message);
    error_copy_hint (err, unreachable);
    return -1;
  }
  if (lines->len == 0 &&
      (timed_out || (attempt->reach.silent && !plan->source->may_be_slow)))
    return report_timeout (attempt, what, err);
  explain_lines (attempt, lines, err);
  /* nbdkit's plugins have timeouts of their own. */
  if (attempt->reach.silent && err->reason == REASON_TIMEOUT) {
    error_reset (err);
    report_timeout (attempt, what, err);
    error_details (err, lines);
  }
  return -1;
}

void
opening_why (const struct attempt *attempt, bool timed_out, struct error *err)
{
  const struct plan *plan = attempt->plan;

  explain_failure (attempt, timed_out, err);
  if (plan->source->ask_why != NULL)
    plan->source->ask_why (&plan->request, &plan->file,
                           attempt->context->supervisor, err);
  source_hint_command (&plan->request, err);
}
