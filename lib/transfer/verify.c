/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Chooses the disks to be read back, and compares their digests chunk by
 * chunk.  Reading is left to the copy engine, serving the targets to
 * output.c.
 */

#include <config.h>

#include <inttypes.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "context.h"
#include "copy/blkhash.h"
#include "copy/copy.h"
#include "copy/disk.h"
#include "launch/launch.h"
#include "output/output.h"
#include "target/target.h"
#include "transfer/copying.h"
#include "transfer/resume.h"
#include "transfer/verify.h"

/* For a qemu-nbd on this host, or the NBD server that was written to. */
static const struct copy_limits limits = {
  .first_connections = 2, .max_connections = 4, .max_in_flight = 8,
  .first_request = 512 << 10, .max_request = 2 << 20,
};

struct verify {
  const struct copying *copying;
  struct copy_disk *disks;      /* whose sources are the targets */
  struct copy_result *results;
  unsigned n;                   /* disks that are read back */
};

int
verify_view (const struct transfer *transfer, unsigned index,
             struct copy_disk *ret, struct error *err)
{
  ret->base_uri = output_serve (transfer->output, index,
                                launch_dir (transfer->launch), err);
  ret->limits = limits;
  return ret->base_uri != NULL ? 0 : -1;
}

static int
add_disk (struct verify *verify, unsigned index, bool whole,
          struct error *err)
{
  const struct transfer *transfer = verify->copying->transfer;
  struct copy_disk *disk = &verify->disks[verify->n];

  *disk = (struct copy_disk) {
    .index = (int) index,
    .size = verify->copying->disks[index].size,
  };
  if (verify_view (transfer, index, disk, err) == -1)
    return -1;
  disk->hash = blkhash_new (disk->size, blkhash_kind (
                              verify->copying->disks[index].hash), whole,
                            err);
  verify->n++;
  return disk->hash != NULL ? 0 : -1;
}

/* Choose the disks that have to be read back. */
static int
choose (struct verify *verify, struct error *err)
{
  const struct copying *copying = verify->copying;
  const struct transfer *transfer = copying->transfer;

  for (unsigned i = 0; i < copying->n; i++) {
    const bool missing = transfer->checksum &&
      !blkhash_whole (copying->disks[i].hash, copying->ret[i].checksum);

    if (output_target (transfer->output, i) == NULL)
      continue;                 /* nothing was written */
    if ((transfer->verify || missing) &&
        add_disk (verify, i, missing, err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  }
  return 0;
}

/* The offset of the first byte that differs from the source; or, if that is
 * not found when the source is read again, of the chunk.
 */
static uint64_t
locate (struct verify *verify, const struct copy_disk *target, size_t chunk)
{
  struct copy_disk disk = verify->copying->disks[target->index];
  const uint64_t offset = chunk * COPY_CHUNK, left = disk.size - offset;
  struct range range = { offset, left < COPY_CHUNK ? left : COPY_CHUNK };
  const struct ranges ranges = { .ptr = &range, .len = 1, .cap = 1 };
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  struct copy_result result;
  uint64_t ret = offset;

  disk.ranges = &ranges;
  disk.hash = NULL;
  disk.target = target_compare_new (target->base_uri, disk.size, &ignored);
  if (disk.target == NULL)
    return offset;
  if (copy_run (&disk, 1, "verify", NULL, verify->copying->context, &result,
                &ignored) == 0 &&
      target_compare_first (disk.target) != UINT64_MAX)
    ret = target_compare_first (disk.target);
  target_free (disk.target);
  return ret;
}

/* Differences that were found, of all disks. */
struct differences {
  const struct copy_disk *target; /* of the first, or NULL */
  size_t chunk;
  size_t n;
};

/* What differs counts as stored no more. */
static void
compare (const struct verify *verify, const struct copy_disk *target,
         struct differences *ret)
{
  const struct copying *copying = verify->copying;
  const struct blkhash *copied = copying->disks[target->index].hash;

  for (size_t i = 0; i * COPY_CHUNK < target->size; i++) {
    const struct blkhash_chunk *wanted = blkhash_chunk (copied, i);
    const struct blkhash_chunk *found = blkhash_chunk (target->hash, i);

    if (wanted != NULL && found != NULL && blkhash_same (wanted, found))
      continue;
    if (ret->n++ == 0) {
      ret->target = target;
      ret->chunk = i;
    }
    resume_forget_chunk (copying->transfer->resume, (unsigned) target->index,
                         i);
  }
}

/* A journal that still says that the chunks are stored must not stay. */
static void
tell_journal (const struct verify *verify, struct error *err)
{
  struct resume *resume = verify->copying->transfer->resume;
  CLEANUP_ERROR struct error failure = ERROR_INIT;
  CLEANUP_ERROR struct error worse = ERROR_INIT;

  if (resume_save (resume, &failure) == 0 ||
      resume_discard (resume, &worse) == 0)
    return;
  error_detail (err, failure.message);
  error_detail (err, worse.message);
  if (worse.hint != NULL)
    error_add_hint (err, worse.hint);
}

static int
report (struct verify *verify, const struct differences *found,
        struct error *err)
{
  const struct transfer *transfer = verify->copying->transfer;
  const char *name =
    output_target (transfer->output, (unsigned) found->target->index);
  const uint64_t offset = locate (verify, found->target, found->chunk);

  if (found->n == 1)
    error_set (err, REASON_VERIFY,
               _("%s differs from what was read, at offset %" PRIu64), name,
               offset);
  else
    error_set (err, REASON_VERIFY,
               _("%s differs from what was read, at offset %" PRIu64
                 " and in %zu more places"), name, offset, found->n - 1);
  error_hint (err, _("the storage, or the connection to it, corrupts data: "
                     "check the storage's logs before using it again"));
  err->disk = found->target->index;
  return -1;
}

static int
compare_all (struct verify *verify, struct error *err)
{
  const struct copying *copying = verify->copying;
  struct differences found = { .n = 0 };
  CLEANUP_ERROR struct error journal = ERROR_INIT;

  for (unsigned i = 0; i < verify->n; i++) {
    const struct copy_disk *target = &verify->disks[i];
    struct transfer_disk *ret = &copying->ret[target->index];
    const size_t before = found.n;

    compare (verify, target, &found);
    ret->verified = found.n == before;
    if (copying->transfer->checksum && ret->checksum[0] == '\0')
      blkhash_whole (target->hash, ret->checksum);
  }
  if (found.n == 0)
    return 0;
  tell_journal (verify, &journal);
  report (verify, &found, err);
  error_details (err, &journal.detail);
  if (journal.hint != NULL)
    error_add_hint (err, journal.hint);
  return -1;
}

static int
read_back (struct verify *verify, struct error *err)
{
  events_say (verify->copying->context->events, EVENT_MESSAGE, -1,
              _("Verifying"));
  if (copy_run (verify->disks, verify->n, "verify", NULL,
                verify->copying->context, verify->results, err) == -1) {
    error_wrap (err, _("reading the target back"));
    /* Its first client was the copy. */
    if (err->reason == REASON_UNREACHABLE)
      error_hint (err, _("everything was copied, but could not be compared: "
                         "is this an NBD server that ends with its first "
                         "client (qemu-nbd without --persistent)?"));
    return -1;
  }
  return compare_all (verify, err);
}

int
verify_run (const struct copying *copying, struct error *err)
{
  struct output *output = copying->transfer->output;
  struct verify verify = {
    .copying = copying,
    .disks = alloc_zero ((copying->n + 1) * sizeof *verify.disks, err),
    .results = alloc_zero ((copying->n + 1) * sizeof *verify.results, err),
  };
  int r = error_is_set (err) ? -1 : output_close (output, err);

  if (r == 0)
    r = choose (&verify, err);
  if (r == 0 && verify.n > 0)
    r = read_back (&verify, err);
  for (unsigned i = 0; i < verify.n; i++)
    blkhash_free (verify.disks[i].hash);
  free (verify.disks);
  free (verify.results);
  return r;
}
