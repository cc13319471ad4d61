/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reads and checks the lists of --changed-extents, one for each disk.  What
 * may be in them is lib/transfer/changed-extents.c's business.
 */

#include <config.h>

#include <inttypes.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "guest/guest.h"
#include "launch/launch.h"
#include "launch/overlay.h"
#include "run-internal.h"
#include "transfer/changed-extents.h"

static int
read_extents (struct run *run, struct error *err)
{
  const struct argv *files = &run->options->changed_extents;
  const size_t n = run->guest->disks.len;

  if (files->len == 0)
    return 0;
  if (files->len != n)
    return error_set (err, REASON_USAGE,
                      _("the guest has %zu disks, but --changed-extents was "
                        "given %zu times"), n, files->len);
  run->extents = alloc_zero (n * sizeof *run->extents, err);
  if (run->extents == NULL)
    return -1;
  for (size_t i = 0; i < n; i++)
    if (changed_extents_read (files->ptr[i], &run->extents[i], err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  return 0;
}

static int
check_extents (struct run *run, struct error *err)
{
  for (unsigned i = 0; run->extents != NULL &&
         i < launch_disk_count (run->launch); i++) {
    const struct changed_extents *extents = &run->extents[i];

    if (changed_extents_check (extents, overlay_size (run->overlays, i),
                               run->options->changed_extents.ptr[i],
                               err) == -1) {
      err->disk = (int) i;
      return -1;
    }
    events_say (run->context.events, EVENT_DEBUG, (int) i,
                "%zu changed extents, %" PRIu64 " bytes",
                extents->ranges.len, changed_extents_total (extents));
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

const struct step
  step_read_extents = { read_extents, EXIT_STATUS_USAGE, NULL, NULL },
  step_check_extents = { check_extents, EXIT_STATUS_USAGE, NULL, NULL };
