/* SPDX-License-Identifier: GPL-2.0-or-later */

/* --copy-while-converting: whether the sources are copied while the --convert
 * command runs, and what becomes of that copy when the command fails.  The copy
 * itself is lib/transfer's (ahead.h).
 */

#include <config.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "launch/launch.h"
#include "output/output.h"
#include "run-internal.h"
#include "transfer/ahead.h"
#include "transfer/copied.h"
#include "transfer/resume.h"

/* Is the source to be copied while it is converted?  1, 0 or -1.  *OBSTACLE:
 * why it is not, although that is wanted; or NULL.
 */
static int
can_be_ahead (const struct run *run, const struct transfer *transfer,
              const char **obstacle, struct error *err)
{
  const enum choice choice = run->options->copy_ahead;

  *obstacle = NULL;
  if (run->options->convert == NULL || run->overlays_are_converted ||
      choice == CHOICE_OFF ||
      (choice == CHOICE_AUTO && !ahead_is_worth_it (transfer)))
    return 0;
  *obstacle = ahead_obstacle (transfer);
  return *obstacle == NULL ? 1
    : choice == CHOICE_ON ? options_refuse_ahead (*obstacle, err) : 0;
}

static int
wants_ahead (const struct run *run, const struct transfer *transfer,
             struct error *err)
{
  const char *obstacle;
  const int r = can_be_ahead (run, transfer, &obstacle, err);

  if (r != 0 || obstacle == NULL)
    return r;
  events_say (run->context.events, EVENT_DEBUG, -1,
              "the source is not copied while it is converted: %s", obstacle);
  return 0;
}

/* A run that resumes a copy of the source has that to copy over. */
static int
choose_ahead (struct run *run, struct error *err)
{
  const bool has_source = resume_has_source (run->resume);
  struct transfer transfer = run_transfer (run);
  const int wanted = wants_ahead (run, &transfer, err);

  if (wanted == -1)
    return -1;
  if (wanted == 0 && !has_source)
    return 0;
  run->copied = copied_new (launch_disk_count (run->launch), has_source, err);
  if (run->copied == NULL)
    return -1;
  if (wanted == 0)
    return 0;
  transfer.copied = run->copied;
  run->ahead = ahead_new (&transfer, &run->context, run->disks, err);
  return run->ahead != NULL ? 0 : -1;
}

const struct step
  step_choose_ahead = { choose_ahead, EXIT_STATUS_OTHER, NULL, NULL };

/* An interrupted run may have its conversion behind it. */
static int
check_ahead (struct run *run, struct error *err)
{
  const struct transfer transfer = run_transfer (run);
  const char *obstacle;
  int r;

  if (run->options->convert == NULL || run->options->in_place ||
      resume_continues (run->resume))
    return 0;
  r = can_be_ahead (run, &transfer, &obstacle, err);
  if (r == -1)
    return -1;
  if (obstacle != NULL)
    events_check (run->context.events, -1, "convert", CHECK_OK,
                  _("the source is copied when it has been converted: %s"),
                  obstacle);
  else
    events_check (run->context.events, -1, "convert", CHECK_OK, "%s",
                  r == 1 ? _("the source is copied while it is converted")
                  : _("the source is copied when it has been converted"));
  return 0;
}

const struct step
  step_check_ahead = { check_ahead, EXIT_STATUS_OTHER, NULL, NULL };

bool
run_has_written_target (const struct run *run)
{
  return run->copied != NULL && copied_has_begun (run->copied) &&
    !output_makes_files (run->output);
}

/* What was copied of a source is of no use if its conversion fails, but if the
 * run was only interrupted.
 */
void
run_give_up_ahead (struct run *run, const struct error *err)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  ahead_free (run->ahead);
  run->ahead = NULL;
  if (run->copied != NULL && err->reason != REASON_INTERRUPTED)
    resume_discard (run->resume, &ignored);
}
