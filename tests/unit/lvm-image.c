/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Writes LVM2's binary metadata, as LVM2 2.03.16 does (compared with what
 * pvcreate and vgcreate write).
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "lvm-image.h"

#define SECTOR 512

static void
put32 (unsigned char *p, uint32_t n)
{
  n = htole32 (n);
  memcpy (p, &n, sizeof n);
}

static void
put64 (unsigned char *p, uint64_t n)
{
  n = htole64 (n);
  memcpy (p, &n, sizeof n);
}

static uint32_t
crc_of (const void *data, size_t len)
{
  uint32_t crc = UINT32_C (0xf597a6cf);

  for (const unsigned char *p = data; len > 0; p++, len--) {
    crc ^= *p;
    for (unsigned bit = 0; bit < 8; bit++)
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? UINT32_C (0xedb88320) : 0);
  }
  return crc;
}

unsigned char
lvm_image_byte (unsigned disk, uint64_t offset)
{
  const uint64_t n = (offset / 8 + disk * UINT64_C (0x1000000)) *
    UINT64_C (0x9e3779b97f4a7c15);

  return (unsigned char) (n >> (8 * (offset % 8)));
}

static int
image_pread (struct reader *base, void *buf, size_t len, uint64_t offset,
             struct error *err)
{
  const struct lvm_image *image = (struct lvm_image *) base;
  unsigned char *at = buf;

  (void) err;
  for (; len > 0; len--, offset++)
    *at++ = offset < IMAGE_DATA ? image->head[offset]
      : lvm_image_byte (image->disk, offset);
  return 0;
}

static int
image_prefetch (struct reader *base, const struct ranges *ranges,
                struct error *err)
{
  struct lvm_image *image = (struct lvm_image *) base;

  (void) err;
  image->prefetches++;
  image->prefetched = 0;
  for (size_t i = 0; i < ranges->len; i++)
    image->prefetched += ranges->ptr[i].len;
  return 0;
}

void
lvm_image_init (struct lvm_image *image, unsigned disk)
{
  *image = (struct lvm_image) {
    .base = {
      .size = IMAGE_SIZE, .pread = image_pread, .prefetch = image_prefetch,
    },
    .disk = disk,
    .head = calloc (1, IMAGE_DATA),
  };
  assert (image->head != NULL);
}

void
lvm_image_free (struct lvm_image *image)
{
  free (image->head);
}

void
lvm_image_fix_label (struct lvm_image *image, unsigned sector)
{
  unsigned char *const p = image->head + sector * SECTOR;

  put32 (p + 16, crc_of (p + 20, SECTOR - 20));
}

void
lvm_image_fix_text (struct lvm_image *image, size_t i)
{
  const uint64_t left = IMAGE_DATA - image->areas[i].offset;
  unsigned char *const p = image->head + image->areas[i].offset;
  const uint64_t at = le64 (p + 40), len = le64 (p + 48);

  if (at <= left && len <= left - at)
    put32 (p + 56, crc_of (p + at, len));
}

void
lvm_image_fix_header (struct lvm_image *image, size_t i)
{
  unsigned char *const p = image->head + image->areas[i].offset;

  put32 (p, crc_of (p + 4, SECTOR - 4));
}

void
lvm_image_label (struct lvm_image *image, unsigned sector, const char *uuid,
                 const struct range *areas, size_t n)
{
  unsigned char *const label = image->head + sector * SECTOR;
  unsigned char *p = label + 32;

  memset (label, 0, SECTOR);
  memcpy (label, "LABELONE", 8);
  put64 (label + 8, sector);
  put32 (label + 20, 32);
  memcpy (label + 24, "LVM2 001", 8);
  for (size_t i = 0; i < IMAGE_UUID_LEN; i++)
    if (uuid[i] != '-')
      *p++ = (unsigned char) uuid[i];
  put64 (p, IMAGE_SIZE);
  put64 (p + 8, IMAGE_DATA);
  p += 40;                      /* behind the end of the data areas */
  for (size_t i = 0; i < n; i++, p += 16) {
    unsigned char *const header = image->head + areas[i].offset;

    put64 (p, areas[i].offset);
    put64 (p + 8, areas[i].len);
    memset (header, 0, SECTOR);
    memcpy (header + 4, " LVM2 x[5A%r0N*>", 16);
    put32 (header + 20, 1);
    put64 (header + 24, areas[i].offset);
    put64 (header + 32, areas[i].len);
  }
  put32 (p + 16, 2);            /* the extension's version, and "used" */
  put32 (p + 20, 1);
  image->areas = areas;
  image->n_areas = n;
  lvm_image_fix_label (image, sector);
  for (size_t i = 0; i < n; i++)
    lvm_image_fix_header (image, i);
}

void
lvm_image_text (struct lvm_image *image, size_t i, uint64_t at,
                const char *text)
{
  const struct range area = image->areas[i];
  unsigned char *const p = image->head + area.offset;
  const size_t len = strlen (text) + 1;
  const size_t first = len < area.len - at ? len : area.len - at;

  assert (len <= area.len - SECTOR);
  memcpy (p + at, text, first);
  memcpy (p + SECTOR, text + first, len - first);
  put64 (p + 40, at);
  put64 (p + 48, len);
  put32 (p + 56, crc_of (text, len));
  lvm_image_fix_header (image, i);
}
