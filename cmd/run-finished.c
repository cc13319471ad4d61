/* SPDX-License-Identifier: GPL-2.0-or-later */

/* --resume of a run that has finished: nothing is done, and the result is that
 * of then.  lib/transfer/finished.c keeps the record of it and compares.
 */

#include <config.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "guest/guest.h"
#include "io/supervisor.h"
#include "launch/overlay.h"
#include "output/output.h"
#include "run-internal.h"
#include "transfer/facts.h"
#include "transfer/finished.h"
#include "transfer/resume.h"
#include "transfer/transfer.h"

struct facts_request
run_facts_request (const struct run *run)
{
  return (struct facts_request) {
    .output = &run->options->output,
    .convert = run->options->convert,
    .extents = run->extents,
    .disks = (unsigned) run->guest->disks.len,
    .skip_unused = run->options->skip_unused,
  };
}

static struct finished_request
finished_request (const struct run *run, const struct facts_request *facts)
{
  return (struct finished_request) {
    .facts = facts, .launch = run->launch,
    .verify = run->options->verify, .checksum = run->options->checksum,
  };
}

void
run_tell_done (struct run *run)
{
  const char *text = _("Nothing to do: the same run has already finished");

  if (run->options->action == ACTION_CHECK)
    events_check (run->context.events, -1, "resume", CHECK_OK, "%s", text);
  else
    events_say (run->context.events, EVENT_MESSAGE, -1, "%s", text);
  run->is_done = true;
}

/* Whoever waits for the end of the progress gets it. */
static void
tell_progress (const struct run *run)
{
  uint64_t total = 0;

  for (size_t i = 0; i < run->guest->disks.len; i++)
    total += run->disks[i].size;
  events_emit (run->context.events, &(struct event) {
      .type = EVENT_PROGRESS, .disk = -1,
      .progress = { .phase = "copy", .done = total, .total = total } });
}

static int
take_results (struct run *run, struct error *err)
{
  if (finished_results (run->finished, run->disks, err) == -1)
    return -1;
  run_tell_done (run);
  if (run->options->action != ACTION_CHECK)
    tell_progress (run);
  return 0;
}

static int
confirm (struct run *run, struct error *err)
{
  const struct facts_request facts = run_facts_request (run);
  const struct finished_request request = finished_request (run, &facts);
  const int r = finished_confirm (run->finished, &request, err);

  return r == 1 ? take_results (run, err) : r;
}

/* It is to be done again: an output that replaces nothing may replace that. */
static void
give_up_made (struct run *run)
{
  if (output_replaces (run->output))
    return;
  for (unsigned i = 0; i < run->guest->disks.len; i++)
    if (finished_has_made (run->finished, i))
      output_may_replace (run->output, i);
}

static int
compare (struct run *run, bool served, struct error *err)
{
  static const struct step step_confirm = {
    confirm, EXIT_STATUS_OTHER, NULL, NULL
  };
  const struct facts_request facts = run_facts_request (run);
  const struct finished_request request = finished_request (run, &facts);
  int r;

  if (!run->options->resume || (served && !run->asks_servers))
    return 0;
  r = finished_compare (run->finished, &request, served, &run->asks_servers,
                        err);
  if (r == 1)
    return step_take (run, &step_confirm, err);
  if (r == 0)
    give_up_made (run);
  return r;
}

static int
compare_finished (struct run *run, struct error *err)
{
  return compare (run, false, err);
}

static int
compare_served (struct run *run, struct error *err)
{
  return compare (run, true, err);
}

const struct step
  step_compare_finished = {
    compare_finished, EXIT_STATUS_SOURCE, NULL, NULL
  },
  step_compare_served = { compare_served, EXIT_STATUS_SOURCE, NULL, NULL };

int
run_mark_converted (struct run *run, struct error *err)
{
  if (run->finished == NULL)
    run->finished = finished_new (run->output, run->guest, &run->context,
                                  err);
  return run->finished == NULL ? -1
    : finished_mark_converted (run->finished, run->extents != NULL, err);
}

void
run_store_finished (struct run *run)
{
  CLEANUP_ERROR struct error why = ERROR_INIT;

  /* The targets are complete: it is too late for a signal to change that. */
  supervisor_hold_signals (run->context.supervisor);
  /* Some servers allow one connection. */
  overlays_close_views (run->overlays);
  if (finished_store (run->finished, resume_known (run->resume), run->launch,
                      run->disks, &why) == -1)
    events_say (run->context.events, EVENT_INFO, -1,
                _("cannot record that this run has finished, so --resume "
                  "would repeat it: %s"), why.message);
}
