/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "context.h"
#include "copy/blkhash.h"
#include "copy/copy.h"
#include "launch/launch.h"
#include "output/output.h"
#include "output/readback.h"
#include "settings.h"
#include "target/target.h"
#include "transfer/resume.h"
#include "transfer/transfer-request.h"
#include "transfer/verify.h"

/* A server on this host, or one that was just written to. */
static const struct copy_limits limits = {
  .first_connections = 2, .max_connections = 4, .max_in_flight = 8,
  .first_request = 512 << 10, .max_request = 2 << 20,
};

struct verify {
  const struct verify_request *request;
  const struct launch_context *context;
  struct copy_disk *disks;      /* the targets, as something to be read */
  struct copy_result *results;
  unsigned n;                   /* that are read back */
  struct transfer_disk *ret;
};

static struct copy_settings
copy_settings (const struct verify *verify)
{
  const struct settings *settings = verify->context->settings;

  return (struct copy_settings) {
    .parallel = settings->parallel,
    .retries = settings->retries,
    .stall_timeout_s = settings->stall_timeout_s,
    .phase = "verify",
  };
}

static int
add_disk (struct verify *verify, unsigned index, bool whole,
          struct error *err)
{
  const struct verify_request *request = verify->request;
  struct copy_disk *disk = &verify->disks[verify->n];

  *disk = (struct copy_disk) {
    .index = (int) index,
    .base_uri = output_serve (request->output, index, request->socket_dir,
                              err),
    .size = request->disks[index].size,
    .limits = limits,
  };
  if (disk->base_uri == NULL)
    return -1;
  disk->hash = blkhash_new (disk->size, whole, err);
  verify->n++;
  return disk->hash != NULL ? 0 : -1;
}

/* The disks that have to be read back. */
static int
choose (struct verify *verify, struct error *err)
{
  const struct verify_request *request = verify->request;

  for (unsigned i = 0; i < request->n; i++) {
    struct transfer_disk *ret = &verify->ret[i];
    const bool missing = request->checksum &&
      !blkhash_whole (request->disks[i].hash, ret->checksum);

    if (output_target (request->output, i) == NULL)
      continue;                 /* nothing was written */
    if ((request->verify || missing) &&
        add_disk (verify, i, missing, err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  }
  return 0;
}

/* The offset of the first byte that differs from the source, which is read
 * once more for that; or of the chunk.
 */
static uint64_t
locate (struct verify *verify, const struct copy_disk *target, size_t chunk)
{
  const struct copy_disk *source =
    &verify->request->disks[target->index];
  const uint64_t offset = chunk * COPY_CHUNK, left = source->size - offset;
  struct copy_range range = { offset, left < COPY_CHUNK ? left : COPY_CHUNK };
  const struct copy_ranges ranges = { .ptr = &range, .len = 1, .cap = 1 };
  const struct copy_settings settings = copy_settings (verify);
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  struct copy_disk disk = *source;
  struct copy_result result;
  uint64_t ret = offset;

  disk.ranges = &ranges;
  disk.hash = NULL;
  disk.target = target_compare_new (target->base_uri, source->size, &ignored);
  if (disk.target == NULL)
    return offset;
  if (copy_run (&disk, 1, &settings, verify->context->supervisor,
                verify->context->events, &result, &ignored) == 0 &&
      target_compare_first (disk.target) != UINT64_MAX)
    ret = target_compare_first (disk.target);
  target_free (disk.target);
  return ret;
}

static int
report_difference (struct verify *verify, const struct copy_disk *target,
                   size_t chunk, struct error *err)
{
  const unsigned index = (unsigned) target->index;
  const uint64_t offset = locate (verify, target, chunk);
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  resume_forget_chunk (verify->request->resume, index, chunk);
  resume_save (verify->request->resume, &ignored);
  error_set (err, REASON_VERIFY,
             _("%s differs from what was read, at offset %" PRIu64),
             output_target (verify->request->output, index), offset);
  error_hint (err, _("the storage or the way to it changes data: check its "
                     "logs before it is used again"));
  err->disk = (int) index;
  return -1;
}

static int
compare (struct verify *verify, const struct copy_disk *target,
         struct error *err)
{
  const struct blkhash *copied =
    verify->request->disks[target->index].hash;

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
  const struct copy_settings settings = copy_settings (verify);

  if (copy_run (verify->disks, verify->n, &settings,
                verify->context->supervisor, verify->context->events,
                verify->results, err) == -1) {
    error_wrap (err, _("reading the target back"));
    return -1;
  }
  for (unsigned i = 0; i < verify->n; i++) {
    const struct copy_disk *target = &verify->disks[i];
    struct transfer_disk *ret = &verify->ret[target->index];

    if (compare (verify, target, err) == -1)
      return -1;
    ret->verified = true;
    if (verify->request->checksum && ret->checksum[0] == '\0')
      blkhash_whole (target->hash, ret->checksum);
  }
  return 0;
}

static int
run (struct verify *verify, struct error *err)
{
  if (verify->disks == NULL || verify->results == NULL)
    return error_nomem (err);
  if (choose (verify, err) == -1)
    return -1;
  return verify->n == 0 ? 0 : read_back (verify, err);
}

int
verify_run (const struct verify_request *request,
            const struct launch_context *context, struct transfer_disk *ret,
            struct error *err)
{
  struct verify verify = {
    .request = request, .context = context, .ret = ret,
    .disks = calloc (request->n + 1, sizeof *verify.disks),
    .results = calloc (request->n + 1, sizeof *verify.results),
  };
  int r = output_close (request->output, err);

  if (r == 0)
    r = run (&verify, err);
  for (unsigned i = 0; i < verify.n; i++) {
    output_unserve (request->output, (unsigned) verify.disks[i].index);
    blkhash_free (verify.disks[i].hash);
  }
  free (verify.disks);
  free (verify.results);
  return r;
}
