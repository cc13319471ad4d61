/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One attempt at copying all disks: opens the sources and targets of the
 * copy engine, tells it which ranges the journal does not have as stored, and
 * runs it.  Whether there is another attempt after a failure, and everything
 * after the copy, is left to transfer.c.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "context.h"
#include "launch/launch.h"
#include "launch/overlay.h"
#include "output/output.h"
#include "transfer/changed-extents.h"
#include "transfer/copied.h"
#include "transfer/copying.h"
#include "transfer/resume.h"
#include "transfer/unused.h"

static void
explain_view (const struct copying *copying, const struct copy_disk *disk)
{
  const struct transfer *transfer = copying->transfer;
  const unsigned index = (unsigned) disk->index;

  events_say (copying->context->events, EVENT_DEBUG, disk->index,
              "the copy reads %s%s",
              overlay_is_whole (transfer->overlays, index) ? "all "
              : disk->overlay_uri != NULL
              ? "what the conversion wrote from the overlay, and the rest "
              : "",
              overlay_is_whole (transfer->overlays, index)
              ? "from the overlay, which needs no source any more"
              : !launch_disk (transfer->launch, index)->image.plain
              ? "through qemu-nbd, because the source is not raw"
              : disk->base_file != NULL
              ? "straight from the file, because nothing lies between"
              : "straight from nbdkit");
}

static int
open_view (struct copying *copying, unsigned index, struct error *err)
{
  const struct transfer *transfer = copying->transfer;
  const struct plan *plan = &launch_disk (transfer->launch, index)->plan;
  struct copy_disk *disk = &copying->disks[index];

  *disk = (struct copy_disk) {
    .index = (int) index,
    /* Disks on the same server share the limits of its host. */
    .host = plan->source->remote ? plan->location->host : NULL,
    .target = disk->target,
    .ranges = transfer->extents != NULL ? &transfer->extents[index].ranges
                                        : &copying->missing[index],
    .unused = unused_of_disk (transfer, index),
    .hash = disk->hash,
    /* Digests need what is read, as does what may be changed in part; and
     * bytes of blocks that the guest does not use in part are to be zeroes.
     */
    .may_clone = !transfer->verify && !transfer->checksum &&
      !transfer->skip_unused && !transfer->is_source &&
      transfer->copied == NULL,
  };
  if (overlay_open_view (transfer->overlays, index, transfer->changed, disk,
                         err) == -1)
    return -1;
  disk->pace_ms = plan->pace_ms;
  explain_view (copying, disk);
  return 0;
}

static enum resume_digests
digests_of (const struct transfer *transfer)
{
  return transfer->checksum ? RESUME_DIGESTS_WHOLE
    : transfer->verify ? RESUME_DIGESTS_SURE : RESUME_DIGESTS_FAST;
}

/* Prepare the digests and the journal for the disk. */
static int
begin_disk (struct copying *copying, unsigned index, struct error *err)
{
  const struct transfer *transfer = copying->transfer;
  struct copy_disk *disk = &copying->disks[index];

  if (index < copying->begun)
    return 0;
  copying->ret[index].size = disk->size;
  if ((transfer->copied != NULL
       ? copied_convert (transfer->copied, transfer->overlays,
                         transfer->resume, index, disk->size,
                         digests_of (transfer), err)
       : resume_set_disk (transfer->resume, index, disk->size,
                          digests_of (transfer), err)) == -1)
    return -1;
  disk->hash = resume_hash (transfer->resume, index);
  copying->begun++;
  return 0;
}

/*--- Targets. ---*/

/* What was copied before the conversion had ended is continued only where it
 * holds; what else this run, or the one that it resumes, has begun is replaced.
 */
static enum output_how
how_to_open_copied (const struct copying *copying, unsigned index)
{
  const struct transfer *transfer = copying->transfer;

  return copied_holds (transfer->copied, index) || copying->ran
    ? OUTPUT_CONTINUE
    : copied_has_begun (transfer->copied) || transfer->replace
    ? OUTPUT_REPLACE : OUTPUT_NEW;
}

static enum output_how
how_to_open (const struct copying *copying, unsigned index)
{
  const struct transfer *transfer = copying->transfer;

  if (transfer->copied != NULL)
    return how_to_open_copied (copying, index);
  return output_part (transfer->output, index) != NULL ||
    resume_continues (transfer->resume) ? OUTPUT_CONTINUE
    : transfer->replace ? OUTPUT_REPLACE : OUTPUT_NEW;
}

/* Most of that is in the overlay, and logging in takes longer. */
static void
connect_less (struct copy_limits *limits, const struct ranges *missing)
{
  const uint64_t wanted = 1 + ranges_total (missing) / COPY_CHUNK;

  if (limits->first_connections > wanted)
    limits->first_connections = (unsigned) wanted;
}

static int
find_missing (struct copying *copying, unsigned index, struct ranges *ret,
              struct error *err)
{
  const struct transfer *transfer = copying->transfer;

  if (transfer->copied == NULL)
    return resume_missing (transfer->resume, index, ret, err);
  if (copied_missing (transfer->copied, transfer->resume, index, ret,
                      err) == -1)
    return -1;
  connect_less (&copying->disks[index].limits, ret);
  return 0;
}

static int
open_target (struct copying *copying, unsigned index, struct error *err)
{
  const struct transfer *transfer = copying->transfer;
  struct resume *resume = transfer->resume;
  struct copy_disk *disk = &copying->disks[index];
  struct ranges *missing = &copying->missing[index];
  CLEANUP_FREE char *identity = NULL;

  if (output_open_disk (transfer->output, index, disk->size,
                        launch_dir (transfer->launch),
                        how_to_open (copying, index), &disk->target,
                        err) == -1 ||
      find_missing (copying, index, missing, err) == -1)
    return -1;
  identity = output_identity (transfer->output, index, err);
  if (error_is_set (err) ||
      (identity != NULL &&
       resume_note_disk (resume, index, "target", identity, err) == -1))
    return -1;
  return output_part (transfer->output, index) == NULL ? 0
    : resume_needs_file (resume, output_part_file (transfer->output, index),
                         err);
}

static void
announce (struct copying *copying, unsigned index)
{
  const struct transfer *transfer = copying->transfer;
  const struct launched_disk *launched = launch_disk (transfer->launch,
                                                      index);

  if (index < copying->announced)
    return;
  copying->announced++;
  events_emit (copying->context->events, &(struct event) {
      .type = EVENT_DISK,
      .disk = (int) index,
      .opened = {
        .name = launched->name,
        .size = copying->disks[index].size,
        .uri = launched->uri,
        .overlay = overlay_path (transfer->overlays, index),
        .target = output_target (transfer->output, index),
      },
    });
}

/*--- Hooks of the copy engine. ---*/

static int
stored (void *data, unsigned disk, const struct ranges *ranges,
        struct error *err)
{
  const struct copying *copying = data;

  return resume_stored (copying->transfer->resume, disk, ranges, err);
}

static int
watch (void *data, unsigned disk, bool stuck, struct error *err)
{
  const struct copying *copying = data;
  const struct transfer *transfer = copying->transfer;

  if (launch_watch (transfer->launch, disk, stuck, err) == -1 ||
      overlays_watch (transfer->overlays, disk, err) == -1 ||
      overlays_check (transfer->overlays, err) == -1)
    return -1;
  return output_server_check (transfer->output, err);
}

/*--- Beginning and ending. ---*/

int
copying_init (struct copying *copying, const struct transfer *transfer,
              const struct launch_context *context,
              struct transfer_disk *ret, struct error *err)
{
  const unsigned n = launch_disk_count (transfer->launch);

  *copying = (struct copying) {
    .transfer = transfer,
    .context = context,
    .hooks = { .data = copying, .stored = stored, .watch = watch },
    .n = n,
    .disks = alloc_zero ((n + 1) * sizeof *copying->disks, err),
    .missing = alloc_zero ((n + 1) * sizeof *copying->missing, err),
    .results = alloc_zero ((n + 1) * sizeof *copying->results, err),
    .ret = ret,
  };
  return error_is_set (err) ? -1 : 0;
}

void
copying_reset (struct copying *copying)
{
  for (unsigned i = 0; copying->missing != NULL && i < copying->n; i++)
    ranges_reset (&copying->missing[i]);
  free (copying->disks);
  free (copying->missing);
  free (copying->results);
}

/*--- Attempts. ---*/

static int
open_all (struct copying *copying, struct error *err)
{
  const struct transfer *transfer = copying->transfer;

  for (unsigned i = 0; i < copying->n; i++)
    if (open_view (copying, i, err) == -1 ||
        begin_disk (copying, i, err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  /* Opening the views may have changed the headers of the overlays. */
  if (transfer->changed &&
      resume_facts_converted (transfer->resume, transfer->overlays,
                              copying->n, err) == -1)
    return -1;
  /* With this the journal is saved before anything is written: from then on
   * what is stored is of the disk as it was converted.
   */
  if (resume_note_source (transfer->resume, transfer->is_source, err) == -1)
    return -1;
  for (unsigned i = 0; i < copying->n; i++) {
    if (open_target (copying, i, err) == -1) {
      err->disk = (int) i;
      return -1;
    }
    announce (copying, i);
  }
  resume_reserve (transfer->resume);
  /* That the source was copied meanwhile is no reason to fail. */
  return transfer->copied != NULL
    ? resume_save_or_drop (transfer->resume, err)
    : resume_save (transfer->resume, err);
}

static void
add_results (struct copying *copying)
{
  for (unsigned i = 0; i < copying->n; i++) {
    const struct copy_result *from = &copying->results[i];
    struct copy_result *to = &copying->ret[i].result;

    to->read += from->read;
    to->written += from->written;
    to->cloned += from->cloned;
    to->zero += from->zero;
    to->unused += from->unused;
    to->seconds += from->seconds;
    to->retries += from->retries;
    if (to->first_error[0] == '\0')
      memcpy (to->first_error, from->first_error, sizeof to->first_error);
  }
}

static uint64_t
count_read (const struct copying *copying)
{
  uint64_t n = 0;

  for (unsigned i = 0; i < copying->n; i++)
    n += copying->results[i].read;
  return n;
}

static int
restore_hashes (const struct copying *copying, struct error *err)
{
  const struct transfer *transfer = copying->transfer;

  for (unsigned i = 0; i < copying->n; i++) {
    resume_forget_hashes (transfer->resume, i);
    if (transfer->copied != NULL &&
        copied_restore_hashes (transfer->copied, transfer->resume, i,
                               err) == -1)
      return -1;
  }
  return 0;
}

/* Also those that have died while the conversion ran are replaced. */
static int
replace_servers (const struct copying *copying, struct error *err)
{
  const struct transfer *transfer = copying->transfer;

  if (copying->attempt > 0)
    overlays_close_views (transfer->overlays);
  return copying->attempt > 0 || transfer->copied != NULL
    ? launch_revive (transfer->launch, err) : 0;
}

int
copying_open (struct copying *copying, struct error *err)
{
  copying->read_nothing = !copying->ran;
  if (replace_servers (copying, err) == -1 ||
      unused_find (copying->transfer, copying->context, err) == -1 ||
      open_all (copying, err) == -1)
    return -1;
  copying->target_lost = false;
  copying->ran = true;
  if (restore_hashes (copying, err) == -1)
    return -1;
  copying->stored = resume_count (copying->transfer->resume);
  return 0;
}

void
copying_ended (struct copying *copying, int r)
{
  add_results (copying);
  copying->read_nothing = r == -1 && count_read (copying) == 0;
}

int
copying_attempt (struct copying *copying, struct error *err)
{
  int r;

  if (copying_open (copying, err) == -1)
    return -1;
  r = copy_run (copying->disks, copying->n, "copy", &copying->hooks,
                copying->context, copying->results, err);
  copying_ended (copying, r);
  return r;
}
