/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What becomes of data that a worker has read, and of what nobody needs to
 * read: zeroes, and what the target has already.  They go to the target, the
 * hash, the counters and the map, and their request is done.  How a target
 * writes is left to lib/target.
 */

#include <config.h>

#include <string.h>
#include <sys/param.h>

#include "base/ranges.h"
#include "copy/blkhash.h"
#include "copy/deliver.h"
#include "copy/queue.h"
#include "copy/run.h"
#include "copy/zero.h"
#include "target/target.h"

static int
segment_done (struct copy_job *job, const struct request *request,
              struct error *err)
{
  struct segment *segment = queue_done (job->queue, request);
  struct target *target = job->disk->target;

  if (segment == NULL)
    return 0;
  if (target != NULL &&
      target_settle (target, segment->len, segment->offset, err) == -1)
    return -1;
  queue_segment_done (job->queue, segment);
  return 0;
}

/* DATA NULL: zeroes. */
static int
request_done (struct copy_job *job, const struct request *request,
              const char *data, struct error *err)
{
  struct blkhash *hash = atomic_load (&job->has_cloned) ? NULL
    : job->disk->hash;

  if (hash != NULL && blkhash_add (hash, data, request->len, request->offset,
                                   err) == -1)
    return -1;
  atomic_fetch_add (&job->counters.done, request->len);
  return segment_done (job, request, err);
}

static int
deliver_cloned (struct copy_job *job, const struct request *request,
                struct error *err)
{
  atomic_fetch_add (&job->counters.written, request->len);
  atomic_fetch_add (&job->counters.cloned, request->len);
  copy_map_add (&job->map, COPY_MAP_DATA, request->offset, request->len);
  return request_done (job, request, NULL, err);
}

static int
deliver_zero (struct copy_job *job, const struct request *request,
              struct error *err)
{
  const bool unused = request->kind == PIECE_UNUSED;
  struct target *target = job->disk->target;

  if (target != NULL &&
      target_zero (target, request->len, request->offset, err) == -1)
    return -1;
  atomic_fetch_add (unused ? &job->counters.unused : &job->counters.zero,
                    request->len);
  copy_map_add (&job->map, unused ? COPY_MAP_UNUSED : COPY_MAP_ZERO,
                request->offset, request->len);
  return request_done (job, request, NULL, err);
}

int
deliver_unread (struct copy_job *job, const struct request *request,
                struct error *err)
{
  return request->kind == PIECE_CLONED ? deliver_cloned (job, request, err)
    : deliver_zero (job, request, err);
}

static enum copy_map_kind
map_kind (const struct request *request)
{
  return request->kind == PIECE_OVERLAY ? COPY_MAP_OVERLAY : COPY_MAP_DATA;
}

static int
write_data (struct copy_job *job, const struct request *request,
            const char *data, struct error *err)
{
  struct target *target = job->disk->target;
  struct counters *counters = &job->counters;
  const uint32_t granule = target_granule (target);
  uint32_t pos = 0;

  while (pos < request->len) {
    const uint64_t offset = request->offset + pos;
    bool zero;
    const uint32_t run = (uint32_t)
      zero_run (data + pos, request->len - pos, offset, granule, &zero);

    if (zero ? target_zero (target, run, offset, err) == -1
             : target_write (target, data + pos, run, offset, err) == -1)
      return -1;
    atomic_fetch_add (zero ? &counters->zero : &counters->written, run);
    copy_map_add (&job->map, zero ? COPY_MAP_ZERO : map_kind (request),
                  offset, run);
    pos += run;
  }
  return 0;
}

/* Ranges that are too short to be left out are the same everywhere, so that
 * what was stored does not depend on how it was read.
 */
static void
clear_unused (const struct copy_disk *disk, const struct request *request,
              char *data)
{
  const struct ranges *unused = disk->unused;
  const uint64_t end = request->offset + request->len;

  if (unused == NULL || !piece_is_of_base (request->kind))
    return;
  for (size_t i = ranges_find (unused, request->offset); i < unused->len &&
         unused->ptr[i].offset < end; i++) {
    const struct range *range = &unused->ptr[i];
    const uint64_t from = MAX (range->offset, request->offset);
    const uint64_t to = MIN (range->offset + range->len, end);

    memset (data + (from - request->offset), 0, to - from);
  }
}

int
deliver_data (struct copy_job *job, const struct request *request,
              char *data, struct error *err)
{
  clear_unused (job->disk, request, data);
  if (job->disk->target == NULL)
    copy_map_add (&job->map, map_kind (request), request->offset,
                  request->len);
  else if (write_data (job, request, data, err) == -1)
    return -1;
  return request_done (job, request, data, err);
}
