/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Compressed clusters do not say where they end; only unpacking them does. */

#include <config.h>

#include <zlib.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "image/deflate.h"

/* As in qemu, which writes no header and has a window of 4 KiB. */
#define WINDOW_BITS (-15)       /* all that there are can be read with this */
#define PIECE 16384

int
deflate_unpacks_to (const unsigned char *data, size_t len, uint64_t expected,
                    bool *ret, struct error *err)
{
  CLEANUP_BYTES unsigned char *piece = alloc_zero (PIECE, err);
  z_stream stream = { .next_in = (z_const Bytef *) data, .avail_in = len };
  uint64_t n = 0;
  int r;

  if (piece == NULL)
    return -1;
  if (inflateInit2 (&stream, WINDOW_BITS) != Z_OK)
    return error_nomem (err);
  do {
    stream.next_out = piece;
    stream.avail_out = PIECE;
    r = inflate (&stream, Z_NO_FLUSH);
    n += PIECE - stream.avail_out;
  } while (r == Z_OK && stream.avail_out == 0 && n < expected);
  inflateEnd (&stream);
  *ret = n >= expected;
  return 0;
}
