/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Sizes and times as people read them. */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "base/human.h"

static void
check_size (uint64_t bytes, const char *expected)
{
  char actual[HUMAN_SIZE];

  human_size (bytes, actual);
  assert (strcmp (actual, expected) == 0);
}

static void
check_time (int64_t seconds, const char *expected)
{
  char actual[32];

  human_time (seconds, actual);
  assert (strcmp (actual, expected) == 0);
}

int
main (void)
{
  check_size (0, "0 B");
  check_size (1023, "1023 B");
  check_size (1024, "1 KiB");
  check_size (1536, "1.5 KiB");
  check_size (UINT64_C (1000) << 30, "1000 GiB");
  check_size (UINT64_C (10) << 30, "10 GiB");
  check_size ((UINT64_C (10) << 30) - 1, "10 GiB");
  check_size (UINT64_C (252973200998), "235.6 GiB");
  check_size (UINT64_MAX, "16 EiB");
  check_time (-1, "--:--");
  check_time (205, "03:25");
  check_time (3805, "1:03:25");
  return 0;
}
