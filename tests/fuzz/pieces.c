/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reads images that are described by their pieces. */

#include <config.h>

#include <string.h>
#include <sys/param.h>

#include "base/bytes.h"
#include "pieces.h"

#define PIECE_HEADER 12

/* What BUF, the BUF_LEN bytes from OFFSET on, has of LEN bytes at AT. */
static void
put (const uint8_t *from, uint64_t at, uint64_t len, uint8_t *buf,
     size_t buf_len, uint64_t offset)
{
  const uint64_t begin = MAX (at, offset);
  uint64_t end;

  if (__builtin_add_overflow (at, len, &end))
    return;
  end = MIN (end, offset + buf_len);
  if (begin < end)
    memcpy (buf + (begin - offset), from + (begin - at), end - begin);
}

static int
read_pieces (struct reader *base, void *buf, size_t len, uint64_t offset,
             struct error *err __attribute__ ((unused)))
{
  const struct pieces *pieces = (const struct pieces *) base;
  const uint8_t *p = pieces->data;
  size_t left = pieces->len;

  memset (buf, 0, len);
  while (left > PIECE_HEADER) {
    const uint64_t at = le64 (p);
    size_t n = le32 (p + 8);

    p += PIECE_HEADER;
    left -= PIECE_HEADER;
    n = MIN (n, left);
    put (p, at, n, buf, len, offset);
    p += n;
    left -= n;
  }
  return 0;
}

bool
pieces_open (const uint8_t *data, size_t size, struct pieces *ret)
{
  if (size < 8)
    return false;
  *ret = (struct pieces) {
    { .remote = true, .pread = read_pieces,
      .size = le64 (data) & INT64_MAX },
    data + 8, size - 8,
  };
  return true;
}
