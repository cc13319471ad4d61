/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Readers of logical volumes that consist of linear and striped segments, as
 * the kernel's dm-linear and dm-stripe lay them out: chunk 0 of a segment is
 * on its first stripe, chunk 1 on the second, and so on.  That the layout is
 * valid, has been seen to by lvm-group.c.
 *
 * Consecutive bytes of a segment are consecutive on each of its stripes, too:
 * whatever the size of the chunks, they are one range for each stripe.
 */

#include <config.h>

#include <stdlib.h>

#include "base/alloc.h"
#include "base/error.h"
#include "filesystem/lvm.h"
#include "filesystem/lvm-volume.h"
#include "io/reader.h"

struct volume_reader {
  struct reader base;
  struct reader *const *disks;
  unsigned n_disks;             /* up to the last one that it lies on */
  struct lvm_layout layout;
};

/* The segment that has byte OFFSET, which is below the size. */
static const struct lvm_segment *
segment_at (const struct lvm_layout *layout, uint64_t offset)
{
  size_t low = 0, high = layout->segments.len;

  while (high - low > 1) {
    const size_t middle = low + (high - low) / 2;

    if (layout->segments.ptr[middle].start <= offset)
      low = middle;
    else
      high = middle;
  }
  return &layout->segments.ptr[low];
}

/* How many of the first OFFSET bytes of a segment are on its stripe I. */
static uint64_t
bytes_on (const struct lvm_segment *segment, size_t i, uint64_t offset)
{
  const uint64_t row = segment->chunk * segment->n;
  const uint64_t rest = offset % row, before = segment->chunk * i;

  return offset / row * segment->chunk +
    (rest <= before ? 0
     : rest - before < segment->chunk ? rest - before : segment->chunk);
}

/* What of RANGE is in SEGMENT, as bytes of it. */
static struct range
cut (const struct lvm_segment *segment, struct range range)
{
  const uint64_t offset = range.offset - segment->start;
  const uint64_t left = segment->len - offset;

  return (struct range) { offset, range.len < left ? range.len : left };
}

/*--- Reading. ---*/

/* Up to the end of a chunk. */
static int
read_piece (const struct volume_reader *volume,
            const struct lvm_segment *segment, char *buf, struct range *piece,
            struct error *err)
{
  const uint64_t chunk = piece->offset / segment->chunk;
  const uint64_t inside = piece->offset % segment->chunk;
  const struct lvm_stripe *stripe =
    &volume->layout.stripes.ptr[segment->first + chunk % segment->n];

  if (piece->len > segment->chunk - inside)
    piece->len = segment->chunk - inside;
  return reader_pread (volume->disks[stripe->disk], buf, piece->len,
                       stripe->offset + chunk / segment->n * segment->chunk +
                       inside, err);
}

static int
volume_pread (struct reader *base, void *buf, size_t len, uint64_t offset,
              struct error *err)
{
  const struct volume_reader *volume = (struct volume_reader *) base;
  char *at = buf;

  while (len > 0) {
    const struct lvm_segment *segment = segment_at (&volume->layout, offset);
    struct range piece = cut (segment, (struct range) { offset, len });

    if (read_piece (volume, segment, at, &piece, err) == -1)
      return -1;
    at += piece.len;
    len -= piece.len;
    offset += piece.len;
  }
  return 0;
}

static void
volume_free (struct reader *base)
{
  struct volume_reader *volume = (struct volume_reader *) base;

  lvm_layout_reset (&volume->layout);
  free (volume);
}

/*--- Where it is. ---*/

/* Of segment's bytes PIECE, those on its stripe I. */
static struct range
on_stripe (const struct lvm_layout *layout, const struct lvm_segment *segment,
           size_t i, struct range piece)
{
  const uint64_t begin = bytes_on (segment, i, piece.offset);

  return (struct range) {
    layout->stripes.ptr[segment->first + i].offset + begin,
    bytes_on (segment, i, piece.offset + piece.len) - begin,
  };
}

static int
map (const struct volume_reader *volume, struct range range,
     struct ranges *ret, struct error *err)
{
  const struct lvm_layout *layout = &volume->layout;

  while (range.len > 0) {
    const struct lvm_segment *segment = segment_at (layout, range.offset);
    const struct range piece = cut (segment, range);

    for (size_t i = 0; i < segment->n; i++)
      if (ranges_add (&ret[layout->stripes.ptr[segment->first + i].disk],
                      on_stripe (layout, segment, i, piece)) == -1)
        return error_nomem (err);
    range.offset += piece.len;
    range.len -= piece.len;
  }
  return 0;
}

int
lvm_map (const struct lvm_volume *volume, struct range range,
         struct ranges *ret, struct error *err)
{
  return map ((const struct volume_reader *) volume->reader, range, ret, err);
}

/* A disk keeps only what it was told of last: each is told once of all that
 * will be read of it.
 */
static int
volume_prefetch (struct reader *base, const struct ranges *ranges,
                 struct error *err)
{
  const struct volume_reader *volume = (struct volume_reader *) base;
  struct ranges *there = alloc_zero (volume->n_disks * sizeof *there, err);
  int r = 0;

  if (there == NULL)
    return -1;
  for (size_t i = 0; i < ranges->len && r == 0; i++)
    r = map (volume, ranges->ptr[i], there, err);
  for (unsigned i = 0; i < volume->n_disks; i++) {
    if (r == 0)
      r = reader_prefetch (volume->disks[i], &there[i], err);
    ranges_reset (&there[i]);
  }
  free (there);
  return r;
}

/*--- Making it. ---*/

/* What follows from its disks. */
static void
look_at_disks (struct volume_reader *volume)
{
  for (size_t i = 0; i < volume->layout.stripes.len; i++) {
    const unsigned disk = volume->layout.stripes.ptr[i].disk;

    if (volume->n_disks <= disk)
      volume->n_disks = disk + 1;
    if (volume->disks[disk]->prefetch != NULL)
      volume->base.prefetch = volume_prefetch;
    if (volume->disks[disk]->remote)
      volume->base.remote = true;
  }
}

struct reader *
lvm_volume_new (struct reader *const *disks, struct lvm_layout *layout,
                struct error *err)
{
  const struct lvm_segment *last =
    &layout->segments.ptr[layout->segments.len - 1];
  struct volume_reader *volume = alloc_zero (sizeof *volume, err);

  if (volume == NULL)
    return NULL;
  *volume = (struct volume_reader) {
    .base = {
      .size = last->start + last->len,
      .pread = volume_pread, .free = volume_free,
    },
    .disks = disks,
    .layout = *layout,
  };
  *layout = (struct lvm_layout) { .segments = { .ptr = NULL } };
  look_at_disks (volume);
  return &volume->base;
}

void
lvm_layout_reset (struct lvm_layout *layout)
{
  lvm_segments_reset (&layout->segments);
  lvm_stripes_reset (&layout->stripes);
}
