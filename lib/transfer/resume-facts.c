/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Collects the facts about a copy that resuming depends on: the sources, the
 * format of the output, the conversion and its overlays.  Comparing and
 * recording them is left to resume.c.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/digest.h"
#include "base/error.h"
#include "context.h"
#include "guest/guest.h"
#include "guest/location.h"
#include "launch/launch.h"
#include "launch/overlay.h"
#include "output/output-settings.h"
#include "source/ops.h"
#include "transfer/resume.h"

#define OVERLAY_DIR "the directory of the overlays"

/* "the file of sda". */
static char *
key_of (const char *what, unsigned index, struct error *err)
{
  char letters[DISK_LETTERS_MAX];

  disk_letters (index, letters);
  return format (err, "the %s of sd%s", what, letters);
}

int
resume_disk_fact (struct resume *resume, unsigned index, const char *what,
                  const char *value, struct error *err)
{
  CLEANUP_FREE char *key = key_of (what, index, err);

  return key == NULL ? -1 : resume_fact (resume, key, value, err);
}

int
resume_disk_note (struct resume *resume, unsigned index, const char *what,
                  const char *value, struct error *err)
{
  CLEANUP_FREE char *key = key_of (what, index, err);

  return key == NULL ? -1 : resume_note (resume, key, value, err);
}

/* What identifies this version of the disk (a file's inode, an ETag). */
static int
source_fact (struct resume *resume, unsigned index, const struct plan *plan,
             const struct launch_context *context, struct error *err)
{
  CLEANUP_FREE char *text = NULL;

  if (plan->source->identify == NULL)
    return 0;
  if (plan->source->identify (&plan->request, context->supervisor, &text,
                              err) == -1)
    return -1;
  return text == NULL ? 0
    : resume_disk_fact (resume, index, plan->source->identity, text, err);
}

static int
disk_facts (struct resume *resume, const struct launched_disk *disk,
            unsigned index, const struct launch_context *context,
            struct error *err)
{
  CLEANUP_FREE char *what = location_describe (disk->plan.location, err);
  CLEANUP_FREE char *size = format (err, "%" PRIu64, disk->size);

  if (what == NULL || size == NULL ||
      resume_disk_fact (resume, index, "source", what, err) == -1 ||
      resume_disk_fact (resume, index, "format", disk_format (disk->disk),
                        err) == -1 ||
      resume_disk_fact (resume, index, "size", size, err) == -1)
    return -1;
  return source_fact (resume, index, &disk->plan, context, err);
}

/* The command may contain secrets, which must not be in the journal. */
static int
convert_fact (struct resume *resume, const char *command, struct error *err)
{
  char text[DIGEST_HEX_MAX] = "none";

  if (command != NULL && digest_of (command, strlen (command), DIGEST_SHA256,
                                    text, err) == -1)
    return -1;
  return resume_fact (resume, "the --convert command (its SHA-256)", text,
                      err);
}

static int
output_fact (struct resume *resume, const struct output_settings *output,
             struct error *err)
{
  const bool compressed = argv_contains (&output->options, "compressed") ||
    argv_value (&output->options, "compressed") != NULL;
  CLEANUP_FREE char *text =
    format (err, "-of %s%s%s",
            output->format == OUTPUT_QCOW2 ? "qcow2" : "raw",
            compressed ? " -oo compressed" : "",
            output->preallocated ? " -oa preallocated" : "");

  return text == NULL ? -1
    : resume_fact (resume, "the format of the output", text, err);
}

int
resume_facts (struct resume *resume, const struct launch *launch,
              const struct output_settings *output, const char *convert,
              const struct launch_context *context, struct error *err)
{
  for (unsigned i = 0; i < launch_disk_count (launch); i++)
    if (disk_facts (resume, launch_disk (launch, i), i, context,
                    err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  return output_fact (resume, output, err) == -1 ? -1
    : convert_fact (resume, convert, err);
}

int
resume_facts_converted (struct resume *resume,
                        const struct overlays *overlays, unsigned n,
                        struct error *err)
{
  const char *dir = overlays_dir (overlays);

  if (overlays_sync (overlays, err) == -1)
    return -1;
  for (unsigned i = 0; i < n; i++) {
    CLEANUP_FREE char *identity = overlay_identity (dir, i, err);

    if (error_is_set (err) ||
        resume_disk_note (resume, i, "overlay",
                          identity != NULL ? identity : "", err) == -1)
      return -1;
  }
  if (resume_note (resume, OVERLAY_DIR, dir, err) == -1)
    return -1;
  return resume_needs (resume, dir, err);
}

int
resume_facts_overlays (const struct resume *resume, unsigned n,
                       const char **dir, struct error *err)
{
  *dir = resume_recall (resume, OVERLAY_DIR);
  if (*dir == NULL)
    return 0;
  for (unsigned i = 0; i < n; i++) {
    CLEANUP_FREE char *key = key_of ("overlay", i, err);
    CLEANUP_FREE char *identity = overlay_identity (*dir, i, err);
    const char *before = key != NULL ? resume_recall (resume, key) : NULL;

    if (error_is_set (err))
      return -1;
    if (identity == NULL || before == NULL || strcmp (identity, before) != 0)
      return 0;
  }
  return 1;
}
