/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_PIECES_H
#define V2V_PIECES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vector.h"

struct ranges;

/* Where bytes are read from. */
enum side { BASE, OVERLAY, SIDES };

/* A list of extents without gaps, up to END.  What `set' means depends on the
 * list: the extent is zero, or allocated.
 */
struct extent {
  uint64_t end;
  bool set;
};
DEFINE_VECTOR (struct extent_vector, extent_vector, struct extent);
struct extents {
  uint64_t end;                 /* of the last extent */
  struct extent_vector list;
};
extern void extents_begin (struct extents *, uint64_t start);
/* Append [OFFSET, OFFSET+LEN) as far as it continues the list.  Set extents
 * shorter than MIN_LEN count as not set.
 */
extern int extents_append (struct extents *, uint64_t offset, uint64_t len,
                           bool set, uint64_t min_len);
extern void extents_reset (struct extents *);

enum piece_kind {
  PIECE_ZERO,
  PIECE_UNUSED,                 /* not read: zeroes, whatever the base has */
  PIECE_CLONED,                 /* the target has it already */
  PIECE_BASE,                   /* read from base_uri */
  PIECE_KEPT,                   /* the same bytes, read from overlay_uri */
  PIECE_OVERLAY,                /* read from overlay_uri */
};
struct piece {
  uint64_t offset, len;
  enum piece_kind kind;
};
static inline bool
piece_is_read (enum piece_kind kind)
{
  return kind >= PIECE_BASE;
}
static inline bool
piece_is_of_base (enum piece_kind kind)
{
  return kind == PIECE_BASE || kind == PIECE_KEPT;
}
DEFINE_VECTOR (struct pieces, pieces, struct piece);

/* What servers list of a range. */
enum map { BASE_ZERO, OVERLAY_ZERO, ALLOCATED, WRITTEN, MAPS };

/* The pieces of [OFFSET, END).  Where ALLOCATED is set they are zero if
 * OVERLAY_ZERO is set, else read from the overlay, which has kept there what
 * the base has unless WRITTEN is set, too; elsewhere they are zero if
 * BASE_ZERO is set, else read from the base.
 */
extern int plan_pieces (uint64_t offset, uint64_t end,
                        const struct extents maps[MAPS], struct pieces *ret);

/* Append PIECES to RET, without reading what the base has in UNUSED, except in
 * ranges shorter than MIN_LEN, which would cut reads into too many.  *FIRST is
 * the first of these ranges that does not end before PIECES; it is moved for
 * the next call.
 */
extern int plan_leave_out (const struct pieces *, const struct ranges *unused,
                           uint64_t min_len, size_t *first,
                           struct pieces *ret);

/* Append the parts of PIECES that lie in RANGES to RET.  *FIRST is the first
 * range that does not end before PIECES; it is moved as well.
 */
extern int plan_select (const struct pieces *, const struct ranges *,
                        size_t *first, struct pieces *ret);

#endif /* V2V_PIECES_H */
