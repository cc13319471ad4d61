/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_RANGES_H
#define V2V_RANGES_H

#include <stdint.h>

#include "base/vector.h"

/* Bytes of a disk. */
struct copy_range {
  uint64_t offset, len;
};
DEFINE_VECTOR (struct copy_ranges, copy_ranges, struct copy_range);

/* The unit that is completed, flushed and recorded for --resume. */
#define COPY_CHUNK (UINT64_C (64) << 20)

#endif /* V2V_RANGES_H */
