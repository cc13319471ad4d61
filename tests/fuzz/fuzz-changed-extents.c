/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Lists of changed extents. */

#include <config.h>

#include <stdint.h>

#include "base/error.h"
#include "transfer/changed-extents.h"

extern int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct changed_extents extents = { .ranges = { .ptr = NULL } };
  const uint64_t disk = UINT64_C (1) << 40;
  uint64_t end = 0;

  if (changed_extents_parse ((const char *) data, size, "fuzz", &extents,
                             &err) == 0 &&
      changed_extents_fit (&extents, disk, "fuzz", &err) == 0)
    for (size_t i = 0; i < extents.ranges.len; i++) {
      const struct range *range = &extents.ranges.ptr[i];

      if (range->len == 0 || (i > 0 && range->offset <= end))
        __builtin_trap ();
      end = range->offset + range->len;
      if (end > disk)
        __builtin_trap ();
    }
  changed_extents_reset (&extents);
  return 0;
}
