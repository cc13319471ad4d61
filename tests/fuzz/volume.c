/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is told as free of a volume is sorted, and inside of it. */

#include <config.h>

#include <sys/param.h>

#include "base/error.h"
#include "filesystem/usage.h"
#include "pieces.h"
#include "volume.h"

/* The time that a map takes has the limit of the size of what it is on. */
#define SIZE_MAX_HERE (UINT64_C (1) << 30)

static void
require (bool ok)
{
  if (!ok)
    __builtin_trap ();
}

static void
check (const struct usage *usage, uint64_t size)
{
  uint64_t end = 0;

  for (size_t i = 0; i < usage->unused.len; i++) {
    const struct range *run = &usage->unused.ptr[i];

    require (run->offset >= end && run->len > 0);
    require (run->offset < size && run->len <= size - run->offset);
    end = run->offset + run->len;
  }
  require (usage->free <= size);
}

void
fuzz_volume (const struct filesystem_ops *kind, const char *type,
             const uint8_t *data, size_t size)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct usage usage = { .free = 0 };
  struct pieces pieces;

  if (!pieces_open (data, size, &pieces))
    return;
  pieces.base.size = MIN (pieces.base.size, SIZE_MAX_HERE);
  require (kind->read (&pieces.base, type, &usage, &err) == 0 ||
           error_is_set (&err));
  if (usage.why_not == NULL)
    check (&usage, pieces.base.size);
  usage_reset (&usage);
}
