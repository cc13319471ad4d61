/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The binary part of LVM2's metadata: the label in one of the first four
 * sectors, which tells of the physical volume and its areas, and the header of
 * a metadata area, which tells where in that area, a ring, the text is.  All
 * three have checksums.  The text is read by lvm-text.c.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/lvm-label.h"
#include "filesystem/lvm-text.h"
#include "io/reader.h"

#define SECTOR 512
#define LABEL_SECTORS 4

/* The sector of a label; all numbers are little endian. */
#define LABEL_MAGIC "LABELONE"
#define LABEL_TYPE "LVM2 001"
#define LABEL_NUMBER 8          /* 8 bytes, of its sector */
#define LABEL_CRC 16            /* 4 bytes, of what follows it */
#define LABEL_CONTENT 20        /* 4 bytes: where the content is */
#define LABEL_TYPE_AT 24
#define LABEL_END 32

/* The content: a UUID, the size (8 bytes, which tell nothing: pvresize of
 * LVM2 2.03 leaves them as they were), then the data areas and the metadata
 * areas, each an offset and a length of 8 bytes, and each list ended by an
 * offset of 0.
 */
#define CONTENT_AREAS 40
#define AREA_LEN 16

/* The first sector of a metadata area. */
#define HEADER_MAGIC " LVM2 x[5A%r0N*>"
#define HEADER_MAGIC_AT 4       /* after the CRC of what follows it */
#define HEADER_VERSION 20       /* 4 bytes */
#define HEADER_START 24         /* 8 bytes: its own place */
#define HEADER_SIZE 32          /* 8 bytes, of the area */
#define HEADER_COMMITTED 40     /* where the text is */
#define HEADER_PRECOMMITTED 64  /* where the next one is, while it is made */

/* Where a text is. */
#define TEXT_AT 0               /* 8 bytes, from the area's start */
#define TEXT_LEN 8              /* 8 bytes */
#define TEXT_CRC 16             /* 4 bytes */
#define TEXT_FLAGS 20           /* 4 bytes */
#define IGNORED 1

/* CRC-32 with LVM2's own first value, and not inverted at the end. */
static uint32_t
crc_of (const void *data, size_t len)
{
  uint32_t table[16], crc = UINT32_C (0xf597a6cf);

  for (uint32_t i = 0; i < ARRAY_LEN (table); i++) {
    table[i] = i;
    for (unsigned bit = 0; bit < 4; bit++)
      table[i] = (table[i] >> 1) ^
        ((table[i] & 1) != 0 ? UINT32_C (0xedb88320) : 0);
  }
  for (const unsigned char *p = data; len > 0; p++, len--) {
    crc ^= *p;
    crc = (crc >> 4) ^ table[crc & 15];
    crc = (crc >> 4) ^ table[crc & 15];
  }
  return crc;
}

/*--- The label. ---*/

static bool
is_label (const unsigned char *sector, uint64_t number)
{
  return memcmp (sector, LABEL_MAGIC, 8) == 0 &&
    memcmp (sector + LABEL_TYPE_AT, LABEL_TYPE, 8) == 0 &&
    le64 (sector + LABEL_NUMBER) == number &&
    le32 (sector + LABEL_CRC) ==
    crc_of (sector + LABEL_CONTENT, SECTOR - LABEL_CONTENT);
}

/* The only one that there is. */
static const unsigned char *
find_label (const unsigned char sectors[LABEL_SECTORS * SECTOR])
{
  const unsigned char *found = NULL;

  for (unsigned i = 0; i < LABEL_SECTORS; i++) {
    if (!is_label (sectors + i * SECTOR, i))
      continue;
    if (found != NULL)
      return NULL;
    found = sectors + i * SECTOR;
  }
  return found;
}

/* Take the list at AT, which ends before END: at most MAX areas. */
static bool
take_areas (const unsigned char **at, const unsigned char *end,
            struct range *ret, size_t max, size_t *n)
{
  for (*n = 0; end - *at >= AREA_LEN; (*n)++) {
    const uint64_t offset = le64 (*at), len = le64 (*at + 8);

    *at += AREA_LEN;
    if (offset == 0)
      return true;
    if (*n == max)
      return false;
    ret[*n] = (struct range) { offset, len };
  }
  return false;
}

static bool
is_inside (struct range area, uint64_t size)
{
  return area.offset >= LABEL_SECTORS * SECTOR && area.len >= 2 * SECTOR &&
    area.offset % SECTOR == 0 && area.len % SECTOR == 0 &&
    area.offset <= size && area.len <= size - area.offset;
}

static bool
take_content (const unsigned char *label, uint64_t size,
              struct lvm_label *ret)
{
  const unsigned char *const end = label + SECTOR, *at;
  const uint32_t content = le32 (label + LABEL_CONTENT);
  size_t n;

  if (content < LABEL_END || content > SECTOR - CONTENT_AREAS)
    return false;
  at = label + content;
  memcpy (ret->uuid, at, LVM_UUID_LEN);
  ret->size = size;
  at += CONTENT_AREAS;
  if (!take_areas (&at, end, &ret->data, 1, &n) || n != 1 ||
      !take_areas (&at, end, ret->areas, LVM_AREAS_MAX, &ret->n_areas))
    return false;
  for (size_t i = 0; i < ret->n_areas; i++)
    if (!is_inside (ret->areas[i], ret->size))
      return false;
  return true;
}

int
lvm_label_read (struct reader *pv, struct lvm_label *ret, char **why_not,
                struct error *err)
{
  unsigned char sectors[LABEL_SECTORS * SECTOR];
  const unsigned char *label;

  *ret = (struct lvm_label) { .size = 0 };
  if (pv->size < sizeof sectors)
    return lvm_doubt (why_not, err, _("it is too small for an LVM label"));
  if (reader_pread (pv, sectors, sizeof sectors, 0, err) == -1)
    return -1;
  label = find_label (sectors);
  if (label == NULL)
    return lvm_doubt (why_not, err, _("it does not have exactly one valid "
                                      "LVM label"));
  if (take_content (label, pv->size, ret))
    return 0;
  ret->n_areas = 0;
  return lvm_doubt (why_not, err, _("its LVM label is not understood"));
}

/*--- A metadata area. ---*/

static bool
is_header (const unsigned char *header, struct range area)
{
  return le32 (header) ==
    crc_of (header + HEADER_MAGIC_AT, SECTOR - HEADER_MAGIC_AT) &&
    memcmp (header + HEADER_MAGIC_AT, HEADER_MAGIC, 16) == 0 &&
    le32 (header + HEADER_VERSION) == 1 &&
    le64 (header + HEADER_START) == area.offset &&
    le64 (header + HEADER_SIZE) == area.len;
}

static bool
is_committing (const unsigned char *header)
{
  const unsigned char *const now = header + HEADER_COMMITTED,
    *const next = header + HEADER_PRECOMMITTED;

  return le64 (next + TEXT_LEN) != 0 &&
    le64 (next + TEXT_AT) != le64 (now + TEXT_AT);
}

/* Read the bytes that the ring has at LOCATION. */
static int
read_ring (struct reader *pv, struct range area, struct range location,
           char *buf, struct error *err)
{
  const uint64_t left = area.len - location.offset;
  const uint64_t first = location.len < left ? location.len : left;

  if (reader_pread (pv, buf, first, area.offset + location.offset,
                    err) == -1)
    return -1;
  return reader_pread (pv, buf + first, location.len - first,
                       area.offset + SECTOR, err);
}

static int
read_text (struct reader *pv, struct range area, const unsigned char *where,
           char **text, size_t *len, char **why_not, struct error *err)
{
  const struct range location = {
    le64 (where + TEXT_AT), le64 (where + TEXT_LEN),
  };
  CLEANUP_FREE char *buf = NULL;

  if (location.offset < SECTOR || location.offset >= area.len ||
      location.len == 0 || location.len > area.len - SECTOR)
    return lvm_doubt (why_not, err, _("the LVM metadata is outside of its "
                                      "area"));
  if (location.len > LVM_TEXT_MAX)
    return lvm_doubt (why_not, err, _("the LVM metadata is too long"));
  buf = alloc_zero (location.len, err);
  if (buf == NULL || read_ring (pv, area, location, buf, err) == -1)
    return -1;
  if (crc_of (buf, location.len) != le32 (where + TEXT_CRC))
    return lvm_doubt (why_not, err, _("the checksum of the LVM metadata is "
                                      "wrong"));
  *text = STEAL (buf);
  *len = location.len;
  return 0;
}

int
lvm_area_read (struct reader *pv, struct range area, char **text,
               size_t *len, bool *ignored, char **why_not, struct error *err)
{
  unsigned char header[SECTOR];
  const unsigned char *const where = header + HEADER_COMMITTED;

  *text = NULL;
  *ignored = false;
  if (reader_pread (pv, header, sizeof header, area.offset, err) == -1)
    return -1;
  if (!is_header (header, area))
    return lvm_doubt (why_not, err, _("an LVM metadata area is not valid"));
  *ignored = (le32 (where + TEXT_FLAGS) & IGNORED) != 0;
  if (*ignored)
    return 0;
  if (is_committing (header))
    return lvm_doubt (why_not, err, _("the LVM metadata was being changed"));
  if (le64 (where + TEXT_AT) == 0)
    return 0;
  return read_text (pv, area, where, text, len, why_not, err);
}
