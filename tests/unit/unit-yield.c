/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A copy that lets others go first asks for what its link carries, and no
 * more; for less while somebody reads, within all limits, and hands over to the
 * tuner when nobody reads any more.
 */

#undef NDEBUG
#include <config.h>

#include <assert.h>

#include "copy/limits.h"
#include "copy/yield.h"

#define KIB UINT64_C (1024)
#define MIB (KIB * 1024)
#define TICK_MS 50

/* A link that is full with CARRIES requests in flight, each of which takes
 * BASE_MS then; of OTHERS, requests that wait on it all the time.
 */
struct link {
  unsigned carries, others;
  double base_ms;
};

struct copy {
  struct tune tune;
  struct yield yield;
  struct tune_input in;
  double reads, read_ms;
};

static const struct copy_limits wide = { 4, 16, 16, 256 * KIB, 4 * MIB };

static void
begin (struct copy *copy, const struct copy_limits *limits, size_t memory)
{
  *copy = (struct copy) { .in.now_ms = 1000 };
  tune_init (&copy->tune, limits, memory, copy->in.now_ms);
  yield_begin (&copy->yield, &copy->tune);
}

static unsigned
flying (const struct copy *copy)
{
  return copy->tune.now.connections * copy->tune.now.in_flight;
}

static void
expect_within_limits (const struct copy *copy)
{
  const struct copy_limits *limits = &copy->tune.limits;

  assert (copy->tune.now.connections >= 1);
  assert (copy->tune.now.in_flight >= 1);
  assert (copy->tune.now.connections <= copy->tune.ceiling);
  assert (copy->tune.ceiling <= limits->max_connections);
  assert (copy->tune.now.in_flight <= limits->max_in_flight);
  assert (copy->tune.now.request <= limits->max_request);
  assert (copy->tune.now.request >= COPY_REQUEST_MIN);
}

/* What is in flight beyond what the link carries waits. */
static void
run (struct copy *copy, const struct link *link, unsigned ms, bool held)
{
  for (unsigned i = 0; i < ms; i += TICK_MS) {
    const double all = flying (copy) + link->others;
    const double took = all <= link->carries ? link->base_ms
      : link->base_ms * all / link->carries;

    copy->reads += flying (copy) * TICK_MS / took;
    copy->read_ms += flying (copy) * TICK_MS;
    copy->in.now_ms += TICK_MS;
    copy->in.reads = (uint64_t) copy->reads;
    copy->in.read_ms = (uint64_t) copy->read_ms;
    copy->in.workers = copy->in.connected = copy->tune.now.connections;
    yield_step (&copy->yield, &copy->tune, &copy->in, held);
    expect_within_limits (copy);
  }
}

/* Twice what the link carries would be a queue as long as all of it.  It
 * begins with 4 requests, also where one would do.
 */
static void
test_fills_link (void)
{
  static const unsigned links[] = { 1, 4, 20, 60 };
  struct copy copy;

  for (unsigned i = 0; i < sizeof links / sizeof links[0]; i++) {
    const struct link link = { .carries = links[i], .base_ms = 20 };

    begin (&copy, &wide, COPY_MEMORY);
    assert (flying (&copy) <= 4 && copy.tune.now.request == 256 * KIB);
    run (&copy, &link, 30000, false);
    assert (flying (&copy) * 10 >= links[i] * 8);
    assert (flying (&copy) < links[i] * 2 || flying (&copy) <= 4);
  }
}

static void
test_gives_way (void)
{
  struct link link = { .carries = 40, .base_ms = 20 };
  struct copy copy;
  unsigned before;

  begin (&copy, &wide, COPY_MEMORY);
  run (&copy, &link, 30000, false);
  before = flying (&copy);
  /* At once, before anything was measured. */
  run (&copy, &link, TICK_MS, true);
  assert (flying (&copy) < before && flying (&copy) >= before / 3);
  run (&copy, &link, TICK_MS, false);
  assert (flying (&copy) >= before);
  /* Others have filled the link. */
  link.others = 40;
  run (&copy, &link, 10000, true);
  assert (flying (&copy) <= before / 2);
  /* They have gone. */
  link.others = 0;
  run (&copy, &link, 30000, false);
  assert (flying (&copy) * 10 >= link.carries * 8);
}

static void
test_limits (void)
{
  static const struct copy_limits
    fixed = { 1, 1, 1, 2 * MIB, 2 * MIB },
    small = { 1, 2, 3, 64 * KIB, 64 * KIB };
  const struct link link = { .carries = 1000, .base_ms = 100 };
  struct copy copy;

  begin (&copy, &fixed, COPY_MEMORY);
  run (&copy, &link, 20000, false);
  assert (flying (&copy) == 1 && copy.tune.now.request == 256 * KIB);
  run (&copy, &link, 1000, true);
  assert (flying (&copy) == 1);
  begin (&copy, &small, COPY_MEMORY);
  run (&copy, &link, 20000, false);
  assert (flying (&copy) == 6 && copy.tune.now.request == 64 * KIB);
  begin (&copy, &wide, 4 * MIB);
  run (&copy, &link, 20000, false);
  assert (flying (&copy) * copy.tune.now.request <= 4 * MIB);
}

/* A source that has refused connections is not asked for as many again. */
static void
test_refused (void)
{
  const struct link link = { .carries = 1000, .base_ms = 100 };
  struct copy copy;

  begin (&copy, &wide, COPY_MEMORY);
  run (&copy, &link, 20000, false);
  assert (copy.tune.now.connections == 16);
  copy.in.now_ms += TICK_MS;
  copy.in.workers = 3;
  copy.in.refused = 1;
  assert (yield_step (&copy.yield, &copy.tune, &copy.in, false));
  assert (copy.tune.now.connections <= 3);
  run (&copy, &link, 1000, false);
  assert (copy.tune.now.connections <= 3);
}

/* Requests that wait for nothing to do say nothing of the link. */
static void
test_starved (void)
{
  const struct link link = { .carries = 1000, .base_ms = 20 };
  struct copy copy;

  begin (&copy, &wide, COPY_MEMORY);
  copy.in.starved = true;
  run (&copy, &link, 10000, false);
  assert (flying (&copy) == 4);
}

static void
test_end (void)
{
  const struct link slow = { .carries = 1, .base_ms = 20 };
  const struct link fast = { .carries = 1000, .base_ms = 20 };
  struct copy copy;
  unsigned connections;

  /* With no less than a copy begins with. */
  begin (&copy, &wide, COPY_MEMORY);
  run (&copy, &slow, 20000, false);
  yield_end (&copy.tune, copy.in.now_ms);
  assert (copy.tune.now.connections == wide.first_connections);
  /* With the connections that there are. */
  begin (&copy, &wide, COPY_MEMORY);
  run (&copy, &fast, 20000, false);
  connections = copy.tune.now.connections;
  yield_end (&copy.tune, copy.in.now_ms);
  assert (connections > wide.first_connections);
  assert (copy.tune.now.connections == connections);
  assert (copy.tune.best.connections == connections);
  expect_within_limits (&copy);
  /* What the source has refused stays refused. */
  begin (&copy, &wide, COPY_MEMORY);
  tune_refused (&copy.tune, 2, copy.in.now_ms);
  yield_end (&copy.tune, copy.in.now_ms);
  assert (copy.tune.now.connections == 2 && copy.tune.ceiling == 2);
}

int
main (void)
{
  test_fills_link ();
  test_gives_way ();
  test_limits ();
  test_refused ();
  test_starved ();
  test_end ();
  return 0;
}
