/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which targets a run may write to: not a source, none twice, and none that
 * another run or program has.  Whether two places are one is place.c's matter,
 * how one is locked place-lock.c's.
 */

#include <config.h>

#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "context.h"
#include "guest/guest.h"
#include "io/image-lock.h"
#include "io/lockfile.h"
#include "output/output-internal.h"
#include "output/output.h"
#include "output/place-lock.h"
#include "output/place.h"

struct output_claim {
  struct lockfile *name;        /* -o disk */
  struct place_lock **places;   /* one for each disk, or NULL */
  unsigned n;
};

/*--- Places. ---*/

/* Also its .part file, which --resume may remove to begin again. */
static bool
is_target (const struct output *output, unsigned index,
           const struct location *source)
{
  const struct location *target = &output->disks[index].location;
  const char *path = location_local_path (source);
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *part = NULL;

  if (place_same (source, target))
    return true;
  if (path == NULL || !output->ops->makes_files)
    return false;
  part = format (&ignored, "%s.part", target->path);
  return part != NULL && place_same_name (path, part);
}

static int
refuse_source (const struct output *output, unsigned index,
               struct error *err)
{
  const struct disks *disks = &output->guest->disks;

  for (size_t i = 0; i < disks->len; i++)
    if (is_target (output, index, &disks->ptr[i].location)) {
      error_set (err, REASON_USAGE, _("%s is also a source disk"),
                 output_target (output, index));
      error_hint (err, _("choose another target, or another name for the copy "
                         "with -on NAME"));
      return -1;
    }
  return 0;
}

int
output_refuse_place (const struct output *output, unsigned index,
                     struct error *err)
{
  for (unsigned i = 0; i < index; i++)
    if (place_same (&output->disks[i].location,
                    &output->disks[index].location)) {
      error_set (err, REASON_USAGE,
                 _("two disks have the same target: %s and %s"),
                 output_target (output, i), output_target (output, index));
      error_hint (err, _("each disk needs a target of its own"));
      return -1;
    }
  return refuse_source (output, index, err);
}

static int
refuse_path (const char *path, const char *target, struct error *err)
{
  if (!place_same_name (path, target))
    return 0;
  error_set (err, REASON_USAGE, _("%s is a file that this run writes"),
             path);
  error_hint (err, _("choose another file, or another name for the copy with "
                     "-on NAME"));
  return -1;
}

int
output_refuse_path (const struct output *output, const char *path,
                    struct error *err)
{
  CLEANUP_FREE char *xml = NULL;

  for (unsigned i = 0; i < output->n; i++) {
    const char *target = location_local_path (&output->disks[i].location);
    CLEANUP_FREE char *part = NULL;

    if (target == NULL)
      continue;
    part = format (err, "%s.part", target);
    if (part == NULL || refuse_path (path, target, err) == -1 ||
        refuse_path (path, part, err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  }
  if (!output->ops->makes_files || output->settings->existing)
    return 0;
  xml = output_xml_path (output, err);
  return xml == NULL ? -1 : refuse_path (path, xml, err);
}

/*--- Locks. ---*/

/* It begins with a dot: it is there for hours, beside the guest's files. */
static int
claim_name (struct output_claim *claim, const struct output *output,
            struct error *err)
{
  const struct launch_context *context = output->context;
  CLEANUP_FREE char *dir = realpath (output->settings->storage, NULL);
  CLEANUP_FREE char *lock = NULL, *what = NULL;

  if (dir == NULL)
    return error_errno (err, REASON_WRITE, "%s", output->settings->storage);
  lock = format (err, "%s/.%s.lock", dir, output->guest->name);
  what = format (err, "%s/%s", dir, output->guest->name);
  if (lock == NULL || what == NULL)
    return -1;
  claim->name = lockfile_new (lock, what, context->guard, context->supervisor,
                              err);
  return claim->name != NULL ? 0 : -1;
}

/* Nothing but a file is replaced by renaming. */
static int
refuse_directory (const char *path, struct error *err)
{
  struct stat st;

  return stat (path, &st) == -1 || !S_ISDIR (st.st_mode) ? 0
    : error_set (err, REASON_WRITE, _("%s is a directory"), path);
}

/* A guest that runs would go on with a file that has no name any more, and
 * what it writes would be lost.
 */
static int
refuse_running (const char *path, struct error *err)
{
  CLEANUP_FREE char *holder = NULL;

  if (!image_is_written (path, &holder))
    return 0;
  error_set (err, REASON_TARGET_BUSY,
             _("%s is in use by another program (%s)"), path,
             holder != NULL ? holder : "?");
  error_hint (err, _("give the copy another name with -on NAME, or shut down "
                     "the guest that has this disk"));
  return -1;
}

static int
claim_disk (struct output_claim *claim, const struct output *output,
            unsigned index, struct error *err)
{
  const struct location *location = &output->disks[index].location;
  const char *path = location_local_path (location);

  if (output->ops->makes_files && !output->settings->existing)
    return refuse_directory (path, err) == -1 ? -1
      : refuse_running (path, err);
  /* Opening it will say that it does not exist, and what to do. */
  if (path != NULL && access (path, F_OK) == -1)
    return 0;
  claim->places[index] = place_lock_new (location, output->format,
                                         output->context, err);
  return claim->places[index] != NULL ? 0 : -1;
}

static int
claim_all (struct output_claim *claim, const struct output *output,
           struct error *err)
{
  if (output->ops->makes_files &&
      (claim_name (claim, output, err) == -1 ||
       (!output->settings->existing &&
        output_xml_check (output, REASON_USAGE, err) == -1)))
    return -1;
  for (unsigned i = 0; i < output->n && output->ops->locate != NULL; i++)
    if (claim_disk (claim, output, i, err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  return 0;
}

struct output_claim *
output_claim_new (const struct output *output, struct error *err)
{
  struct output_claim *claim = alloc_zero (sizeof *claim, err);

  if (claim == NULL)
    return NULL;
  claim->n = output->n;
  claim->places = alloc_zero ((output->n + 1) * sizeof *claim->places, err);
  if (claim->places != NULL && claim_all (claim, output, err) == 0)
    return claim;
  output_claim_free (claim);
  return NULL;
}

void
output_claim_free (struct output_claim *claim)
{
  if (claim == NULL)
    return;
  for (unsigned i = 0; claim->places != NULL && i < claim->n; i++)
    place_lock_free (claim->places[i]);
  lockfile_free (claim->name);
  free (claim->places);
  free (claim);
}
