/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef TEST_PIECES_H
#define TEST_PIECES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/reader.h"

/* An image that an input describes: images are large and mostly empty.  The
 * input is its size (8 bytes, little endian), then pieces, each an offset (8
 * bytes), a length (4 bytes) and so many bytes; all else is zeroes.
 * image-seed makes such a description of an image.
 */
struct pieces {
  struct reader base;
  const uint8_t *data;
  size_t len;
};

/* False: DATA is too short.  It is borrowed. */
extern bool pieces_open (const uint8_t *data, size_t size,
                         struct pieces *ret);

#endif /* TEST_PIECES_H */
