/* SPDX-License-Identifier: GPL-2.0-or-later */

/* --check: the steps of a run up to where it would convert or copy.  What is
 * checked, and the lines that tell it, are lib/launch/check.c's business.
 */

#include <config.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "launch/check.h"
#include "launch/launch.h"
#include "launch/overlay.h"
#include "launch/space.h"
#include "output/output.h"
#include "run-internal.h"
#include "transfer/resume.h"

/* A check continues after an error; the first error, *FIRST, ends the run.  A
 * failure is told as that of ITEM; NULL: the step itself has told it.
 */
static int
check_step (struct run *run, const char *item, const struct step *step,
            struct error *first)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  const enum exit_status failed_as = run->failed_as;

  if (step_take (run, step, &err) == 0)
    return 0;
  if (item != NULL)
    check_failed (&run->context, item, &err);
  if (error_is_set (first))
    run->failed_as = failed_as;
  else
    error_move (first, &err);
  return -1;
}

static int
check_host (struct run *run, struct error *err)
{
  const int r = check_nbdkit (&run->context, err);

  return check_qemu (&run->context, err) == 0 ? r : -1;
}

static int
check_plans (struct run *run, struct error *err)
{
  if (step_take (run, &step_plan_with_copy, err) == -1)
    return -1;
  for (unsigned i = 0; i < launch_disk_count (run->launch); i++)
    check_plan (run->launch, i, &run->context);
  return 0;
}

static int
check_disks (struct run *run, struct error *err)
{
  for (unsigned i = 0; i < launch_disk_count (run->launch); i++)
    if (check_disk (run->launch, i, &run->context, err) == -1)
      return -1;
  return 0;
}

static int
check_targets (struct run *run, struct error *err)
{
  if (step_take (run, &step_try_targets, err) == -1)
    return -1;
  for (unsigned i = 0; i < launch_disk_count (run->launch); i++) {
    const char *caveat = output_caveat (run->output, i);

    events_check (run->context.events, (int) i, "target", CHECK_OK, "%s",
                  output_target (run->output, i) != NULL
                  ? output_target (run->output, i) : _("nothing is written"));
    if (caveat != NULL)
      events_check (run->context.events, (int) i, "target", CHECK_WARNING,
                    "%s", caveat);
  }
  return 0;
}

/* Would the run be refused?  Nothing is resumed, and nothing kept. */
static int
check_resume (struct run *run, struct error *err)
{
  const int r = step_take (run, &step_open_resume, err);

  resume_free (run->resume);
  run->resume = NULL;
  return r;
}

/* Where the run reads them through what a conversion has written, they may be
 * others by then.
 */
static int
look_at_filesystems (struct run *run, struct error *err)
{
  return !run->options->skip_unused ? 0
    : check_filesystems (run->launch, run->overlays, &run->context,
                         &run->filesystems, err);
}

static int
check_space (struct run *run, struct error *err)
{
  const struct space_target target = {
    .dir = run->output != NULL ? output_space_dir (run->output) : NULL,
    .preallocated = run->options->output.preallocated,
    .unused = run->filesystems.unused,
    .more_unused = run->options->skip_unused && run->options->convert != NULL,
  };
  struct space_estimate estimate;

  if (space_of_overlays (run->launch, run->overlays,
                         run->options->convert != NULL, &run->context,
                         &estimate, err) == -1 ||
      check_room ("overlay-space", &estimate, &run->context, err) == -1)
    return -1;
  if (target.dir == NULL)
    return 0;
  if (space_of_target (&target, run->launch, run->overlays, &run->context,
                       &estimate, err) == -1)
    return -1;
  return check_room ("target-space", &estimate, &run->context, err);
}

static const struct step
  step_check_host = { check_host, EXIT_STATUS_HOST, NULL, NULL },
  step_check_plans = { check_plans, EXIT_STATUS_HOST, NULL, NULL },
  step_check_disks = { check_disks, EXIT_STATUS_SOURCE, NULL, NULL },
  step_check_targets = { check_targets, EXIT_STATUS_OTHER, NULL, NULL },
  step_check_resume = { check_resume, EXIT_STATUS_OTHER, NULL, NULL },
  step_check_filesystems = {
    look_at_filesystems, EXIT_STATUS_COPY, NULL, NULL
  },
  step_check_space = { check_space, EXIT_STATUS_SPACE, NULL, NULL };

static void
check_all (struct run *run, struct error *err)
{
  const struct options *options = run->options;
  bool target = options->output.mode != NULL;

  if (check_step (run, "nbdkit", &step_discover, err) == -1)
    return;
  check_step (run, NULL, &step_check_host, err);
  if (check_step (run, "source", &step_read_guest, err) == -1)
    return;
  if (target && check_step (run, "target", &step_prepare_output, err) == -1)
    target = false;
  if (check_step (run, "changed-extents", &step_read_extents, err) == -1)
    target = false;
  if (options->in_place && (target || options->output.mode == NULL) &&
      check_step (run, "in-place", &step_prepare_in_place, err) == 0)
    check_step (run, "in-place", &step_check_earlier, err);
  if (!options->in_place)
    check_step (run, "in-place", &step_refuse_unfinished, err);
  if (target)
    check_step (run, "resume", &step_check_resume, err);
  if (check_step (run, "plugin", &step_check_plans, err) == -1 ||
      check_step (run, "source", &step_start_servers, err) == -1)
    return;
  check_step (run, NULL, &step_check_disks, err);
  if (check_step (run, "overlay", &step_make_overlays, err) == -1)
    return;
  for (unsigned i = 0; i < launch_disk_count (run->launch); i++)
    check_size (run->launch, run->overlays, i, &run->context);
  check_step (run, NULL, &step_check_filesystems, err);
  check_step (run, "changed-extents", &step_check_extents, err);
  if (target)
    check_step (run, "target", &step_check_targets, err);
  check_step (run, NULL, &step_check_space, err);
}

int
run_check (struct run *run, struct error *err)
{
  check_all (run, err);
  return error_is_set (err) ? -1 : 0;
}
