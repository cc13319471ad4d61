/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A server may give one header to whoever looks first and another one to whom
 * comes later, and the owner of a file may rewrite it meanwhile.  Which bytes
 * can name other files is each format's knowledge; here they are read, once,
 * and answered from.  head-file.c makes a file of them for qemu.
 */

#include <config.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "image/head.h"
#include "image/image-format.h"
#include "io/reader.h"

static uint64_t
end_of (const struct image_part *part)
{
  return part->offset + part->len;
}

static uint64_t
total (const struct image_head *head)
{
  uint64_t ret = 0;

  for (size_t i = 0; i < head->len; i++)
    ret += head->ptr[i].len;
  return ret;
}

/* Append what lies between, and all parts that touch it. */
static int
append (struct image_head *head, uint64_t offset, uint64_t end,
        struct error *err)
{
  for (size_t i = 0; i < head->len;) {
    const struct image_part part = head->ptr[i];

    if (part.offset > end || end_of (&part) < offset) {
      i++;
      continue;
    }
    offset = part.offset < offset ? part.offset : offset;
    end = end_of (&part) > end ? end_of (&part) : end;
    head->ptr[i] = head->ptr[--head->len];
  }
  return image_head_append (head, (struct image_part) {
      .offset = offset, .len = (size_t) (end - offset),
    }) == 0 ? 0 : error_nomem (err);
}

int
image_head_want (struct image_head *head, const struct image_ends *ends,
                 uint64_t offset, uint64_t length, struct error *err)
{
  const uint64_t size = ends->size;
  uint64_t end = size;

  if (offset >= size || length == 0)
    return 0;
  if (length < size - offset) {
    end = offset + length;
    end += (IMAGE_HEAD_BLOCK - end % IMAGE_HEAD_BLOCK) % IMAGE_HEAD_BLOCK;
    end = end < size ? end : size;
  }
  offset -= offset % IMAGE_HEAD_BLOCK;
  if (end - offset <= IMAGE_HEAD_MAX &&
      total (head) <= IMAGE_HEAD_MAX - (end - offset))
    return append (head, offset, end, err);
  return error_set (err, REASON_UNTRUSTED_IMAGE, _("its header is too large"));
}

/* Are these LEN bytes at OFFSET of the file, which were read before, the same
 * in this part?
 */
static bool
agrees (const struct image_part *part, const unsigned char *bytes, size_t len,
        uint64_t offset)
{
  const uint64_t start = part->offset > offset ? part->offset : offset;
  const uint64_t end = end_of (part) < offset + len ? end_of (part)
                                                    : offset + len;

  return start >= end ||
    memcmp (part->bytes + (start - part->offset), bytes + (start - offset),
            (size_t) (end - start)) == 0;
}

static int
read_part (struct image_part *part, const struct image_ends *ends,
           struct reader *reader, struct error *err)
{
  part->bytes = alloc_zero (part->len, err);
  if (part->bytes == NULL ||
      reader_pread (reader, part->bytes, part->len, part->offset, err) == -1)
    return -1;
  if (agrees (part, ends->start, IMAGE_START, 0) &&
      (ends->size < IMAGE_END ||
       agrees (part, ends->end, IMAGE_END, ends->size - IMAGE_END)))
    return 0;
  return error_set (err, REASON_SOURCE_CHANGED,
                    _("it changed while its header was read"));
}

int
image_head_read (struct image_head *head, const struct image_ends *ends,
                 struct reader *reader, struct error *err)
{
  for (size_t i = 0; i < head->len; i++)
    if (read_part (&head->ptr[i], ends, reader, err) == -1)
      return -1;
  return 0;
}

/*--- Reading what is kept. ---*/

struct head_reader {
  struct reader base;
  struct reader *below;
  const struct image_head *head;
};

/* The part that has the byte at OFFSET; or NULL, and *NEXT is where the next
 * one begins, if that is before END.
 */
static const struct image_part *
find_part (const struct image_head *head, uint64_t offset, uint64_t end,
           uint64_t *next)
{
  *next = end;
  for (size_t i = 0; i < head->len; i++) {
    const struct image_part *part = &head->ptr[i];

    if (part->offset <= offset && offset < end_of (part))
      return part;
    if (part->offset > offset && part->offset < *next)
      *next = part->offset;
  }
  return NULL;
}

static int
head_pread (struct reader *base, void *buf, size_t len, uint64_t offset,
            struct error *err)
{
  const struct head_reader *reader = (struct head_reader *) base;
  const uint64_t end = offset + len;
  char *at = buf;

  while (offset < end) {
    uint64_t next;
    const struct image_part *part = find_part (reader->head, offset, end,
                                               &next);
    size_t n;

    if (part != NULL)
      next = end_of (part) < end ? end_of (part) : end;
    n = (size_t) (next - offset);
    if (part != NULL)
      memcpy (at, part->bytes + (offset - part->offset), n);
    else if (reader_pread (reader->below, at, n, offset, err) == -1)
      return -1;
    at += n;
    offset = next;
  }
  return 0;
}

static void
head_free (struct reader *base)
{
  free (base);
}

struct reader *
image_head_reader (const struct image_head *head, struct reader *below,
                   struct error *err)
{
  struct head_reader *reader = alloc_zero (sizeof *reader, err);

  if (reader == NULL)
    return NULL;
  *reader = (struct head_reader) {
    .base = {
      .size = below->size, .remote = below->remote,
      .pread = head_pread, .free = head_free,
    },
    .below = below, .head = head,
  };
  return &reader->base;
}
