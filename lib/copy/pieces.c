/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From the extents that servers list to the pieces that are read, each from
 * one place.  Pure functions: the commands that list extents are left to
 * lister-query.c.
 */

#include <config.h>

#include <sys/param.h>

#include "base/ranges.h"
#include "copy/pieces.h"

/* More than a window can have once short extents have been joined: a server
 * that lists extents of less than 4 KiB causes an error, instead of using up
 * our memory.
 */
#define EXTENTS_MAX (UINT32_C (1) << 20)

void
extents_begin (struct extents *extents, uint64_t start)
{
  extents->end = start;
  extents->list.len = 0;        /* but its memory is used again */
}

void
extents_reset (struct extents *extents)
{
  extent_vector_reset (&extents->list);
}

int
extents_append (struct extents *extents, uint64_t offset, uint64_t len,
                bool set, uint64_t min_len)
{
  struct extent_vector *list = &extents->list;
  uint64_t end;

  if (__builtin_add_overflow (offset, len, &end) ||
      offset > extents->end || end <= extents->end)
    return 0;
  /* Of an extent that begins in an earlier answer only the rest is seen here.
   * It may be shorter than MIN_LEN although the whole is not; then a few bytes
   * more are read.
   */
  if (set && end - extents->end < min_len)
    set = false;
  extents->end = end;
  if (list->len > 0 && list->ptr[list->len - 1].set == set) {
    list->ptr[list->len - 1].end = end;
    return 0;
  }
  if (list->len >= EXTENTS_MAX) {
    errno = EOVERFLOW;
    return -1;
  }
  return extent_vector_append (list, (struct extent) {
      .end = end, .set = set });
}

/* A walk along a list.  What it does not cover is not set. */
struct cursor {
  const struct extents *extents;
  size_t i;
};

static bool
cursor_at (struct cursor *cursor, uint64_t offset, uint64_t *end)
{
  const struct extents *extents = cursor->extents;

  while (cursor->i < extents->list.len &&
         extents->list.ptr[cursor->i].end <= offset)
    cursor->i++;
  if (cursor->i == extents->list.len)
    return false;
  *end = MIN (*end, extents->list.ptr[cursor->i].end);
  return extents->list.ptr[cursor->i].set;
}

static int
add_piece (struct pieces *pieces, uint64_t offset, uint64_t end,
           enum piece_kind kind)
{
  struct piece *last = pieces->len > 0 ? &pieces->ptr[pieces->len - 1] : NULL;

  if (last != NULL && last->kind == kind &&
      last->offset + last->len == offset) {
    last->len = end - last->offset;
    return 0;
  }
  return pieces_append (pieces, (struct piece) {
      .offset = offset, .len = end - offset, .kind = kind });
}

int
plan_pieces (uint64_t offset, uint64_t end, const struct extents maps[MAPS],
             struct pieces *ret)
{
  struct cursor base = { &maps[BASE_ZERO], 0 };
  struct cursor depth = { &maps[ALLOCATED], 0 };
  struct cursor overlay = { &maps[OVERLAY_ZERO], 0 };
  struct cursor written = { &maps[WRITTEN], 0 };

  while (offset < end) {
    uint64_t next = end;
    enum piece_kind kind;

    if (cursor_at (&depth, offset, &next))
      kind = cursor_at (&overlay, offset, &next) ? PIECE_ZERO
        : cursor_at (&written, offset, &next) ? PIECE_OVERLAY : PIECE_KEPT;
    else
      kind = cursor_at (&base, offset, &next) ? PIECE_ZERO : PIECE_BASE;
    if (add_piece (ret, offset, next, kind) == -1)
      return -1;
    offset = next;
  }
  return 0;
}

static uint64_t
end_of (const struct range *range)
{
  return range->offset + range->len;
}

int
plan_leave_out (const struct pieces *pieces, const struct ranges *unused,
                uint64_t min_len, size_t *first, struct pieces *ret)
{
  for (size_t i = 0; i < pieces->len; i++) {
    const struct piece *piece = &pieces->ptr[i];
    const uint64_t end = piece->offset + piece->len;

    for (uint64_t offset = piece->offset, next; offset < end; offset = next) {
      enum piece_kind kind = piece->kind;
      uint64_t from, to;

      while (*first < unused->len &&
             (end_of (&unused->ptr[*first]) <= offset ||
              unused->ptr[*first].len < min_len))
        (*first)++;
      from = *first < unused->len ? unused->ptr[*first].offset : end;
      to = *first < unused->len ? end_of (&unused->ptr[*first]) : end;
      if (from <= offset && piece_is_of_base (kind))
        kind = PIECE_UNUSED;
      next = MIN (end, from <= offset ? to : from);
      if (add_piece (ret, offset, next, kind) == -1)
        return -1;
    }
  }
  return 0;
}

int
plan_select (const struct pieces *pieces, const struct ranges *ranges,
             size_t *first, struct pieces *ret)
{
  for (size_t i = 0; i < pieces->len; i++) {
    const struct piece *piece = &pieces->ptr[i];
    const uint64_t end = piece->offset + piece->len;

    for (; *first < ranges->len; (*first)++) {
      const struct range *range = &ranges->ptr[*first];
      const uint64_t range_end = range->offset + range->len;
      const uint64_t from = MAX (piece->offset, range->offset);
      const uint64_t to = MIN (end, range_end);

      if (from < to && add_piece (ret, from, to, piece->kind) == -1)
        return -1;
      if (range_end > end)      /* it may reach into the next piece */
        break;
    }
  }
  return 0;
}
