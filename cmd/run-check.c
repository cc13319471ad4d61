/* SPDX-License-Identifier: GPL-2.0-or-later */

/* --check: the steps of a run up to where it would convert or copy.  What is
 * checked, and the lines that tell it, are lib/launch/check.c's business.
 */

#include <config.h>

#include "base/alloc.h"
#include "base/argv.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "guest/guest.h"
#include "io/tempdir.h"
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
  const int r = run->context.caps == NULL ? 0
    : check_nbdkit (&run->context, err);

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

/* As many as there are targets; where files are made, one. */
static unsigned
count_targets (const struct output_settings *output)
{
  unsigned n = 0;

  for (size_t i = 0; i < output->options.len; i++)
    n += key_value (output->options.ptr[i], "path") != NULL ||
      key_value (output->options.ptr[i], "uri") != NULL;
  return n > 0 ? n : 1;
}

/* Some guest, where the source does not say what it holds: its disks are the
 * same as no target.
 */
static int
imagine_guest (struct run *run, struct error *err)
{
  const struct output_settings *output = &run->options->output;

  run->guest = guest_new (err);
  if (run->guest == NULL ||
      alloc_set (&run->guest->name, output->name != NULL ? output->name
                 : "guest", err) == -1)
    return -1;
  for (unsigned i = count_targets (output); i > 0; i--)
    if (guest_add_disk (run->guest, err) == NULL)
      return -1;
  return 0;
}

/* Without the guest's name nothing is known but the directory. */
static int
check_storage (struct run *run, struct error *err)
{
  const struct output_settings *output = &run->options->output;

  run->output = output_new (output, run->guest, &run->context, err);
  if (run->output == NULL || output_check (run->output, err) == -1)
    return -1;
  events_check (run->context.events, -1, "target", CHECK_OK, "%s",
                output->storage);
  return 0;
}

static int
check_targets (struct run *run, struct error *err)
{
  if (step_take (run, &step_try_targets, err) == -1)
    return -1;
  for (unsigned i = 0; i < run->guest->disks.len; i++) {
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

/* A conversion that has been interrupted is not looked at: the overlays here
 * are new ones.
 */
static int
check_resumed (struct run *run, struct error *err)
{
  return run->options->convert != NULL ? 0
    : step_take (run, &step_check_resumed, err);
}

/* Where there are no disks to put overlays on. */
static int
check_overlay_dir (struct run *run, struct error *err)
{
  struct tempdir *dir = tempdir_new (run->options->settings.overlay_dir,
                                     run->context.guard, err);

  tempdir_free (dir);
  return dir != NULL ? 0 : -1;
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
  /* What was copied before an interruption is neither free nor needed. */
  const bool resumed = run->resume != NULL && resume_continues (run->resume);
  const struct space_target target = {
    .dir = run->output != NULL && !resumed ? output_space_dir (run->output)
                                           : NULL,
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
  if (run->output != NULL && run->extents == NULL &&
      run_check_room (run, &target, err) == -1)
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
  step_imagine_guest = { imagine_guest, EXIT_STATUS_OTHER, NULL, NULL },
  step_check_storage = { check_storage, EXIT_STATUS_OTHER, NULL, NULL },
  step_check_targets = { check_targets, EXIT_STATUS_OTHER, NULL, NULL },
  step_check_samples = { check_resumed, EXIT_STATUS_SOURCE, NULL, NULL },
  step_check_overlay_dir = {
    check_overlay_dir, EXIT_STATUS_SOURCE, NULL, NULL
  },
  step_check_filesystems = {
    look_at_filesystems, EXIT_STATUS_COPY, NULL, NULL
  },
  step_check_space = { check_space, EXIT_STATUS_SPACE, NULL, NULL };

/* Take the targets as a run does before it opens the source.  False: there is
 * none, or it cannot be used.
 */
static bool
claim_targets (struct run *run, struct error *err)
{
  const struct options *options = run->options;
  const bool listed =
    check_step (run, "changed-extents", &step_read_extents, err) == 0;
  const bool claimed = options->output.mode != NULL &&
    check_step (run, "target", &step_prepare_output, err) == 0;

  if (!options->in_place)
    check_step (run, "in-place", &step_refuse_unfinished, err);
  else if (listed && (claimed || options->output.mode == NULL) &&
           check_step (run, "in-place", &step_prepare_in_place, err) == 0)
    check_step (run, "in-place", &step_check_earlier, err);
  return listed && claimed &&
    check_step (run, "resume", &step_open_resume, err) == 0;
}

/* The same as far as it does not depend on the guest, which is not known. */
static bool
claim_for_any_guest (struct run *run, struct error *err)
{
  const struct output_settings *output = &run->options->output;

  if (output->mode == NULL ||
      check_step (run, "target", &step_imagine_guest, err) == -1)
    return false;
  if (output->storage != NULL && output->name == NULL) {
    check_step (run, "target", &step_check_storage, err);
    return false;
  }
  return check_step (run, "target", &step_prepare_output, err) == 0 &&
    check_step (run, "resume", &step_open_resume, err) == 0;
}

/* Does the run go on with an earlier one?  Where it was found not to, nothing
 * more is compared.
 */
static void
compare (struct run *run, const struct step *step, bool *compares,
         struct error *err)
{
  if (*compares && !run->is_done)
    *compares = check_step (run, "resume", step, err) == 0;
}

/* False: a source cannot be opened, or need not be. */
static bool
open_sources (struct run *run, bool *compares, struct error *err)
{
  if (check_step (run, "plugin", &step_check_plans, err) == -1)
    return false;
  compare (run, &step_compare_finished, compares, err);
  if (run->is_done ||
      check_step (run, "source", &step_start_servers, err) == -1)
    return false;
  check_step (run, NULL, &step_check_disks, err);
  compare (run, &step_compare_served, compares, err);
  compare (run, &step_compare_facts, compares, err);
  return !run->is_done;
}

static void
check_overlays (struct run *run, bool compares, struct error *err)
{
  if (check_step (run, "overlay", &step_make_overlays, err) == -1)
    return;
  for (unsigned i = 0; i < launch_disk_count (run->launch); i++)
    check_size (run->launch, run->overlays, i, &run->context);
  check_step (run, NULL, &step_check_filesystems, err);
  check_step (run, "changed-extents", &step_check_extents, err);
  compare (run, &step_check_samples, &compares, err);
}

/* What can be said of the target does not wait for the source, nor what can be
 * said of the source for nbdkit.
 */
static void
check_all (struct run *run, struct error *err)
{
  const bool host = check_step (run, "nbdkit", &step_discover, err) == 0;
  bool source, target, compares;

  check_step (run, NULL, &step_check_host, err);
  source = check_step (run, "source", &step_read_guest, err) == 0;
  if (run->guest != NULL && run->guest->disks.len == 0)
    return;
  target = run->guest != NULL ? claim_targets (run, err)
                              : claim_for_any_guest (run, err);
  if (run->is_done)
    return;
  compares = target && !run->options->in_place;
  if (host && source && open_sources (run, &compares, err))
    check_overlays (run, compares, err);
  else if (!run->is_done)
    check_step (run, "overlay", &step_check_overlay_dir, err);
  if (target && !run->is_done)
    check_step (run, "target", &step_check_targets, err);
  if (target && run->overlays != NULL)
    check_step (run, "convert", &step_check_ahead, err);
  if (run->overlays != NULL)
    check_step (run, NULL, &step_check_space, err);
}

int
run_check (struct run *run, struct error *err)
{
  check_all (run, err);
  return error_is_set (err) ? -1 : 0;
}
