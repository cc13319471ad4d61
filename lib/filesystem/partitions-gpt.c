/* SPDX-License-Identifier: GPL-2.0-or-later */

/* GPT (UEFI 2.10, 5.3): the header in sector 1, the entries that it points to,
 * and the copy of both that it names.  What has a wrong checksum, and a copy
 * that says something else, is a doubt; that there is no copy is none: a disk
 * that was enlarged has lost it, and no system looks for it.
 */

#include <config.h>

#include <string.h>

#include <zlib.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/partitions-internal.h"
#include "io/reader.h"

#define HEADER_MIN 92
#define SECTOR_MAX 4096
#define ENTRY_MIN 128
#define GUID_SIZE 16
/* sgdisk makes tables of up to 1024 entries, all other programs of 128. */
#define ENTRIES_MAX 1024
#define ENTRY_MAX 512

struct header {
  uint64_t own, other;          /* sectors of the two headers */
  uint64_t first, last;         /* sectors that partitions may have */
  uint64_t entries;             /* sector */
  uint32_t n_entries, entry_size, entries_crc;
  unsigned char disk[GUID_SIZE];
};

static uint32_t
crc (const unsigned char *buf, size_t len)
{
  return (uint32_t) crc32 (0, buf, (uInt) len);
}

/* SECTOR is changed. */
static bool
parse_header (unsigned char *sector, uint32_t sector_size, struct header *ret)
{
  const uint32_t size = le32 (sector + 12), expected = le32 (sector + 16);

  if (memcmp (sector, "EFI PART", 8) != 0 || size < HEADER_MIN ||
      size > sector_size)
    return false;
  memset (sector + 16, 0, sizeof expected);
  if (crc (sector, size) != expected)
    return false;
  *ret = (struct header) {
    .own = le64 (sector + 24), .other = le64 (sector + 32),
    .first = le64 (sector + 40), .last = le64 (sector + 48),
    .entries = le64 (sector + 72), .n_entries = le32 (sector + 80),
    .entry_size = le32 (sector + 84), .entries_crc = le32 (sector + 88),
  };
  memcpy (ret->disk, sector + 56, GUID_SIZE);
  return true;
}

int
gpt_is_at (struct reader *disk, uint32_t sector, struct error *err)
{
  unsigned char buf[SECTOR_MAX];
  struct header header;

  if (disk->size / sector < 2)
    return 0;
  if (reader_pread (disk, buf, sector, sector, err) == -1)
    return -1;
  return parse_header (buf, sector, &header) && header.own == 1;
}

/* Read the header at the sector AT, which is on the disk.  1: there is one; 0:
 * there is none.
 */
static int
read_header (struct reader *disk, uint64_t at, struct header *header,
             struct partitions *ret, struct error *err)
{
  unsigned char buf[SECTOR_MAX];

  if (partitions_pread (disk, buf, ret->sector, at * ret->sector, ret,
                        err) == -1)
    return -1;
  return parse_header (buf, ret->sector, header) && header->own == at;
}

static bool
is_plausible (const struct header *header, uint64_t sectors)
{
  const uint64_t max = (uint64_t) ENTRIES_MAX * ENTRY_MAX;

  return header->entry_size >= ENTRY_MIN && header->entry_size <= ENTRY_MAX &&
    header->entry_size % ENTRY_MIN == 0 && header->n_entries > 0 &&
    header->n_entries <= max / header->entry_size &&
    header->first <= header->last && header->last < sectors &&
    header->entries >= 2 && header->entries < sectors;
}

/* The entries that HEADER points to, if their checksum is right; otherwise
 * *RET stays NULL.
 */
static int
read_entries (struct reader *disk, const struct header *header,
              unsigned char **entries, struct partitions *ret,
              struct error *err)
{
  const size_t len = (size_t) header->n_entries * header->entry_size;
  CLEANUP_BYTES unsigned char *buf = alloc_zero (len, err);

  if (buf == NULL ||
      partitions_pread (disk, buf, len, header->entries * ret->sector, ret,
                        err) == -1)
    return -1;
  if (ret->why_not == NULL && crc (buf, len) == header->entries_crc)
    *entries = STEAL (buf);
  return 0;
}

static bool
say_the_same (const struct header *one, const struct header *other)
{
  return one->own == other->other && one->other == other->own &&
    one->first == other->first && one->last == other->last &&
    one->n_entries == other->n_entries &&
    one->entry_size == other->entry_size &&
    one->entries_crc == other->entries_crc &&
    memcmp (one->disk, other->disk, GUID_SIZE) == 0;
}

/* The copy's entries are beside it; they are metadata even if nobody reads
 * them.
 */
static int
check_copy (struct reader *disk, const struct header *header,
            struct partitions *ret, struct error *err)
{
  CLEANUP_BYTES unsigned char *entries = NULL;
  struct header copy;
  const int r = read_header (disk, header->other, &copy, ret, err);

  if (r != 1)
    return r;
  if (!say_the_same (header, &copy) ||
      !is_plausible (&copy, disk->size / ret->sector))
    return partitions_doubt (ret, err,
                             _("its GPT and its backup GPT differ"));
  return read_entries (disk, &copy, &entries, ret, err);
}

/*--- Partitions. ---*/

static const struct {
  unsigned char guid[GUID_SIZE]; /* as it stands on the disk */
  bool disk;                    /* it is about all of the disk */
  const char *why_not;
} layers[] = {
#define DYNAMIC_DISK N_("it is a dynamic disk of Windows")
  { { 0xaa, 0xc8, 0x08, 0x58, 0x8f, 0x7e, 0xe0, 0x42,
      0x85, 0xd2, 0xe1, 0xe9, 0x04, 0x34, 0xcf, 0xb3 }, true, DYNAMIC_DISK },
  { { 0xa0, 0x60, 0x9b, 0xaf, 0x31, 0x14, 0x62, 0x4f,
      0xbc, 0x68, 0x33, 0x11, 0x71, 0x4a, 0x69, 0xad }, true, DYNAMIC_DISK },
  { { 0x8f, 0xaf, 0x5c, 0xe7, 0x80, 0xf6, 0xee, 0x4c,
      0xaf, 0xa3, 0xb0, 0x01, 0xe5, 0x6e, 0xfc, 0x2d }, false,
    N_("it is part of a Windows storage pool") },
};

static int
add_entry (struct reader *disk, const unsigned char *entry, unsigned number,
           const struct header *header, struct partitions *ret,
           struct error *err)
{
  static const unsigned char nothing[GUID_SIZE];
  const uint64_t first = le64 (entry + 32), last = le64 (entry + 40);
  const char *why_not = NULL;

  if (memcmp (entry, nothing, GUID_SIZE) == 0)
    return 0;
  if (first > last || first < header->first || last > header->last)
    return partitions_doubt (ret, err,
                             _("its partition %u is outside of the usable "
                               "sectors of the GPT"), number);
  for (size_t i = 0; i < ARRAY_LEN (layers); i++)
    if (memcmp (entry, layers[i].guid, GUID_SIZE) == 0) {
      if (layers[i].disk)
        return partitions_doubt (ret, err, "%s", _(layers[i].why_not));
      why_not = layers[i].why_not;
    }
  if (partitions_add (disk, number, first, last - first + 1, ret, err) == -1)
    return -1;
  if (ret->why_not == NULL)
    ret->list.ptr[ret->list.len - 1].why_not = why_not;
  return 0;
}

static int
add_entries (struct reader *disk, const struct header *header,
             const unsigned char *entries, struct partitions *ret,
             struct error *err)
{
  for (unsigned i = 0; i < header->n_entries && ret->why_not == NULL; i++)
    if (add_entry (disk, entries + (size_t) i * header->entry_size, i + 1,
                   header, ret, err) == -1)
      return -1;
  return 0;
}

int
gpt_read (struct reader *disk, struct partitions *ret, struct error *err)
{
  CLEANUP_BYTES unsigned char *entries = NULL;
  const uint64_t sectors = disk->size / ret->sector;
  struct header header;
  const int r = read_header (disk, 1, &header, ret, err);

  if (r == -1)
    return -1;
  if (r == 1 && header.other >= sectors)
    return partitions_doubt (ret, err,
                             _("the disk is shorter than its partition table "
                               "says"));
  if (r == 0 || !is_plausible (&header, sectors))
    return partitions_doubt (ret, err, _("its GPT is damaged"));
  if (read_entries (disk, &header, &entries, ret, err) == -1)
    return -1;
  if (entries == NULL)
    return partitions_doubt (ret, err, _("its GPT is damaged"));
  if (check_copy (disk, &header, ret, err) == -1)
    return -1;
  return ret->why_not != NULL ? 0
    : add_entries (disk, &header, entries, ret, err);
}
