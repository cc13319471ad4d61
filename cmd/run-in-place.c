/* SPDX-License-Identifier: GPL-2.0-or-later */

/* --in-place: converts disks and writes what has changed back to them.  With
 * --changed-extents these disks are the targets, to which the extents are
 * copied first.  lib/transfer/write-back.c writes.
 */

#include <config.h>

#include <string.h>

#include <stdlib.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "guest/guest.h"
#include "guest/location.h"
#include "io/state-dir.h"
#include "launch/launch.h"
#include "launch/overlay.h"
#include "output/output.h"
#include "output/place.h"
#include "run-internal.h"
#include "transfer/changed-extents.h"
#include "transfer/transfer.h"
#include "transfer/write-back-disks.h"
#include "transfer/write-back-done.h"
#include "transfer/write-back-record.h"
#include "transfer/write-back.h"

/* The disk that will be converted as disk INDEX; NULL: -o null. */
static const struct location *
location_to_convert (const struct run *run, unsigned index)
{
  return run->output != NULL ? output_location (run->output, index)
                             : &run->guest->disks.ptr[index].location;
}

static const char *
format_to_convert (const struct run *run, unsigned index)
{
  return run->output != NULL ? output_format_name (run->output)
                             : run->guest->disks.ptr[index].format;
}

/* Overlays in memory would not survive a reboot.  Where TMPDIR is in memory
 * and nobody has said that overlays are to be there, they are where they are
 * without it.
 */
static void
choose_overlay_dir (struct run *run)
{
  const char **dir = &run->options->settings.overlay_dir;

  if (*dir != getenv ("TMPDIR") || file_system_is_lasting (*dir))
    return;
  events_say (run->context.events, EVENT_DEBUG, -1,
              "TMPDIR is in memory: the overlays are in /var/tmp");
  *dir = "/var/tmp";
}

static int
refuse_twice (const struct run *run, unsigned index, struct error *err)
{
  for (unsigned i = 0; i < index; i++)
    if (place_same (location_to_convert (run, i),
                    location_to_convert (run, index))) {
      CLEANUP_FREE char *place =
        location_describe (location_to_convert (run, index), err);

      return place == NULL ? -1
        : error_set (err, REASON_USAGE,
                     _("%s is the same disk as another one of the guest"),
                     place);
    }
  return 0;
}

static int
add_disk (struct run *run, unsigned index, struct error *err)
{
  const struct location *location = location_to_convert (run, index);
  const int fd = run->output == NULL ? -1
    : output_existing_fd (run->output, index);
  struct disk *disk = &run->guest->disks.ptr[index];

  if (refuse_twice (run, index, err) == -1)
    return -1;
  /* What is not local is not known yet; it will have to be raw. */
  if (disk->format == NULL && alloc_set (&disk->format, "raw", err) == -1)
    return -1;
  if (run->extents != NULL &&
      write_back_note_copy (run->write_back,
                            &disk->location,
                            &run->extents[index], err) == -1)
    return -1;
  if (write_back_add (run->write_back, location, fd,
                      format_to_convert (run, index), err) == -1)
    return -1;
  /* Targets of extents are locked already. */
  return run->claim != NULL ? 0
    : write_back_lock (run->write_back, index, location, err);
}

static int
prepare (struct run *run, struct error *err)
{
  choose_overlay_dir (run);
  run->write_back = write_back_new (run->options->convert, &run->context,
                                    err);
  if (run->write_back == NULL)
    return -1;
  for (unsigned i = 0; i < run->guest->disks.len; i++)
    if (add_disk (run, i, err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  return write_back_choose_records (run->write_back, run->options->resume,
                                    err);
}

static int
write_disks (struct run *run, struct error *err)
{
  /* It may have what was copied before: the changed extents. */
  memset (run->disks, 0, run->guest->disks.len * sizeof *run->disks);
  if (write_back_apply (run->write_back, run->disks, err) == -1)
    return -1;
  for (size_t i = 0; i < run->guest->disks.len; i++)
    run->changed |= run->disks[i].result.written > 0 ||
      run->disks[i].result.zero > 0;
  return 0;
}

/* The disks are complete: it is no error if that cannot be recorded. */
static void
record_finished (const struct run *run)
{
  CLEANUP_ERROR struct error why = ERROR_INIT;

  if (write_back_store_done (run->write_back, &why) == -1)
    events_say (run->context.events, EVENT_INFO, -1,
                _("cannot record that this run has finished, so --resume "
                  "would repeat it: %s"), why.message);
}

/* There is no moment at which a run that is killed would not be known to
 * --resume either as interrupted or as finished.
 */
static int
apply (struct run *run, struct error *err)
{
  if (write_disks (run, err) == -1)
    return -1;
  record_finished (run);
  return write_back_end (run->write_back, err);
}

static int
apply_other (struct run *run, struct error *err)
{
  return write_disks (run, err) == -1 ? -1
    : write_back_end (run->write_back, err);
}

static const struct step
  step_apply = {
    apply, EXIT_STATUS_COPY, "write-back",
    N_("Writing the changes to the disks")
  },
  step_apply_other = {
    apply_other, EXIT_STATUS_COPY, "write-back",
    N_("Writing the changes to the disks")
  };

/* With --resume: has the same run finished before? */
static int
find_finished (struct run *run, struct error *err)
{
  bool done = false;

  if (run->options->resume &&
      write_back_was_done (run->write_back, run->disks, &done, err) == -1)
    return -1;
  if (done)
    run_tell_done (run);
  return 0;
}

/* Finish what an earlier run had not written back when it died. */
static int
finish_earlier (struct run *run, struct error *err)
{
  enum write_back_found found;

  if (write_back_find (run->write_back, &found, err) == -1)
    return -1;
  if (found == WRITE_BACK_NOTHING)
    return write_back_sweep (run->write_back, err) == -1 ? -1
      : find_finished (run, err);
  events_say (run->context.events, EVENT_WARNING, -1,
              _("an earlier run converted these disks and was "
                "interrupted while it wrote the changes: finishing that "
                "run first"));
  run->is_done = found == WRITE_BACK_SAME;
  if (step_take (run, run->is_done ? &step_apply : &step_apply_other,
                 err) == -1)
    return -1;
  /* The records that it had may have been in other places. */
  return write_back_choose_records (run->write_back, run->options->resume,
                                    err);
}

static int
check_earlier (struct run *run, struct error *err)
{
  enum write_back_found found;

  if (write_back_find (run->write_back, &found, err) == -1)
    return -1;
  if (found == WRITE_BACK_NOTHING)
    events_check (run->context.events, -1, "in-place", CHECK_OK, "%s",
                  _("the disks can be written, and no interrupted run has "
                    "left them incomplete"));
  else
    events_check (run->context.events, -1, "in-place", CHECK_WARNING, "%s",
                  found == WRITE_BACK_SAME
                  ? _("the disks are incomplete: this run would only finish "
                      "what an interrupted one has begun")
                  : _("the disks are incomplete: this run would first finish "
                      "what an interrupted one has begun"));
  return found == WRITE_BACK_NOTHING ? find_finished (run, err) : 0;
}

/* No server of ours has the disks open then. */
static void
end_servers (struct run *run)
{
  run_tell_overlays (run);
  overlays_free (run->overlays);
  run->overlays = NULL;
  launch_free (run->launch);
  run->launch = NULL;
}

static int
take_overlays (struct run *run, struct error *err)
{
  return write_back_take (run->write_back, run->overlays, err);
}

static int
commit (struct run *run, struct error *err)
{
  /* Before the record is valid: from then on nothing but writing the changes
   * may fail.
   */
  if (run_mark_converted (run, err) == -1 ||
      write_back_commit (run->write_back, run->overlays, run->launch,
                         err) == -1)
    return -1;
  end_servers (run);
  return 0;
}

/* From here on the targets are the guest's disks. */
static int
move_to_targets (struct run *run, struct error *err)
{
  end_servers (run);
  for (unsigned i = 0; i < run->guest->disks.len; i++) {
    struct disk *disk = &run->guest->disks.ptr[i];
    const struct location *target = output_location (run->output, i);

    location_reset (&disk->location);
    disk->location.kind = target->kind;
    disk->location.port = target->port;
    disk->allow_backing = false;
    if (alloc_set (&disk->location.path, target->path, err) == -1 ||
        alloc_set (&disk->location.uri, target->uri, err) == -1 ||
        alloc_set (&disk->location.host, target->host, err) == -1 ||
        alloc_set (&disk->format, format_to_convert (run, i), err) == -1 ||
        location_open (&disk->location, err) == -1)
      return -1;
    disk->format_given = true;
  }
  return 0;
}

const struct step
  step_prepare_in_place = { prepare, EXIT_STATUS_OTHER, NULL, NULL },
  step_check_earlier = { check_earlier, EXIT_STATUS_OTHER, NULL, NULL };
static const struct step
  step_finish_earlier = { finish_earlier, EXIT_STATUS_OTHER, NULL, NULL },
  step_move_to_targets = { move_to_targets, EXIT_STATUS_COPY, NULL, NULL },
  step_take_overlays = { take_overlays, EXIT_STATUS_CONVERT, NULL, NULL },
  step_commit = { commit, EXIT_STATUS_COPY, NULL, NULL };

int
run_in_place (struct run *run, struct error *err)
{
  static const struct step *const begin[] = {
    &step_discover, &step_read_guest, &step_read_extents, NULL
  };
  static const struct step *const prepare_disks[] = {
    &step_prepare_in_place, &step_finish_earlier, NULL
  };
  static const struct step *const copy_extents[] = {
    &step_plan_with_copy, &step_start_servers, &step_make_overlays,
    &step_check_extents, &step_try_targets, &step_open_resume,
    &step_compare_facts, &step_copy, &step_move_to_targets, NULL
  };
  static const struct step *const convert[] = {
    &step_plan, &step_start_servers, &step_make_overlays, &step_convert,
    &step_take_overlays, &step_commit, &step_apply, NULL
  };

  if (steps_take (run, begin, err) == -1)
    return -1;
  if (run->extents != NULL && step_take (run, &step_prepare_output, err) == -1)
    return -1;
  if (steps_take (run, prepare_disks, err) == -1)
    return -1;
  if (run->is_done)
    return 0;
  if (run->extents != NULL && steps_take (run, copy_extents, err) == -1)
    return -1;
  return steps_take (run, convert, err);
}
