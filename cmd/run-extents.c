/* SPDX-License-Identifier: GPL-2.0-or-later */

/* --changed-extents. */

#include <config.h>

#include <inttypes.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "guest/guest.h"
#include "launch/overlay.h"
#include "run-internal.h"
#include "transfer/changed-extents.h"

int
run_read_extents (struct run *run, struct error *err)
{
  const struct argv *files = &run->options->changed_extents;
  const size_t n = run->guest->disks.len;

  run->failed_as = EXIT_STATUS_USAGE;
  if (files->len == 0)
    return 0;
  if (files->len != n)
    return error_set (err, REASON_USAGE,
                      _("the guest has %zu disks, but --changed-extents was "
                        "given %zu times"), n, files->len);
  run->extents = calloc (n, sizeof *run->extents);
  if (run->extents == NULL)
    return error_nomem (err);
  for (size_t i = 0; i < n; i++)
    if (changed_extents_read (files->ptr[i], &run->extents[i], err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  return 0;
}

int
run_check_extents (struct run *run, struct error *err)
{
  run->failed_as = EXIT_STATUS_USAGE;
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
