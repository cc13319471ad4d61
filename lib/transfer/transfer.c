/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Copies, verifies and commits.  Decides whether a failed copy is worth
 * another attempt, and adds a dead server's last words to the error; the
 * attempts themselves are left to copying.c, reading back to verify.c.
 */

#include <config.h>

#include <stdio.h>
#include <string.h>
#include <sys/param.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "context.h"
#include "io/supervisor.h"
#include "launch/launch.h"
#include "launch/overlay.h"
#include "output/output.h"
#include "settings.h"
#include "target/target.h"
#include "transfer/ahead.h"
#include "transfer/copying.h"
#include "transfer/resume.h"
#include "transfer/transfer.h"
#include "transfer/verify.h"

/* The pause before servers that died are replaced; doubled after each
 * failure, up to 64 times this.
 */
#define PAUSE_MS 250
/* The death of a server is noticed within this time. */
#define NOTICE_MS 200

static int
pause_ms (const struct copying *copying, int ms, struct error *err)
{
  return supervisor_pause (copying->context->supervisor, ms, err);
}

/* -1, with its last words, if a server has died. */
static int
check_servers (const struct transfer *transfer, struct error *err)
{
  if (launch_check (transfer->launch, err) == -1 ||
      overlays_check (transfer->overlays, err) == -1)
    return -1;
  return output_server_check (transfer->output, err);
}

static bool
server_is_lost (struct copying *copying)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  for (unsigned i = 0; i < copying->n; i++)
    if (copying->disks[i].target != NULL &&
        target_is_lost (copying->disks[i].target))
      copying->target_lost = true;
  return copying->target_lost ||
    check_servers (copying->transfer, &ignored) == -1;
}

/* Only after the death of a server is another attempt useful: the engine has
 * retried single requests already.
 */
static bool
is_worth_another (struct copying *copying, const struct error *err)
{
  const size_t stored = resume_count (copying->transfer->resume);
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  if (err->reason == REASON_INTERRUPTED || err->reason == REASON_SPACE ||
      err->reason == REASON_SOURCE_CHANGED ||
      pause_ms (copying, NOTICE_MS, &ignored) == -1)
    return false;
  if (stored > copying->stored)
    copying->failures = 0;
  copying->stored = stored;
  /* A server that dies before anything is read, or even served, will probably
   * die again: an option is wrong, or a file.
   */
  if (copying->failures >= (copying->read_nothing ? 1 :
                            copying->context->settings->retries))
    return false;
  return server_is_lost (copying);
}

/* The engine only notices that a server is gone; the reason is in what the
 * server printed.
 */
static void
add_last_words (const struct copying *copying, struct error *err)
{
  const struct transfer *transfer = copying->transfer;
  CLEANUP_ERROR struct error death = ERROR_INIT;

  if (err->reason == REASON_INTERRUPTED || err->server_ended)
    return;
  if (check_servers (transfer, &death) == 0) {
    launch_explain (transfer->launch, err);
    overlays_explain (transfer->overlays, err);
    return;
  }
  if (strcmp (err->message, death.message) == 0) /* it was seen in time */
    return;
  error_wrap (err, "%s", death.message);
  error_details (err, &death.detail);
}

static void
tell_retry (struct copying *copying, struct error *err)
{
  const unsigned index = err->disk >= 0 ? (unsigned) err->disk : 0;
  struct copy_result *result = &copying->ret[index].result;

  add_last_words (copying, err);
  events_say (copying->context->events, EVENT_INFO, err->disk,
              _("%s; the copy continues"), err->message);
  result->retries++;
  if (result->first_error[0] == '\0')
    snprintf (result->first_error, sizeof result->first_error, "%s",
              err->message);
}

/* The first attempt continues what was begun while the conversion ran. */
static int
attempt (struct copying *copying, struct error *err)
{
  struct ahead *ahead = copying->transfer->ahead;

  if (ahead != NULL && copying->attempt == 0) {
    copying->announced = ahead_announced (ahead);
    if (ahead_finish (ahead, err) == -1) {
      copying->target_lost = ahead_lost_target (ahead);
      return -1;
    }
  }
  return copying_attempt (copying, err);
}

static int
copy (struct copying *copying, struct error *err)
{
  for (;; copying->attempt++) {
    CLEANUP_ERROR struct error failure = ERROR_INIT;
    int shift;

    if (attempt (copying, &failure) == 0)
      return 0;
    if (failure.reason != REASON_INTERRUPTED)
      launch_explain_change (copying->transfer->launch, &failure);
    if (copying->context->settings->retries == 0 ||
        !is_worth_another (copying, &failure)) {
      add_last_words (copying, &failure);
      if (failure.reason == REASON_SOURCE_CHANGED)
        error_wrap (&failure, _("a source changed while it was copied"));
      error_move (err, &failure);
      return -1;
    }
    tell_retry (copying, &failure);
    shift = copying->failures < 6 ? (int) copying->failures : 6;
    copying->failures++;
    if (pause_ms (copying, PAUSE_MS << shift, err) == -1)
      return -1;
  }
}

static int
check (struct copying *copying, struct error *err)
{
  if (!copying->transfer->verify && !copying->transfer->checksum)
    return 0;
  events_emit (copying->context->events, &(struct event) {
      .type = EVENT_PHASE, .disk = -1, .progress.phase = "verify" });
  return verify_run (copying, err);
}

/* What was copied over is counted once.  How much of what was there before were
 * zeroes is not known: it counts as data, as far as there was any.
 */
static void
count_once (struct copying *copying)
{
  for (unsigned i = 0; i < copying->n; i++) {
    struct copy_result *result = &copying->ret[i].result;
    const uint64_t all = result->written + result->zero + result->unused;
    const uint64_t more = all > copying->ret[i].size
      ? all - copying->ret[i].size : 0;
    const uint64_t data = MIN (more, result->written);

    result->written -= data;
    result->zero -= MIN (more - data, result->zero);
  }
}

int
transfer_run (const struct transfer *transfer,
              const struct launch_context *context,
              struct transfer_disk *ret, struct error *err)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  struct copying copying;
  const bool done =
    copying_init (&copying, transfer, context, ret, err) == 0 &&
    copy (&copying, err) == 0 &&
    resume_check_sources (transfer->resume, transfer->launch, context,
                          err) == 0 &&
    check (&copying, err) == 0 &&
    output_commit (transfer->output, err) == 0;

  if (done && transfer->copied != NULL)
    count_once (&copying);
  /* If this fails, the facts in the journal still tell the next run. */
  if (!done && err->reason == REASON_SOURCE_CHANGED &&
      (copying.ran || transfer->ahead != NULL ||
       resume_count (transfer->resume) == 0))
    resume_discard (transfer->resume, &ignored);
  copying_reset (&copying);
  return done ? 0 : -1;
}
