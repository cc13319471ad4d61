/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Anything may be given as a disk image; pieces.h has how the input describes
 * one.
 */

#include <config.h>

#include <stdint.h>

#include "base/error.h"
#include "image/image.h"
#include "pieces.h"

extern int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  CLEANUP_ERROR struct error refused = ERROR_INIT;
  CLEANUP_IMAGE struct image image = { .format = NULL };
  CLEANUP_FREE char *text = NULL;
  struct pieces pieces;

  if (!pieces_open (data, size, &pieces))
    return 0;
  if (image_examine (&pieces.base, "fuzz", NULL, &image, &err) == -1)
    return 0;
  if (image_check (&image, "fuzz", false, &refused) == 0 &&
      (image.files.len > 0 || image.has_parent ||
       image.needed > pieces.base.size))
    __builtin_trap ();
  text = image_describe (&image, &err);
  return 0;
}
