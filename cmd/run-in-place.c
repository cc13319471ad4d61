/* SPDX-License-Identifier: GPL-2.0-or-later */

/* --in-place: convert disks and write what has changed back to them; after
 * --changed-extents these are the targets, which have just been brought up
 * to date.
 */

#include <config.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "guest/guest.h"
#include "launch/launch.h"
#include "launch/overlay.h"
#include "output/output.h"
#include "run-internal.h"
#include "transfer/write-back-data.h"
#include "transfer/write-back-disks.h"
#include "transfer/write-back-record.h"
#include "transfer/write-back.h"

/* Where disk INDEX will be converted; NULL: it goes nowhere. */
static const struct location *
place_of (const struct run *run, unsigned index)
{
  return run->output != NULL ? output_location (run->output, index)
                             : &run->guest->disks.ptr[index].location;
}

static const char *
format_of (const struct run *run, unsigned index)
{
  return run->output != NULL ? output_format_name (run->output)
                             : run->guest->disks.ptr[index].format;
}

int
run_refuse_unfinished (struct run *run, struct error *err)
{
  run->failed_as = EXIT_STATUS_OTHER;
  for (unsigned i = 0; i < run->guest->disks.len; i++) {
    /* NULL also where the target cannot be used; --check goes on then. */
    const struct location *target = place_of (run, i);

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

int
run_prepare_in_place (struct run *run, struct error *err)
{
  run->failed_as = EXIT_STATUS_OTHER;
  run->write_back = write_back_new (run->options->convert, &run->context,
                                    err);
  if (run->write_back == NULL)
    return -1;
  for (unsigned i = 0; i < run->guest->disks.len; i++) {
    if (write_back_add (run->write_back, place_of (run, i),
                        format_of (run, i), err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  }
  return 0;
}

static void
note_results (struct run *run, const struct copy_result *results)
{
  for (unsigned i = 0; i < run->guest->disks.len; i++)
    run->disks[i] = (struct transfer_disk) {
      .size = write_back_size (run->write_back, i),
      .target = write_back_target (run->write_back, i),
      .format = write_back_format (run->write_back, i),
      .result = results[i],
    };
}

static int
apply (struct run *run, struct error *err)
{
  const size_t n = run->guest->disks.len;
  struct copy_result *results = calloc (n, sizeof *results);
  int r = -1;

  run_step (run, "write-back", _("Writing the changes to the disks"));
  run->failed_as = EXIT_STATUS_COPY;
  free (run->disks);
  run->disks = calloc (n, sizeof *run->disks);
  if (results == NULL || run->disks == NULL)
    error_nomem (err);
  else
    r = write_back_apply (run->write_back, results, err);
  if (r == 0)
    note_results (run, results);
  free (results);
  return r;
}

/* An earlier run may have died while it wrote.  *DONE: that was this one's
 * work, and it is done now.
 */
static int
finish_earlier (struct run *run, bool *done, struct error *err)
{
  bool found;

  if (write_back_find (run->write_back, &found, done, err) == -1)
    return -1;
  if (!found)
    return 0;
  events_say (run->context.events, EVENT_WARNING, -1,
              _("an earlier run converted these disks and was interrupted "
                "while it wrote the changes: finishing that first"));
  if (apply (run, err) == -1 || *done || run->extents == NULL)
    return error_is_set (err) ? -1 : 0;
  run->failed_as = EXIT_STATUS_OTHER;
  return error_set (err, REASON_TARGET_BUSY,
                    _("these disks have been converted by an interrupted run, "
                      "which is finished now: extents of the source must not "
                      "be copied over that"));
}

/* The servers have ended then, and the disks are nobody's. */
static void
end_servers (struct run *run)
{
  overlays_free (run->overlays);
  run->overlays = NULL;
  launch_free (run->launch);
  run->launch = NULL;
}

static int
convert_in_place (struct run *run, struct error *err)
{
  if (run_plan (run, false, err) == -1 || run_start_servers (run, err) == -1 ||
      run_make_overlays (run, err) == -1 || run_convert (run, err) == -1)
    return -1;
  run->failed_as = EXIT_STATUS_CONVERT;
  if (write_back_commit (run->write_back, run->overlays, err) == -1)
    return -1;
  end_servers (run);
  return apply (run, err);
}

/* From here on the copies are the guest's disks. */
static int
move_to_targets (struct run *run, struct error *err)
{
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
        alloc_set (&disk->format, format_of (run, i), err) == -1)
      return -1;
  }
  return 0;
}

static int
copy_delta (struct run *run, struct error *err)
{
  if (run_plan (run, true, err) == -1 || run_start_servers (run, err) == -1 ||
      run_make_overlays (run, err) == -1 ||
      run_check_extents (run, err) == -1 ||
      run_try_targets (run, err) == -1 || run_copy (run, err) == -1)
    return -1;
  end_servers (run);
  return move_to_targets (run, err);
}

int
run_in_place (struct run *run, struct error *err)
{
  bool done;

  if (run_discover (run, err) == -1 || run_read_guest (run, err) == -1 ||
      run_read_extents (run, err) == -1)
    return -1;
  if (run->extents != NULL && run_prepare_output (run, err) == -1)
    return -1;
  if (run_prepare_in_place (run, err) == -1 ||
      finish_earlier (run, &done, err) == -1)
    return -1;
  if (done)
    return 0;
  if (run->extents != NULL && copy_delta (run, err) == -1)
    return -1;
  return convert_in_place (run, err);
}
