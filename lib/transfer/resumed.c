/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Finds out before a copy is resumed whether it still has the same source and
 * target.  The identities of files and devices say that only where there is
 * such a thing: another export of an NBD server, or another disk under the
 * same name on another host, has none that is known here.  So a few blocks of
 * what is stored are read again and compared with the journal's digests.  What
 * is recorded is left to facts.c and resume.c, reading to the copy engine.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>
#include <sys/param.h>
#include <sys/random.h>

#include "base/alloc.h"
#include "base/argv.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "context.h"
#include "copy/blkhash.h"
#include "copy/copy.h"
#include "copy/disk.h"
#include "launch/launch.h"
#include "launch/overlay.h"
#include "output/output.h"
#include "transfer/facts.h"
#include "transfer/resume.h"
#include "transfer/resumed.h"
#include "transfer/unused.h"
#include "transfer/verify.h"

/* A block each; they are read at the same time. */
#define SAMPLES 8

/* What is read of one disk. */
struct sample {
  size_t chunks[SAMPLES];       /* sorted */
  size_t n;
  struct ranges ranges;         /* their blocks */
};

/*--- Targets that are gone, or other ones. ---*/

static int
check_target (const struct transfer *transfer, unsigned index,
              const struct launch_context *context, struct error *err)
{
  struct resume *resume = transfer->resume;
  CLEANUP_ARGV struct argv now = { .ptr = NULL };

  if (facts_of_target (transfer->output, index, &now, err) == -1)
    return -1;
  if (now.len > 0)
    return resume_compare (resume, &now, err);
  events_say (context->events, EVENT_INFO, (int) index,
              _("the target of the interrupted copy does not exist any more: "
                "the copy begins again"));
  return resume_discard (resume, err);
}

/*--- Choosing what to read. ---*/

/* Zeroes tell little: most disks have some in the same place. */
static bool
is_telling (const struct resume *resume, unsigned index, size_t i)
{
  const struct blkhash *hash = resume_hash (resume, index);

  return resume_is_stored (resume, index, i) &&
    !blkhash_same (blkhash_chunk (hash, i), blkhash_zero_chunk (hash));
}

static size_t
list_chunks (const struct resume *resume, unsigned index, bool telling,
             size_t n, size_t *ret)
{
  size_t len = 0;

  for (size_t i = 0; i < n; i++)
    if (telling ? is_telling (resume, index, i)
                : resume_is_stored (resume, index, i))
      ret[len++] = i;
  return len;
}

static size_t
random_below (size_t n)
{
  size_t number = 0;

  if (getrandom (&number, sizeof number, GRND_NONBLOCK) == -1)
    number = (size_t) getpid ();
  return number % n;
}

/* The first, the last, and one from each part of what lies between. */
static void
choose (const size_t *chunks, size_t len, struct sample *sample)
{
  const size_t parts = SAMPLES - 2;

  for (size_t k = 0; k < MIN (len, (size_t) SAMPLES); k++) {
    size_t at = k;

    if (len > SAMPLES && k > 0) {
      const size_t from = 1 + (k - 1) * (len - 2) / parts;
      const size_t to = 1 + k * (len - 2) / parts;

      at = k == SAMPLES - 1 ? len - 1 : from + random_below (to - from);
    }
    sample->chunks[sample->n++] = chunks[at];
  }
}

static int
add_ranges (const struct resume *resume, unsigned index,
            struct sample *sample, struct error *err)
{
  const struct blkhash *hash = resume_hash (resume, index);
  const uint64_t size = resume_size (resume, index);

  for (size_t k = 0; k < sample->n; k++) {
    const size_t i = sample->chunks[k];
    const uint64_t offset = i * COPY_CHUNK +
      (uint64_t) blkhash_chunk (hash, i)->block * BLKHASH_BLOCK;
    const struct range range = {
      offset, MIN ((uint64_t) BLKHASH_BLOCK, size - offset)
    };

    if (ranges_append (&sample->ranges, range) == -1)
      return error_nomem (err);
  }
  return 0;
}

static int
choose_samples (const struct resume *resume, unsigned index,
                struct sample *sample, struct error *err)
{
  const uint64_t size = resume_size (resume, index);
  const size_t n = (size_t) (size / COPY_CHUNK + (size % COPY_CHUNK != 0));
  size_t *chunks = alloc_zero ((n + 1) * sizeof *chunks, err);
  size_t len;

  if (chunks == NULL)
    return -1;
  len = list_chunks (resume, index, true, n, chunks);
  if (len == 0)
    len = list_chunks (resume, index, false, n, chunks);
  choose (chunks, len, sample);
  free (chunks);
  return add_ranges (resume, index, sample, err);
}

/*--- Reading and comparing. ---*/

struct resumed {
  const struct transfer *transfer;
  const struct launch_context *context;
  unsigned n;
  struct sample *samples;
  struct copy_disk *disks;      /* of which something is read */
  struct copy_result *results;
};

static int
open_source (struct resumed *resumed, unsigned index, struct copy_disk *disk,
             struct error *err)
{
  const struct transfer *transfer = resumed->transfer;

  disk->unused = unused_of_disk (transfer, index);
  if (overlay_open_view (transfer->overlays, index, transfer->changed, disk,
                         err) == -1)
    return -1;
  /* Logging in takes longer than reading a few blocks one after the other. */
  disk->limits.first_connections = disk->limits.max_connections = 1;
  return resume_check_size (transfer->resume, index, disk->size, err);
}

static int
differs (const struct resumed *resumed, const struct copy_disk *disk,
         size_t chunk, bool source, struct error *err)
{
  const struct transfer *transfer = resumed->transfer;
  const unsigned index = (unsigned) disk->index;
  const struct blkhash *hash = resume_hash (transfer->resume, index);
  const uint64_t offset = chunk * COPY_CHUNK +
    (uint64_t) blkhash_chunk (hash, chunk)->block * BLKHASH_BLOCK;

  if (source)
    error_set (err, REASON_SOURCE_CHANGED,
               _("cannot resume: the source is not what the interrupted copy "
                 "read: it differs at offset %" PRIu64), offset);
  else
    error_set (err, REASON_TARGET_CHANGED,
               _("cannot resume: %s does not hold what the interrupted copy "
                 "wrote: it differs at offset %" PRIu64),
               output_target (transfer->output, index), offset);
  resume_hint_again (transfer->resume, err);
  err->disk = disk->index;
  return -1;
}

static int
compare (const struct resumed *resumed, const struct copy_disk *disk,
         bool source, struct error *err)
{
  const struct sample *sample = &resumed->samples[disk->index];
  const struct blkhash *hash = resume_hash (resumed->transfer->resume,
                                            (unsigned) disk->index);

  for (size_t k = 0; k < sample->n; k++) {
    const size_t i = sample->chunks[k];

    if (!blkhash_has_sample (disk->hash, i, blkhash_chunk (hash, i)))
      return differs (resumed, disk, i, source, err);
  }
  return 0;
}

static int
open_disk (struct resumed *resumed, unsigned index, struct copy_disk *disk,
           bool source, struct error *err)
{
  const struct resume *resume = resumed->transfer->resume;

  *disk = (struct copy_disk) { .index = (int) index };
  if ((source ? open_source (resumed, index, disk, err)
              : verify_view (resumed->transfer, index, disk, err)) == -1)
    return -1;
  disk->size = resume_size (resume, index);
  disk->ranges = &resumed->samples[index].ranges;
  disk->hash = blkhash_new (disk->size, blkhash_kind (
                              resume_hash (resume, index)), false, err);
  return disk->hash != NULL ? 0 : -1;
}

/* Read all samples of the sources, or of the targets. */
static int
look_at (struct resumed *resumed, bool source, struct error *err)
{
  /* It takes a moment, and is no part of the copy's progress. */
  struct launch_context quiet = *resumed->context;
  unsigned n = 0;
  int r = 0;

  quiet.events = NULL;
  for (unsigned i = 0; r == 0 && i < resumed->n; i++)
    if (resumed->samples[i].n > 0) {
      r = open_disk (resumed, i, &resumed->disks[n++], source, err);
      if (r == -1)
        err->disk = (int) i;
    }
  if (r == 0 && n > 0)
    r = copy_run (resumed->disks, n, "check", NULL, &quiet, resumed->results,
                  err);
  for (unsigned i = 0; r == 0 && i < n; i++)
    r = compare (resumed, &resumed->disks[i], source, err);
  for (unsigned i = 0; i < n; i++)
    blkhash_free (resumed->disks[i].hash);
  return r;
}

/* Opening the views may have changed the headers of converted overlays. */
static int
record_overlays (const struct resumed *resumed, struct error *err)
{
  const struct transfer *transfer = resumed->transfer;

  overlays_close_views (transfer->overlays);
  if (!transfer->changed)
    return 0;
  return resume_facts_converted (transfer->resume, transfer->overlays,
                                 resumed->n, err) == -1 ? -1
    : resume_save (transfer->resume, err);
}

static int
look_at_both (struct resumed *resumed, struct error *err)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  int r = look_at (resumed, true, err);

  if (record_overlays (resumed, r == 0 ? err : &ignored) == -1)
    r = -1;
  if (r == 0)
    r = look_at (resumed, false, err);
  if (output_close (resumed->transfer->output, r == 0 ? err : &ignored) == -1)
    r = -1;
  return r;
}

static int
check_samples (struct resumed *resumed, struct error *err)
{
  const struct resume *resume = resumed->transfer->resume;

  for (unsigned i = 0; i < resumed->n; i++) {
    if (choose_samples (resume, i, &resumed->samples[i], err) == -1)
      return -1;
    events_say (resumed->context->events, EVENT_DEBUG, (int) i,
                "%zu blocks of what is stored are read again",
                resumed->samples[i].n);
  }
  return look_at_both (resumed, err);
}

int
resumed_check (const struct transfer *transfer,
               const struct launch_context *context, struct error *err)
{
  const unsigned n = launch_disk_count (transfer->launch);
  struct resumed resumed = {
    .transfer = transfer, .context = context, .n = n,
  };
  int r = 0;

  for (unsigned i = 0; r == 0 && i < n &&
         resume_continues (transfer->resume); i++) {
    r = check_target (transfer, i, context, err);
    if (r == -1)
      err->disk = (int) i;
  }
  if (r == -1 || !resume_continues (transfer->resume))
    return r;
  resumed.samples = alloc_zero ((n + 1) * sizeof *resumed.samples, err);
  resumed.disks = alloc_zero ((n + 1) * sizeof *resumed.disks, err);
  resumed.results = alloc_zero ((n + 1) * sizeof *resumed.results, err);
  r = error_is_set (err) || unused_find (transfer, context, err) == -1 ? -1
    : check_samples (&resumed, err);
  for (unsigned i = 0; resumed.samples != NULL && i < n; i++)
    ranges_reset (&resumed.samples[i].ranges);
  free (resumed.samples);
  free (resumed.disks);
  free (resumed.results);
  return r;
}
