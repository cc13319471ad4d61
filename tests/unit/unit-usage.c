/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Collecting what is free: joined, in whole sectors, and not more runs than
 * fit into memory, whatever their lengths are.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "filesystem/usage.h"

static struct error err = ERROR_INIT;

static uint64_t
sum (const struct usage *usage)
{
  uint64_t bytes = 0;

  for (size_t i = 0; i < usage->unused.len; i++)
    bytes += usage->unused.ptr[i].len;
  return bytes;
}

static void
give (struct usage *usage, uint64_t offset, uint64_t len)
{
  assert (usage_free (usage, offset, len, &err) == 0);
}

static void
test_joined (void)
{
  struct usage usage = { .why_not = NULL };

  give (&usage, 4096, 65536);
  give (&usage, 4096 + 65536, 4096);
  give (&usage, 1048576, 512);
  give (&usage, 2097152, 65536);
  assert (usage.unused.len == 3);
  assert (usage.unused.ptr[0].offset == 4096);
  assert (usage.unused.ptr[0].len == 65536 + 4096);
  assert (usage.unused.ptr[1].len == 512);
  assert (usage.unused.ptr[2].offset == 2097152);
  assert (usage.free == 65536 + 4096 + 512 + 65536);
  usage_reset (&usage);
}

static void
test_whole_sectors (void)
{
  struct usage usage = { .why_not = NULL };

  give (&usage, 1000, 65536);
  assert (usage.unused.ptr[0].offset == 1024);
  assert (usage.unused.ptr[0].len == 65024);
  give (&usage, 200000, 500);   /* has no whole one */
  assert (usage.unused.len == 1);
  usage_reset (&usage);
}

/* Of too many runs of one length as many are kept as may be. */
static void
test_many (uint64_t len)
{
  struct usage usage = { .why_not = NULL };

  for (uint64_t i = 0; i < 3 * USAGE_RUNS_MAX; i++) {
    give (&usage, 2 * i * len, len);
    assert (usage.unused.len <= USAGE_RUNS_MAX);
  }
  assert (usage.free == 3 * USAGE_RUNS_MAX * len);
  assert (sum (&usage) >= USAGE_RUNS_MAX / 2 * len);
  for (size_t i = 1; i < usage.unused.len; i++)
    assert (usage.unused.ptr[i - 1].offset < usage.unused.ptr[i].offset);
  usage_reset (&usage);
}

/* The long ones stay. */
static void
test_shortest_go (void)
{
  struct usage usage = { .why_not = NULL };
  const uint64_t step = UINT64_C (4) << 20;
  size_t n = 0;

  for (uint64_t i = 0; i < 2 * USAGE_RUNS_MAX; i++)
    give (&usage, i * step, i % 16 == 0 ? step / 2 : USAGE_MIN_RUN);
  for (size_t i = 0; i < usage.unused.len; i++)
    n += usage.unused.ptr[i].len == step / 2;
  assert (n == USAGE_RUNS_MAX / 8);
  usage_reset (&usage);
}

static void
test_first_doubt_stays (void)
{
  struct usage usage = { .why_not = NULL };

  assert (usage_doubt (&usage, &err, "%s", "one") == 0);
  assert (usage_doubt (&usage, &err, "%s", "other") == 0);
  assert (usage.why_not[0] == 'o' && usage.why_not[1] == 'n');
  usage_reset (&usage);
  assert (usage.why_not == NULL);
}

int
main (void)
{
  test_joined ();
  test_whole_sectors ();
  test_many (USAGE_MIN_RUN);
  test_many (UINT64_C (128) << 10);
  test_shortest_go ();
  test_first_doubt_stays ();
  error_reset (&err);
  return 0;
}
