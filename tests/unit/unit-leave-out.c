/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the guest does not use is left out of what the base has, wherever that
 * is read, and of nothing else: single cases, and many random ones, byte by
 * byte, in windows as the lister has them.
 */

#undef NDEBUG
#include <config.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/ranges.h"
#include "copy/pieces.h"
#include "copy/queue.h"
#include "io/wake.h"

#define MIB (UINT64_C (1) << 20)
#define SIZE 200

static void
test_cases (void)
{
  static const struct piece expected[] = {
    { 0, 10, PIECE_BASE }, { 10, 20, PIECE_UNUSED }, { 30, 10, PIECE_ZERO },
    { 40, 10, PIECE_OVERLAY }, { 50, 15, PIECE_UNUSED },
    { 65, 35, PIECE_BASE }, { 100, 50, PIECE_UNUSED },
  };
  /* Some are too short. */
  struct range list[] = { { 2, 4 }, { 10, 55 }, { 68, 4 }, { 100, 100 } };
  const struct ranges unused = { .ptr = list, .len = 4, .cap = 4 };
  struct pieces pieces = { .ptr = NULL }, kept = { .ptr = NULL };
  size_t first = 0;

  pieces_append (&pieces, (struct piece) { 0, 30, PIECE_BASE });
  pieces_append (&pieces, (struct piece) { 30, 10, PIECE_ZERO });
  pieces_append (&pieces, (struct piece) { 40, 10, PIECE_OVERLAY });
  pieces_append (&pieces, (struct piece) { 50, 10, PIECE_KEPT });
  pieces_append (&pieces, (struct piece) { 60, 90, PIECE_BASE });
  assert (plan_leave_out (&pieces, &unused, 5, &first, &kept) == 0);
  assert (first == 3);          /* it reaches into the next window */
  assert (kept.len == sizeof expected / sizeof expected[0]);
  for (size_t i = 0; i < kept.len; i++)
    assert (kept.ptr[i].offset == expected[i].offset &&
            kept.ptr[i].len == expected[i].len &&
            kept.ptr[i].kind == expected[i].kind);
  pieces_reset (&pieces);
  pieces_reset (&kept);
}

/* Sorted, with gaps; MARKED is what those hold that are not shorter than
 * MIN_LEN.
 */
static void
random_ranges (struct ranges *ret, uint64_t min_len, bool marked[SIZE])
{
  uint64_t offset = (uint64_t) (rand () % 20);

  memset (marked, 0, SIZE);
  while (offset < SIZE) {
    uint64_t len = 1 + (uint64_t) (rand () % 30);

    if (len > SIZE - offset)
      len = SIZE - offset;
    ranges_append (ret, (struct range) { offset, len });
    if (len >= min_len)
      memset (marked + offset, 1, len);
    offset += len + 1 + (uint64_t) (rand () % 30);
  }
}

static void
random_pieces (uint64_t offset, uint64_t end, struct pieces *ret,
               enum piece_kind kinds[SIZE])
{
  static const enum piece_kind some[] = {
    PIECE_ZERO, PIECE_BASE, PIECE_KEPT, PIECE_OVERLAY };

  while (offset < end) {
    const enum piece_kind kind = some[rand () % 4];
    uint64_t len = 1 + (uint64_t) (rand () % 40);

    if (len > end - offset)
      len = end - offset;
    pieces_append (ret, (struct piece) { offset, len, kind });
    while (len-- > 0)
      kinds[offset++] = kind;
  }
}

static void
check_piece (const struct piece *piece, const bool unused[SIZE],
             const bool wanted[SIZE], const enum piece_kind kinds[SIZE],
             bool seen[SIZE])
{
  assert (piece->len > 0 && piece->offset + piece->len <= SIZE);
  for (uint64_t i = piece->offset; i < piece->offset + piece->len; i++) {
    assert (!seen[i] && wanted[i]);
    seen[i] = true;
    assert (piece->kind == (piece_is_of_base (kinds[i]) && unused[i]
                            ? PIECE_UNUSED : kinds[i]));
  }
}

/* As the lister does: first what is unused is left out, then the parts that
 * are missing in the journal are selected.
 */
static void
test_random (void)
{
  struct ranges unused = { .ptr = NULL }, wanted = { .ptr = NULL };
  bool is_unused[SIZE], is_wanted[SIZE], seen[SIZE] = { false };
  enum piece_kind kinds[SIZE];
  struct pieces pieces = { .ptr = NULL }, kept = { .ptr = NULL },
    selected = { .ptr = NULL };
  const uint64_t min_len = (uint64_t) (rand () % 12);
  size_t first = 0, delivered = 0;

  random_ranges (&unused, min_len, is_unused);
  random_ranges (&wanted, 0, is_wanted);
  for (uint64_t offset = 0; offset < SIZE; offset += 50) {
    pieces.len = kept.len = selected.len = 0;
    random_pieces (offset, offset + 50, &pieces, kinds);
    assert (plan_leave_out (&pieces, &unused, min_len, &first, &kept) == 0);
    assert (plan_select (&kept, &wanted, &delivered, &selected) == 0);
    for (size_t i = 0; i < selected.len; i++)
      check_piece (&selected.ptr[i], is_unused, is_wanted, kinds, seen);
  }
  assert (memcmp (seen, is_wanted, SIZE) == 0);
  ranges_reset (&unused);
  ranges_reset (&wanted);
  pieces_reset (&pieces);
  pieces_reset (&kept);
  pieces_reset (&selected);
}

/* What is not read is cut as zeroes are: in few large requests. */
static void
test_queue (void)
{
  struct error err = ERROR_INIT;
  struct queue *queue = queue_new (false, &err);
  struct pieces pieces = { .ptr = NULL };
  struct request request;
  struct wake wake;
  unsigned requests = 0, segments = 0;
  int wait_ms = 1000;

  assert (queue != NULL && wake_init (&wake, &err) == 0);
  pieces_append (&pieces, (struct piece) { 0, 320 * MIB, PIECE_UNUSED });
  assert (queue_push (queue, &pieces, &err) == 0);
  queue_end (queue);
  while (queue_take (queue, 1 << 20, &wake, &request, &wait_ms) == 1) {
    struct segment *segment = queue_done (queue, &request);

    assert (request.kind == PIECE_UNUSED && request.len == 32 * MIB);
    requests++;
    if (segment != NULL) {
      queue_segment_done (queue, segment);
      segments++;
    }
  }
  assert (requests == 10 && segments == 1);
  queue_free (queue);
  pieces_reset (&pieces);
  wake_reset (&wake);
}

int
main (void)
{
  const char *seed = getenv ("V2V_TEST_SEED");

  srand (seed != NULL ? (unsigned) strtoul (seed, NULL, 10) : 18);
  test_cases ();
  for (unsigned i = 0; i < 2000; i++)
    test_random ();
  test_queue ();
  return 0;
}
