/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A run that copies the disks to the output, all of them or what
 * --changed-extents lists, and resumes a copy that was interrupted.  The steps
 * up to the conversion are in run-steps.c; the copy itself is done in
 * lib/transfer.
 */

#include <config.h>

#include <inttypes.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/human.h"
#include "base/i18n.h"
#include "base/ranges.h"
#include "guest/guest.h"
#include "io/state-dir.h"
#include "launch/converted.h"
#include "launch/launch.h"
#include "launch/overlay.h"
#include "launch/space.h"
#include "output/output.h"
#include "run-internal.h"
#include "transfer/changed-extents.h"
#include "transfer/facts.h"
#include "transfer/finished.h"
#include "transfer/resume.h"
#include "transfer/resumed.h"
#include "transfer/transfer.h"
#include "transfer/unused.h"
#include "transfer/write-back-record.h"

/* From a file, or from the source itself. */
static int
read_list (struct run *run, size_t i, struct error *err)
{
  const char *what = run->options->changed_extents.ptr[i];
  const char *context = changed_extents_context (what);

  return context == NULL
    ? changed_extents_read (what, run->context.supervisor, &run->extents[i],
                            err)
    : changed_extents_query (context, &run->guest->disks.ptr[i].location,
                             &run->context, &run->extents[i], err);
}

static int
read_extents (struct run *run, struct error *err)
{
  const struct argv *lists = &run->options->changed_extents;
  const size_t n = run->guest->disks.len;

  if (lists->len == 0)
    return 0;
  if (lists->len != n)
    return error_set (err, REASON_USAGE,
                      _("the guest has %zu disks, but --changed-extents was "
                        "given %zu times"), n, lists->len);
  run->extents = alloc_zero (n * sizeof *run->extents, err);
  if (run->extents == NULL)
    return -1;
  for (size_t i = 0; i < n; i++)
    if (read_list (run, i, err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  return 0;
}

/* Extents of an export are not those of the disk of an image in it. */
static int
check_export (const struct launched_disk *disk, const char *what,
              struct error *err)
{
  CLEANUP_FREE char *place = NULL;

  if (changed_extents_context (what) == NULL || image_is_raw (&disk->image))
    return 0;
  place = location_describe (&disk->disk->location, err);
  if (place == NULL)
    return -1;
  error_set (err, REASON_USAGE,
             _("%s: the export holds a %s image, so that its bitmap does not "
               "say what has changed on the disk in that image"), place,
             image_format_for_people (image_format_name (&disk->image)));
  error_hint (err, _("serve the disk itself: qemu-nbd --read-only "
                     "--persistent --format=%s --bitmap=NAME FILE"),
              image_format_name (&disk->image));
  return -1;
}

static int
check_extents (struct run *run, struct error *err)
{
  for (unsigned i = 0; run->extents != NULL &&
         i < launch_disk_count (run->launch); i++) {
    const char *what = run->options->changed_extents.ptr[i];
    struct changed_extents *extents = &run->extents[i];

    if (check_export (launch_disk (run->launch, i), what, err) == -1 ||
        changed_extents_fit (extents, overlay_size (run->overlays, i), what,
                             err) == -1) {
      err->disk = (int) i;
      return -1;
    }
    events_say (run->context.events, EVENT_DEBUG, (int) i,
                "%zu changed extents, %" PRIu64 " bytes",
                extents->ranges.len, ranges_total (&extents->ranges));
  }
  return 0;
}

void
run_free_extents (struct run *run)
{
  for (size_t i = 0; run->extents != NULL && i < run->guest->disks.len; i++)
    changed_extents_reset (&run->extents[i]);
  free (run->extents);
}

static int
refuse_unfinished (struct run *run, struct error *err)
{
  for (unsigned i = 0; i < run->guest->disks.len; i++) {
    /* NULL also if the target cannot be used: --check continues then. */
    const struct location *target = run->output == NULL ? NULL
      : output_location (run->output, i);

    if (write_back_refuse (&run->guest->disks.ptr[i].location, &run->context,
                           err) == -1 ||
        (target != NULL &&
         write_back_refuse (target, &run->context, err) == -1)) {
      err->disk = (int) i;
      return -1;
    }
  }
  return 0;
}

/* Without a place for it a run can neither be resumed for certain nor kept
 * apart from others.
 */
static int
check_state_dir (const struct run *run, struct error *err)
{
  CLEANUP_ERROR struct error why = ERROR_INIT;
  CLEANUP_FREE char *dir = NULL;

  if (output_target (run->output, 0) == NULL)
    return 0;
  dir = state_dir_open (run->context.settings, &why);
  if (dir != NULL)
    return 0;
  if (run->options->resume) {
    error_add_hint (&why, _("--resume needs it: choose another one with "
                            "--state-dir DIR"));
    error_move (err, &why);
    return -1;
  }
  events_say (run->context.events, EVENT_WARNING, -1,
              _("%s (choose another one with --state-dir DIR); nothing keeps "
                "other runs from writing to the same targets, and --resume "
                "will not know what this run has done"),
              why.message);
  return 0;
}

/* Changed extents are few, and can be copied twice. */
static enum resume_how
resume_how (const struct run *run)
{
  if (run->extents != NULL)
    return RESUME_NEVER;
  return !run->options->resume ? RESUME_NEW
    : run->options->action == ACTION_CHECK ? RESUME_LOOK : RESUME_CONTINUE;
}

static int
open_resume (struct run *run, struct error *err)
{
  if (run->options->skip_unused &&
      (run->unused = unused_new (err)) == NULL)
    return -1;
  if (check_state_dir (run, err) == -1)
    return -1;
  run->resume = resume_new (run->output, resume_how (run), &run->context,
                            err);
  if (run->resume == NULL)
    return -1;
  run->finished = finished_new (run->output, run->guest, &run->context, err);
  return run->finished != NULL ? 0 : -1;
}

/* Are source, target and command those of the interrupted copy? */
static int
compare_facts (struct run *run, struct error *err)
{
  const struct facts_request request = run_facts_request (run);

  return resume_facts (run->resume, run->launch, &request, &run->context,
                       err);
}

static int
examine_overlays (struct run *run, struct error *err)
{
  return overlays_examine (run->overlays, err) == -1 ? -1
    : converted_read (overlays_dir (run->overlays), run->guest,
                      run->context.events, err);
}

/* Overlays that were converted before the interrupted copy are used again.  If
 * they are gone, another conversion would write other bytes, so that
 * everything has to be copied again, unless nothing of what the first one wrote
 * was copied.
 */
static int
reuse_overlays (struct run *run, struct error *err)
{
  static const struct step examine = {
    examine_overlays, EXIT_STATUS_CONVERT, NULL, NULL
  };
  const char *dir;
  const int r = resume_facts_overlays (run->resume,
                                       launch_disk_count (run->launch), &dir,
                                       err);

  if (r == -1)
    return -1;
  if (r == 0 && resume_has_source (run->resume)) {
    events_say (run->context.events, EVENT_INFO, -1,
                _("the source is converted again; what was copied of it is "
                  "kept"));
    return 0;
  }
  if (r == 0) {
    events_say (run->context.events, EVENT_INFO, -1,
                _("the converted overlays no longer exist: converting "
                  "and copying again from the beginning"));
    return resume_discard (run->resume, err);
  }
  run->overlays = overlays_new (run->launch, dir, false, &run->context, err);
  run->overlays_are_converted = run->overlays != NULL;
  return run->overlays_are_converted ? step_take (run, &examine, err) : -1;
}

static int
reuse_or_make_overlays (struct run *run, struct error *err)
{
  if (run->options->convert != NULL && resume_continues (run->resume) &&
      reuse_overlays (run, err) == -1)
    return -1;
  return run->overlays_are_converted ? 0
    : step_take (run, &step_make_overlays, err);
}

/* Converted overlays are kept for a run that resumes this one. */
static int
convert_overlays (struct run *run, struct error *err)
{
  if (run->options->convert == NULL || run->overlays_are_converted)
    return 0;
  if (step_take (run, &step_convert, err) == -1) {
    run_give_up_ahead (run, err);
    return -1;
  }
  if (resume_facts_converted (run->resume, run->overlays,
                              launch_disk_count (run->launch), err) == -1)
    return -1;
  resume_keep_source (run->resume);
  return 0;
}

/* A new target is a change, even if all of it is zeroes. */
static bool
has_written (const struct run *run)
{
  if (run->extents == NULL)
    return output_target (run->output, 0) != NULL;
  for (size_t i = 0; i < run->guest->disks.len; i++)
    if (run->disks[i].result.written > 0 || run->disks[i].result.zero > 0)
      return true;
  return false;
}

struct transfer
run_transfer (const struct run *run)
{
  return (struct transfer) {
    .launch = run->launch,
    .overlays = run->overlays,
    .output = run->output,
    .resume = run->resume,
    .ahead = run->ahead,
    .copied = run->copied,
    .changed = run->options->convert != NULL && !run->options->in_place,
    .extents = run->extents,
    .replace = run->options->resume && run->extents == NULL,
    .verify = run->options->verify,
    .checksum = run->options->checksum,
    .skip_unused = run->options->skip_unused,
    .unused = run->unused,
  };
}

/* Is what the interrupted copy read and wrote still there? */
static int
check_resumed (struct run *run, struct error *err)
{
  struct transfer transfer = run_transfer (run);

  transfer.changed &= !resume_has_source (run->resume);
  return resumed_check (&transfer, &run->context, err);
}

static int
copy (struct run *run, struct error *err)
{
  const struct transfer transfer = run_transfer (run);

  if (finished_forget (run->finished, err) == -1 ||
      transfer_run (&transfer, &run->context, run->disks, err) == -1)
    return -1;
  run->changed = has_written (run);
  /* A crash between the two leaves both, not neither. */
  if (!run->options->in_place)
    run_store_finished (run);
  if (resume_finish (run->resume, err) == -1)
    return -1;
  if (output_tidy (run->output) && !run->options->in_place)
    run_store_finished (run);
  return 0;
}

static int
copy_or_resume (struct run *run, struct error *err)
{
  static const struct step from_the_beginning = {
    copy, EXIT_STATUS_COPY, "copy", N_("Copying")
  };
  static const struct step what_is_missing = {
    copy, EXIT_STATUS_COPY, "copy", N_("Resuming the interrupted copy")
  };

  return step_take (run, resume_continues (run->resume)
                    ? &what_is_missing : &from_the_beginning, err);
}

/* How much the target needs.  The file systems are asked, which the copy would
 * do, only where it matters; and a conversion will leave them otherwise.
 */
static int
estimate_space (struct run *run, struct space_target *target,
                struct space_estimate *ret, struct error *err)
{
  const struct transfer transfer = run_transfer (run);

  target->more_unused = transfer.skip_unused && transfer.changed;
  if (space_of_target (target, run->launch, run->overlays, &run->context, ret,
                       err) == -1)
    return -1;
  if (space_is_enough (ret) || target->preallocated ||
      !transfer.skip_unused || transfer.changed)
    return 0;
  if (unused_find (&transfer, &run->context, err) == -1)
    return -1;
  target->unused = unused_ranges (&transfer);
  return space_of_target (target, run->launch, run->overlays, &run->context,
                          ret, err);
}

static int
check_devices (struct run *run, struct error *err)
{
  const struct transfer transfer = run_transfer (run);
  struct space_target target = {
    .more_unused = transfer.skip_unused && transfer.changed,
  };

  if (run->extents != NULL || !run_may_lack_room (run))
    return 0;
  if (transfer.skip_unused && !transfer.changed) {
    if (unused_find (&transfer, &run->context, err) == -1)
      return -1;
    target.unused = unused_ranges (&transfer);
  }
  return run_check_room (run, &target, err);
}

static int
check_space (struct run *run, struct error *err)
{
  struct space_target target = {
    .dir = output_space_dir (run->output),
    .preallocated = run->options->output.preallocated,
  };
  struct space_estimate estimate;
  char needed[HUMAN_SIZE], left[HUMAN_SIZE];

  /* What was copied before the interruption is neither free nor needed. */
  if (target.dir == NULL || resume_continues (run->resume))
    return check_devices (run, err);
  if (estimate_space (run, &target, &estimate, err) == -1)
    return -1;
  if (space_is_enough (&estimate))
    return 0;
  if (estimate.certain)
    return space_missing (&estimate, err);
  human_size (estimate.needed, needed);
  human_size (estimate.free, left);
  events_say (run->context.events, EVENT_WARNING, -1,
              _("%s may not have enough space: up to %s may be needed, %s "
                "are free"), target.dir, needed, left);
  return 0;
}

const struct step
  step_read_extents = { read_extents, EXIT_STATUS_SOURCE, NULL, NULL },
  step_check_extents = { check_extents, EXIT_STATUS_USAGE, NULL, NULL },
  step_refuse_unfinished = {
    refuse_unfinished, EXIT_STATUS_OTHER, NULL, NULL
  },
  step_open_resume = { open_resume, EXIT_STATUS_OTHER, NULL, NULL },
  step_compare_facts = { compare_facts, EXIT_STATUS_SOURCE, NULL, NULL },
  step_check_resumed = { check_resumed, EXIT_STATUS_SOURCE, NULL, NULL },
  step_copy = { copy_or_resume, EXIT_STATUS_COPY, NULL, NULL };

static const struct step
  step_overlays = { reuse_or_make_overlays, EXIT_STATUS_SOURCE, NULL, NULL },
  step_check_space = { check_space, EXIT_STATUS_OTHER, NULL, NULL },
  step_convert_overlays = { convert_overlays, EXIT_STATUS_OTHER, NULL, NULL };

int
run_copy (struct run *run, struct error *err)
{
  static const struct step *const steps[] = {
    &step_discover, &step_read_guest, &step_read_extents,
    &step_prepare_output, &step_refuse_unfinished, &step_open_resume,
    &step_plan_with_copy, &step_compare_finished, &step_start_servers,
    &step_compare_served, &step_compare_facts, &step_overlays,
    &step_check_extents, &step_check_resumed, &step_try_targets,
    &step_check_space, &step_choose_ahead, &step_convert_overlays, &step_copy,
    NULL
  };

  return steps_take (run, steps, err);
}
