/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Estimates whether the overlays and the target will fit into the free space.
 * What a source holds is counted by survey.c; who asks decides whether too
 * little space is an error or a warning.
 */

#include <config.h>

#include <sys/param.h>
#include <sys/statvfs.h>

#include "base/error.h"
#include "base/human.h"
#include "base/i18n.h"
#include "base/ranges.h"
#include "context.h"
#include "launch/launch.h"
#include "launch/overlay.h"
#include "launch/space.h"
#include "launch/survey.h"
#include "settings.h"

/* A source that reports extents slowly (VDDK: many ms each) is not asked for
 * all of them.  The data found in this time need space at least.
 */
#define SURVEY_MS 3000

/* An overlay's header, tables and first clusters. */
#define OVERLAY_MIN (UINT64_C (1) << 20)
/* Nobody knows what a command will write.  Conversions write drivers, an
 * initramfs, a few packages: that does not grow with the disk, so the share
 * of it that is asked for has a limit; and lacking it is only a warning.
 */
#define CONVERTED_SHARE 50
#define CONVERTED_MAX (UINT64_C (1) << 30)

/* Make an estimate of what DIR has. */
static int
free_space (const char *dir, struct space_estimate *ret, bool *known,
            struct error *err)
{
  struct statvfs fs;

  *ret = (struct space_estimate) { .dir = dir };
  if (statvfs (dir, &fs) == -1)
    return error_errno (err, REASON_WRITE, "%s", dir);
  /* Some network and union file systems report nothing. */
  *known = fs.f_blocks > 0;
  ret->free = (uint64_t) (geteuid () == 0 ? fs.f_bfree : fs.f_bavail) *
    fs.f_frsize;
  return 0;
}

/* Of all disks, in bytes. */
static uint64_t
total_size (const struct launch *launch, const struct overlays *overlays)
{
  uint64_t bytes = 0;

  for (unsigned i = 0; i < launch_disk_count (launch); i++)
    bytes += overlay_size (overlays, i);
  return bytes;
}

/* Raw data takes the space that it has.  How other formats store it (they may
 * be compressed, or hold snapshots) says little.  Zeroes are found by content
 * where there are no holes.
 */
static int
survey_source (const struct space_target *target, const struct launch *launch,
               const struct overlays *overlays, unsigned index,
               const struct launch_context *context,
               struct space_estimate *ret, struct error *err)
{
  const bool plain = launch_disk (launch, index)->image.plain;
  const struct ranges *unused = target->unused == NULL ? NULL
    : &target->unused[index];
  const uint64_t used = overlay_size (overlays, index) -
    (unused != NULL ? ranges_total (unused) : 0);
  struct survey survey;

  if (survey_disk (launch, index, plain ? unused : NULL, context, SURVEY_MS,
                   &survey, err) == -1)
    return -1;
  if (!plain || !survey.holes || target->more_unused)
    ret->certain = false;
  ret->needed += plain ? survey.data : MIN (survey.data, used);
  return 0;
}

static int
survey_sources (const struct space_target *target,
                const struct launch *launch, const struct overlays *overlays,
                const struct launch_context *context,
                struct space_estimate *ret, struct error *err)
{
  ret->needed = 0;
  ret->certain = true;
  for (unsigned i = 0; i < launch_disk_count (launch); i++)
    if (survey_source (target, launch, overlays, i, context, ret,
                       err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  return 0;
}

int
space_of_target (const struct space_target *target,
                 const struct launch *launch,
                 const struct overlays *overlays,
                 const struct launch_context *context,
                 struct space_estimate *ret, struct error *err)
{
  bool known;

  if (free_space (target->dir, ret, &known, err) == -1)
    return -1;
  ret->certain = target->preallocated;
  if (known)
    ret->needed = total_size (launch, overlays);
  /* Mostly all of the disks would fit; then no source need be asked. */
  if (space_is_enough (ret) || target->preallocated)
    return 0;
  return survey_sources (target, launch, overlays, context, ret, err);
}

int
space_of_disk (const struct space_target *target, const struct launch *launch,
               const struct overlays *overlays, unsigned index, uint64_t free,
               const struct launch_context *context,
               struct space_estimate *ret, struct error *err)
{
  *ret = (struct space_estimate) { .free = free, .certain = true };
  return survey_source (target, launch, overlays, index, context, ret, err);
}

int
space_of_overlays (const struct launch *launch,
                   const struct overlays *overlays, bool converted,
                   const struct launch_context *context,
                   struct space_estimate *ret, struct error *err)
{
  const uint64_t share = total_size (launch, overlays) / CONVERTED_SHARE;
  bool known;

  if (free_space (context->settings->overlay_dir, ret, &known, err) == -1)
    return -1;
  if (known)
    ret->needed = launch_disk_count (launch) * OVERLAY_MIN;
  ret->certain = !space_is_enough (ret);
  if (known && converted)
    ret->needed += share < CONVERTED_MAX ? share : CONVERTED_MAX;
  return 0;
}

bool
space_is_enough (const struct space_estimate *estimate)
{
  return estimate->needed <= estimate->free;
}

int
space_missing (const struct space_estimate *estimate, struct error *err)
{
  char needed[HUMAN_SIZE], left[HUMAN_SIZE];

  human_size (estimate->needed, needed);
  human_size (estimate->free, left);
  error_set (err, REASON_SPACE,
             _("not enough space in %s: %s are needed, %s are free"),
             estimate->dir, needed, left);
  error_hint (err, _("make room, or choose another directory with -os or "
                     "--overlay-dir"));
  return -1;
}
