/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A copy of the source that was made while it was converted becomes a copy of
 * the converted disk: what the overlay holds is copied over it, block by block.
 * The chunks that are touched by that are not stored any more for the journal,
 * so that a run that is killed meanwhile leaves nothing to believe in them.
 * Copying is left to ahead.c and copying.c.
 *
 * A chunk keeps the digests of its other blocks, if they are known.  Of what an
 * earlier run has stored they are not: then all of the chunk is copied.
 */

#include <config.h>

#include <sys/param.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/ranges.h"
#include "copy/blkhash.h"
#include "copy/disk.h"
#include "launch/overlay.h"
#include "transfer/copied.h"
#include "transfer/resume.h"

struct copied_disk {
  bool holds;
  struct ranges written;        /* by the conversion, in whole blocks */
  bool *in_part;                /* chunks whose other blocks hold; or NULL */
};

struct copied {
  unsigned n;
  bool begun;
  struct copied_disk *disks;
};

static void
set_holds (struct copied *copied, bool holds)
{
  for (unsigned i = 0; i < copied->n; i++)
    copied->disks[i].holds = holds;
}

struct copied *
copied_new (unsigned n, bool holds, struct error *err)
{
  struct copied *copied = alloc_zero (sizeof *copied, err);

  if (copied == NULL)
    return NULL;
  copied->n = n;
  copied->disks = alloc_zero ((n + 1) * sizeof *copied->disks, err);
  if (copied->disks == NULL) {
    free (copied);
    return NULL;
  }
  set_holds (copied, holds);
  return copied;
}

void
copied_free (struct copied *copied)
{
  if (copied == NULL)
    return;
  for (unsigned i = 0; i < copied->n; i++) {
    ranges_reset (&copied->disks[i].written);
    free (copied->disks[i].in_part);
  }
  free (copied->disks);
  free (copied);
}

void
copied_begin (struct copied *copied)
{
  copied->begun = true;
}

void
copied_hold (struct copied *copied)
{
  set_holds (copied, true);
}

void
copied_drop (struct copied *copied)
{
  set_holds (copied, false);
}

bool
copied_has_begun (const struct copied *copied)
{
  return copied->begun;
}

bool
copied_holds (const struct copied *copied, unsigned index)
{
  return copied->disks[index].holds;
}

/*--- What the conversion has written. ---*/

/* The blocks that RANGE touches, of a disk of SIZE bytes. */
static struct range
whole_blocks (struct range range, uint64_t size)
{
  const uint64_t begin = range.offset / BLKHASH_BLOCK * BLKHASH_BLOCK;
  const uint64_t end = (range.offset + range.len + BLKHASH_BLOCK - 1) /
    BLKHASH_BLOCK * BLKHASH_BLOCK;

  return (struct range) { begin, MIN (end, size) - begin };
}

/* Two ranges may touch the same block. */
static int
add_blocks (struct ranges *ranges, struct range range)
{
  const uint64_t done = ranges->len == 0 ? 0
    : ranges->ptr[ranges->len - 1].offset + ranges->ptr[ranges->len - 1].len;
  const uint64_t end = range.offset + range.len;
  const uint64_t begin = MAX (range.offset, done);

  return end <= begin ? 0
    : ranges_add (ranges, (struct range) { begin, end - begin });
}

static int
list_written (struct copied_disk *disk, const struct overlays *overlays,
              unsigned index, uint64_t size, struct error *err)
{
  struct ranges listed = { .ptr = NULL };
  int r = overlay_list_written (overlays, index, size, &listed, err);

  for (size_t i = 0; r == 0 && i < listed.len; i++)
    if (add_blocks (&disk->written, whole_blocks (listed.ptr[i],
                                                  size)) == -1)
      r = error_nomem (err);
  ranges_reset (&listed);
  return r;
}

/* What of chunk I lies in range number K of those that were written.  False:
 * nothing.
 */
static bool
written_part (const struct copied_disk *disk, size_t i, size_t k,
              struct range *ret)
{
  const uint64_t begin = i * COPY_CHUNK, end = begin + COPY_CHUNK;
  const struct range *range;

  if (k >= disk->written.len || disk->written.ptr[k].offset >= end)
    return false;
  range = &disk->written.ptr[k];
  ret->offset = MAX (range->offset, begin);
  ret->len = MIN (range->offset + range->len, end) - ret->offset;
  return true;
}

/* How many bytes of chunk I were written. */
static uint64_t
written_in (const struct copied_disk *disk, size_t i)
{
  struct range part;
  uint64_t bytes = 0;

  for (size_t k = ranges_find (&disk->written, i * COPY_CHUNK);
       written_part (disk, i, k, &part); k++)
    bytes += part.len;
  return bytes;
}

static void
forget_written (struct copied_disk *disk, struct resume *resume,
                unsigned index, size_t n)
{
  const struct blkhash *hash = resume_hash (resume, index);

  for (size_t i = 0; i < n; i++) {
    if (!resume_is_stored (resume, index, i) || written_in (disk, i) == 0)
      continue;
    disk->in_part[i] = hash == NULL || blkhash_has_blocks (hash, i);
    resume_forget_chunk (resume, index, i);
  }
}

static size_t
count_chunks (uint64_t size)
{
  return (size_t) (size / COPY_CHUNK + (size % COPY_CHUNK != 0));
}

int
copied_convert (struct copied *copied, const struct overlays *overlays,
                struct resume *resume, unsigned index, uint64_t size,
                enum resume_digests digests, struct error *err)
{
  struct copied_disk *disk = &copied->disks[index];
  const size_t n = count_chunks (size);

  /* Another size, or another image, that the command has made. */
  disk->holds &= resume_size (resume, index) == size &&
    !overlay_is_whole (overlays, index);
  if (!disk->holds)
    return resume_renew_disk (resume, index, size, digests, err);
  /* Of what an earlier run has copied the digests may be other ones. */
  if (resume_continues (resume) &&
      resume_set_disk (resume, index, size, digests, err) == -1)
    return -1;
  disk->in_part = alloc_zero ((n + 1) * sizeof *disk->in_part, err);
  if (disk->in_part == NULL ||
      list_written (disk, overlays, index, size, err) == -1)
    return -1;
  forget_written (disk, resume, index, n);
  return 0;
}

/*--- What is missing. ---*/

static bool
is_in_part (const struct copied *copied, const struct resume *resume,
            unsigned index, size_t i)
{
  const struct copied_disk *disk = &copied->disks[index];
  const struct blkhash *hash = resume_hash (resume, index);

  return !resume_is_stored (resume, index, i) && disk->in_part != NULL &&
    disk->in_part[i] && (hash == NULL || blkhash_has_blocks (hash, i));
}

static int
add_written (const struct copied_disk *disk, size_t i, struct ranges *ret)
{
  struct range part;

  for (size_t k = ranges_find (&disk->written, i * COPY_CHUNK);
       written_part (disk, i, k, &part); k++)
    if (ranges_add (ret, part) == -1)
      return -1;
  return 0;
}

int
copied_missing (const struct copied *copied, const struct resume *resume,
                unsigned index, struct ranges *ret, struct error *err)
{
  const uint64_t size = resume_size (resume, index);

  ret->len = 0;
  for (size_t i = 0; i < count_chunks (size); i++) {
    const uint64_t offset = i * COPY_CHUNK;
    int r = 0;

    if (is_in_part (copied, resume, index, i))
      r = add_written (&copied->disks[index], i, ret);
    else if (!resume_is_stored (resume, index, i))
      r = ranges_add (ret, (struct range) {
          offset, MIN (COPY_CHUNK, size - offset) });
    if (r == -1)
      return error_nomem (err);
  }
  return 0;
}

int
copied_restore_hashes (const struct copied *copied,
                       const struct resume *resume, unsigned index,
                       struct error *err)
{
  const struct copied_disk *disk = &copied->disks[index];
  struct blkhash *hash = resume_hash (resume, index);
  const size_t n = count_chunks (resume_size (resume, index));

  for (size_t i = 0; hash != NULL && i < n; i++)
    if (is_in_part (copied, resume, index, i) &&
        blkhash_reopen (hash, i, written_in (disk, i), err) == -1)
      return -1;
  return 0;
}
