/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The pure parts of the copy engine: zero runs, extent lists, plans, the
 * queue's way of cutting, the tuner.
 */

#undef NDEBUG
#include <config.h>

#include <assert.h>
#include <string.h>

#include "base/error.h"
#include "copy/buffers.h"
#include "copy/limits.h"
#include "copy/pieces.h"
#include "copy/queue.h"
#include "copy/tune.h"
#include "copy/zero.h"
#include "io/wake.h"

#define KIB UINT64_C (1024)
#define MIB (KIB * 1024)

static void
test_zero_run (void)
{
  char buf[16384] = { 0 };
  bool zero;

  assert (is_zero (buf, sizeof buf) && is_zero (buf, 0) && is_zero (buf, 1));
  for (size_t i = 0; i < 40; i++) {
    buf[i] = 1;
    assert (!is_zero (buf, 40));
    buf[i] = 0;
  }
  buf[sizeof buf - 1] = 1;
  assert (!is_zero (buf, sizeof buf));
  assert (zero_run (buf, sizeof buf, 0, 4096, &zero) == 12288 && zero);
  assert (zero_run (buf + 12288, 4096, 12288, 4096, &zero) == 4096 && !zero);
  /* Blocks are aligned to the disk, not to the buffer. */
  assert (zero_run (buf, sizeof buf, 512, 4096, &zero) == 16384 - 512 && zero);
  assert (zero_run (buf, 100, 0, 65536, &zero) == 100 && zero);
}

static void
test_extents (void)
{
  struct extents e = { .end = 0 };

  extents_begin (&e, 100);
  assert (extents_append (&e, 100, 50, true, 0) == 0 && e.end == 150);
  assert (extents_append (&e, 100, 50, false, 0) == 0 && e.end == 150);
  assert (extents_append (&e, 120, 80, true, 0) == 0 && e.end == 200);
  assert (e.list.len == 1);
  assert (extents_append (&e, 300, 50, false, 0) == 0 && e.end == 200);
  assert (extents_append (&e, UINT64_MAX, 2, true, 0) == 0 && e.end == 200);
  assert (extents_append (&e, 200, 0, false, 0) == 0 && e.end == 200);
  assert (extents_append (&e, 200, 64, false, 0) == 0 && e.list.len == 2);
  assert (extents_append (&e, 264, 63, true, 64) == 0 && e.list.len == 2);
  assert (e.end == 327);
  extents_reset (&e);
}

static bool
same_piece (const struct piece *a, const struct piece *b)
{
  return a->offset == b->offset && a->len == b->len && a->kind == b->kind;
}

static void
test_plan (void)
{
  struct extents maps[MAPS] = { { .end = 0 } };
  struct pieces pieces = { .ptr = NULL };
  static const struct piece expected[] = {
    { 0, 10, PIECE_BASE }, { 10, 6, PIECE_OVERLAY }, { 16, 4, PIECE_KEPT },
    { 20, 30, PIECE_ZERO }, { 50, 50, PIECE_BASE },
  };

  extents_append (&maps[BASE_ZERO], 0, 5, false, 0);
  extents_append (&maps[BASE_ZERO], 5, 0, true, 0);
  extents_append (&maps[BASE_ZERO], 5, 5, false, 0);
  /* What the overlay has counts, whatever lies below it. */
  extents_append (&maps[BASE_ZERO], 10, 10, true, 0);
  extents_append (&maps[BASE_ZERO], 20, 10, false, 0);
  extents_append (&maps[BASE_ZERO], 30, 20, true, 0);
  extents_append (&maps[ALLOCATED], 0, 10, false, 0);
  extents_append (&maps[ALLOCATED], 10, 20, true, 0);
  extents_append (&maps[ALLOCATED], 30, 70, false, 0);
  /* The rest of it keeps what was read of the base. */
  extents_append (&maps[WRITTEN], 0, 10, false, 0);
  extents_append (&maps[WRITTEN], 10, 6, true, 0);
  extents_append (&maps[WRITTEN], 16, 84, false, 0);
  extents_append (&maps[OVERLAY_ZERO], 0, 20, false, 0);
  extents_append (&maps[OVERLAY_ZERO], 20, 10, true, 0);
  /* Not allocated, and of no consequence. */
  extents_append (&maps[OVERLAY_ZERO], 30, 70, true, 0);
  assert (plan_pieces (0, 100, maps, &pieces) == 0);
  /* Zeroes of both kinds are one piece. */
  assert (pieces.len == sizeof expected / sizeof expected[0]);
  for (size_t i = 0; i < pieces.len; i++)
    assert (same_piece (&pieces.ptr[i], &expected[i]));
  pieces_reset (&pieces);
  for (enum map map = 0; map < MAPS; map++)
    extents_reset (&maps[map]);
}

/* Whatever is pushed comes out once, whole, in order and within bounds. */
static void
test_queue (void)
{
  struct error err = ERROR_INIT;
  struct queue *queue = queue_new (false, &err);
  struct wake wake;
  struct pieces pieces = { .ptr = NULL };
  struct request request;
  uint64_t offset = 0, segments = 0, failed = 0;
  int wait_ms = 1000;

  assert (queue != NULL && wake_init (&wake, &err) == 0);
  assert (queue_take (queue, 1 << 20, &wake, &request, &wait_ms) == 0);
  pieces_append (&pieces, (struct piece) { 0, 10 * MIB + 1, PIECE_BASE });
  pieces_append (&pieces, (struct piece) { 10 * MIB + 1, 300 * MIB,
                                           PIECE_ZERO });
  pieces_append (&pieces, (struct piece) { 310 * MIB + 1, 200 * MIB,
                                           PIECE_OVERLAY });
  assert (queue_push (queue, &pieces, &err) == 0);
  queue_end (queue);
  while (queue_take (queue, 1 << 20, &wake, &request, &wait_ms) == 1) {
    struct segment *segment;

    assert (request.offset == offset);
    assert (request.len <= (request.kind == PIECE_ZERO ? 32 * MIB : MIB));
    offset += request.len;
    if (failed++ == 0) {        /* goes back, and is done at the end */
      request.not_before_ms = 1;
      assert (queue_put_back (queue, &request, &err) == 0);
      assert (queue_take (queue, 1 << 20, &wake, &request, &wait_ms) == 1);
      assert (request.offset == 0);
    }
    segment = queue_done (queue, &request);
    if (segment != NULL) {
      queue_segment_done (queue, segment);
      segments++;
    }
  }
  assert (offset == 510 * MIB + 1);
  assert (segments == 6);       /* 64, 192 of zeroes, 64, 64, 64, 62 */
  assert (queue_finished (queue, &wake));
  queue_free (queue);
  pieces_reset (&pieces);
  wake_reset (&wake);
}

/* A source that gives LIMIT bytes a ms to whoever has NEED in flight. */
static struct tune_setting
tune_against (const struct copy_limits *limits, double limit, unsigned need)
{
  struct tune tune;
  struct tune_input in = { .now_ms = 1000 };

  tune_init (&tune, limits, COPY_MEMORY, in.now_ms);
  for (unsigned i = 0; i < 2000; i++) {
    const unsigned flying = tune.now.connections * tune.now.in_flight;
    const double share = flying >= need ? 1 : (double) flying / need;

    in.now_ms += 40;
    in.read += (uint64_t) (limit * share * 40);
    in.connected = tune.now.connections;
    tune_step (&tune, &in);
    assert ((uint64_t) tune.now.connections * (tune.now.in_flight + 1) *
            tune.now.request <= COPY_MEMORY);
    assert (tune.now.connections <= limits->max_connections);
    assert (tune.now.in_flight <= limits->max_in_flight);
    assert (tune.now.request <= limits->max_request);
  }
  return tune.best;
}

static void
test_tune (void)
{
  const struct copy_limits wide = { 2, 16, 16, 256 * KIB, 4 * MIB };
  const struct copy_limits serial = { 4, 16, 1, 1 * MIB, 4 * MIB };
  const struct copy_limits fixed = { 1, 1, 1, 2 * MIB, 2 * MIB };
  struct tune_setting s;
  struct tune tune;

  s = tune_against (&wide, 100000, 64);
  assert (s.connections * s.in_flight >= 64);
  s = tune_against (&wide, 100000, 1);
  assert (s.connections == 2 && s.in_flight == 4);
  s = tune_against (&serial, 100000, 16);
  assert (s.connections == 16 && s.in_flight == 1);
  s = tune_against (&fixed, 100000, 100);
  assert (s.connections == 1 && s.in_flight == 1 && s.request == 2 * MIB);

  tune_init (&tune, &serial, COPY_MEMORY, 1);
  tune_refused (&tune, 3, 2);
  assert (tune.now.connections == 3);
  assert (tune_step (&tune, &(struct tune_input) {
        .now_ms = 3, .failed_reads = 1 }));
  assert (tune.now.connections == 1);
}

static void
test_buffers (void)
{
  struct error err = ERROR_INIT;
  struct buffers *buffers = buffers_new (1 * MIB, &err);
  void *a, *b;

  assert (buffers_size (1) == COPY_REQUEST_MIN);
  assert (buffers_size (MIB + 1) == 2 * MIB);
  a = buffers_get (buffers, 512 * KIB);
  b = buffers_get (buffers, 512 * KIB);
  assert (a != NULL && b != NULL);
  assert (buffers_get (buffers, 64 * KIB) == NULL);
  buffers_put (buffers, a, 512 * KIB);
  assert (buffers_get (buffers, 1 * MIB) == NULL);
  a = buffers_get (buffers, 256 * KIB); /* another size: room is made */
  assert (a != NULL);
  buffers_put (buffers, a, 256 * KIB);
  buffers_put (buffers, b, 512 * KIB);
  buffers_free (buffers);
}

int
main (void)
{
  test_zero_run ();
  test_extents ();
  test_plan ();
  test_queue ();
  test_tune ();
  test_buffers ();
  return 0;
}
