/* SPDX-License-Identifier: GPL-2.0-or-later */

/* --check: looks at nbdkit, qemu, the disks and the free space, and reports
 * each result as an event.  It uses what a run uses (launch.c, survey.c and
 * space.c); cmd/run-check.c decides the order and the exit status.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/argv.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/human.h"
#include "base/i18n.h"
#include "context.h"
#include "filesystem/filesystem.h"
#include "launch/check.h"
#include "launch/disk-use.h"
#include "launch/launch.h"
#include "launch/overlay.h"
#include "launch/space.h"
#include "launch/survey.h"
#include "qemu/qemu-version.h"

#define SURVEY_MS 5000

void
check_failed (const struct launch_context *context, const char *item,
              const struct error *err)
{
  events_check (context->events, err->disk, item, CHECK_ERROR, "%s",
                err->message != NULL ? err->message : "");
}

int
check_nbdkit (const struct launch_context *context, struct error *err)
{
  bool label;

  events_check (context->events, -1, "nbdkit", CHECK_OK,
                _("version %s, %s"), context->caps->version,
                context->caps->binary);
  if (plan_selinux (context, &label, err) == -1) {
    check_failed (context, "selinux", err);
    return -1;
  }
  events_check (context->events, -1, "selinux", CHECK_OK, "%s",
                label ? _("sockets will be labelled")
                      : _("not needed on this host"));
  return 0;
}

static int
check_program (const struct launch_context *context, const char *name,
               struct error *err)
{
  CLEANUP_ERROR struct error unusable = ERROR_INIT;
  CLEANUP_FREE char *version = NULL;

  if (qemu_version (name, context->supervisor, &version, &unusable) == 0 &&
      qemu_version_judge (name, version, &unusable) == 0) {
    events_check (context->events, -1, name, CHECK_OK, "%s", version);
    return 0;
  }
  check_failed (context, name, &unusable);
  if (!error_is_set (err))
    error_move (err, &unusable);
  return -1;
}

int
check_qemu (const struct launch_context *context, struct error *err)
{
  const int r = check_program (context, "qemu-img", err);

  return check_program (context, "qemu-nbd", err) == 0 ? r : -1;
}

void
check_plan (const struct launch *launch, unsigned index,
            const struct launch_context *context)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  const struct plan *plan = &launch_disk (launch, index)->plan;
  const struct argv *list = &plan->overlay_cmd->filters;
  CLEANUP_FREE char *filters = NULL;
  const char *plugin = plan->source->plugin != NULL
    ? plan->source->plugin : plan->location->plugin;

  for (size_t i = 0; i < list->len; i++) {
    CLEANUP_FREE char *before = filters;

    filters = before == NULL ? alloc_copy (list->ptr[i], &ignored)
      : format (&ignored, "%s, %s", before, list->ptr[i]);
  }
  events_check (context->events, (int) index, "plugin", CHECK_OK,
                _("%s works"), plugin);
  events_check (context->events, (int) index, "filters", CHECK_OK, "%s",
                filters != NULL ? filters : _("none"));
}

static void
report_size (uint64_t size, int index, const struct events *events)
{
  char human[HUMAN_SIZE];

  human_size (size, human);
  events_check (events, index, "size", CHECK_OK, _("%s (%" PRIu64 " bytes)"),
                human, size);
}

/* What the image says, and how large the disk in it is.  Where only qemu knows
 * that, check_size tells it when the overlay is there.
 */
static int
report_image (const struct launched_disk *disk, int index,
              const struct events *events, struct error *err)
{
  const struct image *image = &disk->image;
  const enum check_status status = image->state != 0 ? CHECK_WARNING
                                                     : CHECK_OK;
  CLEANUP_FREE char *what = image_describe (image, err);
  char size[HUMAN_SIZE];

  if (what == NULL)
    return -1;
  human_size (image->file_size, size);
  if (image_is_raw (image))
    events_check (events, index, "image", status, "%s", what);
  else
    events_check (events, index, "image", status,
                  _("%s, in a file of %s"), what, size);
  if (image->size != 0 || image->plain)
    report_size (image->size, index, events);
  return 0;
}

static void
report_survey (const struct survey *survey, const struct launched_disk *disk,
               int index, const struct events *events)
{
  char data[HUMAN_SIZE];

  human_size (survey->data, data);
  if (survey->holes)
    events_check (events, index, "extents", CHECK_OK,
                  survey->complete
                  ? _("the source reports holes: %s of data")
                  : _("the source reports holes, but slowly: at least %s of "
                      "data"), data);
  else
    events_check (events, index, "extents",
                  disk->plan.source->remote ? CHECK_WARNING : CHECK_OK,
                  _("the source does not report holes: all of it will be "
                    "read"));
  events_check (events, index, "connections", CHECK_OK,
                _("multi-conn: %s; the copy uses up to %u connections"),
                survey->multi_conn ? _("yes") : _("no"),
                disk->plan.limits.max_connections);
}

int
check_disk (const struct launch *launch, unsigned index,
            const struct launch_context *context, struct error *err)
{
  const struct launched_disk *disk = launch_disk (launch, index);
  CLEANUP_FREE char *what = location_describe (disk->plan.location, err);
  struct survey survey;

  events_check (context->events, (int) index, "source", CHECK_OK,
                _("opened %s"), what != NULL ? what : "");
  if (disk->plan.source->preflight != NULL)
    events_check (context->events, (int) index, "range", CHECK_OK,
                  _("the server supports range requests"));
  if (report_image (disk, (int) index, context->events, err) == -1)
    return -1;
  if (survey_disk (launch, index, NULL, context, SURVEY_MS, &survey,
                   err) == -1) {
    err->disk = (int) index;
    check_failed (context, "read", err);
    return -1;
  }
  events_check (context->events, (int) index, "read", CHECK_OK,
                _("the first and the last bytes can be read"));
  report_survey (&survey, disk, (int) index, context->events);
  return 0;
}

void
check_size (const struct launch *launch, const struct overlays *overlays,
            unsigned index, const struct launch_context *context)
{
  const struct image *image = &launch_disk (launch, index)->image;

  if (image->size == 0 && !image->plain)
    report_size (overlay_size (overlays, index), (int) index,
                 context->events);
}

/* Of most kinds it is known before that they are copied whole. */
static void
report_filesystem (const struct filesystem *fs, const struct events *events)
{
  const bool doubted = fs->why_not != NULL && fs->kind != NULL &&
    filesystem_is_read (fs->kind);
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *text = filesystem_describe (fs, &ignored);

  if (text != NULL)
    events_check (events, (int) fs->disk, "filesystem",
                  doubted ? CHECK_WARNING : CHECK_OK, "%s", text);
}

static void
report_filesystems (const struct filesystems *found,
                    const struct events *events)
{
  bool any = false;

  for (size_t i = 0; i < found->list.len; i++) {
    report_filesystem (&found->list.ptr[i], events);
    any |= found->list.ptr[i].unused > 0;
  }
  if (!any)
    events_check (events, -1, "filesystem", CHECK_WARNING,
                  _("no file system says what it does not use: the disks "
                    "will be copied whole"));
}

int
check_filesystems (const struct launch *launch, struct overlays *overlays,
                   const struct launch_context *context,
                   struct filesystems *ret, struct error *err)
{
  if (disk_use_find (launch, overlays, false, context, ret, err) == -1) {
    check_failed (context, "filesystem", err);
    return -1;
  }
  report_filesystems (ret, context->events);
  return 0;
}

int
check_room (const char *item, const struct space_estimate *estimate,
            const struct launch_context *context, struct error *err)
{
  const bool enough = space_is_enough (estimate);
  char needed[HUMAN_SIZE], left[HUMAN_SIZE];

  if (!enough && estimate->certain) {
    space_missing (estimate, err);
    check_failed (context, item, err);
    return -1;
  }
  human_size (estimate->needed, needed);
  human_size (estimate->free, left);
  events_check (context->events, -1, item, enough ? CHECK_OK : CHECK_WARNING,
                enough ? _("%s: at most %s are needed, %s are free")
                       : _("%s: %s may be needed, %s are free"),
                estimate->dir, needed, left);
  return 0;
}
