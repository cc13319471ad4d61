/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Anything may be an ext2, ext3 or ext4 volume; pieces.h has how the input describes one. */

#include <config.h>

#include "volume.h"

extern int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  fuzz_volume (&filesystem_ext, "ext4", data, size);
  return 0;
}
