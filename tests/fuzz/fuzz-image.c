/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Anything may be given as a disk image.  Images are large and mostly empty,
 * so the input describes one: its size (8 bytes, little endian), then pieces,
 * each an offset (8 bytes), a length (4 bytes) and so many bytes.  image-seed
 * makes such a description of an image.
 */

#include <config.h>

#include <stdint.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "image/image.h"
#include "io/reader.h"

extern int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

#define PIECE_HEADER 12

struct pieces {
  struct reader base;
  const uint8_t *data;
  size_t len;
};

static void
put (const uint8_t *from, uint64_t at, size_t len, uint8_t *buf,
     size_t buf_len, uint64_t offset)
{
  for (size_t i = 0; i < len; i++)
    if (at + i >= offset && at + i - offset < buf_len)
      buf[at + i - offset] = from[i];
}

static int
read_pieces (struct reader *base, void *buf, size_t len, uint64_t offset,
             struct error *err)
{
  const struct pieces *pieces = (const struct pieces *) base;
  const uint8_t *p = pieces->data;
  size_t left = pieces->len;

  (void) err;
  memset (buf, 0, len);
  while (left > PIECE_HEADER) {
    const uint64_t at = le64 (p);
    size_t n = le32 (p + 8);

    p += PIECE_HEADER;
    left -= PIECE_HEADER;
    if (n > left)
      n = left;
    put (p, at, n, buf, len, offset);
    p += n;
    left -= n;
  }
  return 0;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  CLEANUP_ERROR struct error refused = ERROR_INIT;
  CLEANUP_IMAGE struct image image = { .format = NULL };
  CLEANUP_FREE char *text = NULL;
  struct pieces pieces = {
    { .remote = true, .pread = read_pieces }, data + 8, 0,
  };

  if (size < 8)
    return 0;
  pieces.base.size = le64 (data) & INT64_MAX;
  pieces.len = size - 8;
  if (image_examine (&pieces.base, "fuzz", NULL, &image, &err) == -1)
    return 0;
  if (image_check (&image, "fuzz", false, &refused) == 0 &&
      (image.files.len > 0 || image.has_parent ||
       image.needed > pieces.base.size))
    __builtin_trap ();
  text = image_describe (&image, &err);
  return 0;
}
