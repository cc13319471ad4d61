/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <config.h>

#include <string.h>

#include "changed-extents.h"
#include "cleanup.h"
#include "error.h"
#include "events.h"
#include "i18n.h"
#include "launch.h"
#include "output.h"
#include "overlay.h"
#include "transfer.h"

/* Disks on the same server share its limits. */
static const char *
host_of (const struct launched_disk *disk)
{
  return disk->plan.source->remote ? disk->plan.location->host : NULL;
}

static int
open_disk (const struct transfer *transfer, unsigned index,
           struct copy_disk *ret, struct error *err)
{
  const struct launched_disk *disk = launch_disk (transfer->launch, index);
  struct overlay_view view;

  if (overlay_open_view (transfer->overlays, index, transfer->changed, &view,
                         err) == -1)
    return -1;
  ret->index = (int) index;
  ret->base_uri = view.base_uri;
  ret->overlay_uri = view.overlay_uri;
  ret->size = view.size;
  ret->limits = disk->plan.limits;
  ret->host = host_of (disk);
  if (transfer->extents != NULL)
    ret->ranges = &transfer->extents[index].ranges;
  return output_open_disk (transfer->output, index, view.size,
                           launch_dir (transfer->launch), &ret->target, err);
}

static void
announce (const struct transfer *transfer,
          const struct launch_context *context, const struct copy_disk *disk)
{
  const unsigned index = (unsigned) disk->index;
  const struct launched_disk *launched = launch_disk (transfer->launch,
                                                      index);

  events_emit (context->events, &(struct event) {
      .type = EVENT_DISK,
      .disk = disk->index,
      .opened = {
        .name = launched->name,
        .size = disk->size,
        .uri = launched->uri,
        .overlay = overlay_path (transfer->overlays, index),
        .target = output_target (transfer->output, index),
      },
    });
}

/* The engine only sees that a server is gone; its last words say why. */
static void
add_last_words (const struct transfer *transfer, struct error *err)
{
  CLEANUP_ERROR struct error death = ERROR_INIT;

  if (err->reason == REASON_INTERRUPTED)
    return;
  if (launch_check (transfer->launch, &death) == 0 &&
      overlays_check (transfer->overlays, &death) == 0 &&
      output_server_check (transfer->output, &death) == 0) {
    launch_explain (transfer->launch, err);
    return;
  }
  error_wrap (err, "%s", death.message);
  for (size_t i = 0; i < death.detail.len; i++)
    error_detail (err, death.detail.ptr[i]);
}

static int
copy (const struct transfer *transfer, const struct launch_context *context,
      struct copy_disk *disks, struct copy_result *results,
      struct transfer_disk *ret, struct error *err)
{
  const unsigned n = launch_disk_count (transfer->launch);
  const struct copy_settings settings = {
    .parallel = context->settings->parallel,
    .retries = context->settings->retries,
    .stall_timeout_s = context->settings->stall_timeout_s,
  };
  int r;

  for (unsigned i = 0; i < n; i++) {
    if (open_disk (transfer, i, &disks[i], err) == -1) {
      err->disk = (int) i;
      return -1;
    }
    announce (transfer, context, &disks[i]);
  }
  r = copy_run (disks, n, &settings, context->supervisor, context->events,
                results, err);
  if (r == -1)
    add_last_words (transfer, err);
  for (unsigned i = 0; i < n; i++)
    ret[i] = (struct transfer_disk) { .size = disks[i].size,
                                      .result = results[i] };
  return r;
}

int
transfer_run (const struct transfer *transfer,
              const struct launch_context *context,
              struct transfer_disk *ret, struct error *err)
{
  const unsigned n = launch_disk_count (transfer->launch);
  struct copy_disk *disks = calloc (n + 1, sizeof *disks);
  struct copy_result *results = calloc (n + 1, sizeof *results);
  int r = -1;

  if (disks == NULL || results == NULL)
    error_nomem (err);
  else
    r = copy (transfer, context, disks, results, ret, err);
  free (disks);
  free (results);
  return r == 0 ? output_commit (transfer->output, err) : -1;
}
