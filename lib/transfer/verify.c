/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Chooses the disks to be read back, and compares their digests chunk by
 * chunk.  Reading is left to the copy engine, serving the targets to
 * output.c.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "copy/blkhash.h"
#include "copy/copy.h"
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

static int
add_disk (struct verify *verify, unsigned index, bool whole,
          struct error *err)
{
  const struct transfer *transfer = verify->copying->transfer;
  struct copy_disk *disk = &verify->disks[verify->n];

  *disk = (struct copy_disk) {
    .index = (int) index,
    .base_uri = output_serve (transfer->output, index,
                              launch_dir (transfer->launch), err),
    .size = verify->copying->disks[index].size,
    .limits = limits,
  };
  if (disk->base_uri == NULL)
    return -1;
  disk->hash = blkhash_new (disk->size, whole, err);
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
  struct copy_range range = { offset, left < COPY_CHUNK ? left : COPY_CHUNK };
  const struct copy_ranges ranges = { .ptr = &range, .len = 1, .cap = 1 };
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

static int
report_difference (struct verify *verify, const struct copy_disk *target,
                   size_t chunk, struct error *err)
{
  const struct transfer *transfer = verify->copying->transfer;
  const unsigned index = (unsigned) target->index;
  const uint64_t offset = locate (verify, target, chunk);
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  resume_forget_chunk (transfer->resume, index, chunk);
  resume_save (transfer->resume, &ignored);
  error_set (err, REASON_VERIFY,
             _("%s differs from what was read, at offset %" PRIu64),
             output_target (transfer->output, index), offset);
  error_hint (err, _("the storage, or the connection to it, corrupts data: "
                     "check the storage's logs before using it again"));
  err->disk = (int) index;
  return -1;
}

static int
compare (struct verify *verify, const struct copy_disk *target,
         struct error *err)
{
  const struct blkhash *copied = verify->copying->disks[target->index].hash;

  for (size_t i = 0; i * COPY_CHUNK < target->size; i++) {
    const uint8_t *wanted = blkhash_chunk (copied, i);
    const uint8_t *found = blkhash_chunk (target->hash, i);

    if (wanted == NULL || found == NULL ||
        memcmp (wanted, found, BLKHASH_BYTES) != 0)
      return report_difference (verify, target, i, err);
  }
  return 0;
}

static int
read_back (struct verify *verify, struct error *err)
{
  const struct copying *copying = verify->copying;

  if (copy_run (verify->disks, verify->n, "verify", NULL, copying->context,
                verify->results, err) == -1) {
    error_wrap (err, _("reading the target back"));
    return -1;
  }
  for (unsigned i = 0; i < verify->n; i++) {
    const struct copy_disk *target = &verify->disks[i];
    struct transfer_disk *ret = &copying->ret[target->index];

    if (compare (verify, target, err) == -1)
      return -1;
    ret->verified = true;
    if (copying->transfer->checksum && ret->checksum[0] == '\0')
      blkhash_whole (target->hash, ret->checksum);
  }
  return 0;
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
