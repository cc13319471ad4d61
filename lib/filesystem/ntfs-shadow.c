/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Shadow copies, which Windows keeps on the volume: its restore points and
 * previous versions.  They hold only what has been overwritten since; all else
 * of the older state is read from the volume itself, also from the clusters of
 * files that were deleted later and are free.  Thus such a volume has no block
 * that is not used.
 *
 * As libvshadow's description has it ("Volume Shadow Snapshot (VSS) format"):
 * a header in the boot area tells where the catalog begins, and the catalog
 * is a list of blocks with an entry or two for each shadow copy.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/ntfs-internal.h"

/* Of the volume, in bytes, where the boot code leaves room for it. */
#define HEADER_OFFSET 0x1e00
#define BLOCK_SIZE (16 << 10)
#define ENTRY_SIZE 128
/* Windows keeps at most 512 shadow copies of a volume: some ten blocks. */
#define BLOCKS_MAX 256

struct shadow_header {
  unsigned char guid[16];
  le32 version, type;
  le64 offset, unknown[2];
  le64 catalog;                 /* bytes of the volume; 0: none */
  le64 maximum;
  unsigned char volume[16];
  unsigned char storage[16];    /* the volume that has the catalog */
} __attribute__ ((packed));

struct catalog_header {
  unsigned char guid[16];
  le32 version, type;
  le64 relative, offset;
  le64 next;                    /* bytes of the volume; 0: the last one */
} __attribute__ ((packed));

/* 3808876b-c176-4e48-b7ae-04046e6cc752 */
static const unsigned char guid[16] = {
  0x6b, 0x87, 0x08, 0x38, 0x76, 0xc1, 0x48, 0x4e,
  0xb7, 0xae, 0x04, 0x04, 0x6e, 0x6c, 0xc7, 0x52,
};

enum { ENTRY_NONE, ENTRY_UNUSED };

/* Does the catalog's BLOCK list a shadow copy, or what is not known? */
static bool
has_entry (const char *block)
{
  for (size_t at = ENTRY_SIZE; at < BLOCK_SIZE; at += ENTRY_SIZE) {
    le64 type;

    memcpy (&type, block + at, sizeof type);
    if (le64_to_cpu (type) != ENTRY_NONE && le64_to_cpu (type) != ENTRY_UNUSED)
      return true;
  }
  return false;
}

static int
doubt_catalog (struct ntfs_reading *reading)
{
  return NTFS_DOUBT (reading, _("its list of shadow copies is damaged"));
}

static int
read_catalog (struct ntfs_reading *reading, uint64_t offset)
{
  const uint64_t size = reading->reader->size;
  CLEANUP_FREE char *block = alloc_zero (BLOCK_SIZE, reading->err);

  if (block == NULL)
    return -1;
  for (unsigned n = 0; offset != 0; n++) {
    struct catalog_header header;

    if (n == BLOCKS_MAX || size < BLOCK_SIZE || offset > size - BLOCK_SIZE)
      return doubt_catalog (reading);
    if (reader_pread (reading->reader, block, BLOCK_SIZE, offset,
                      reading->err) == -1)
      return -1;
    memcpy (&header, block, sizeof header);
    if (memcmp (header.guid, guid, sizeof guid) != 0)
      return doubt_catalog (reading);
    if (has_entry (block))
      return NTFS_DOUBT (reading, _("it has shadow copies (restore points), "
                                    "which use clusters that NTFS marks as "
                                    "free"));
    offset = le64_to_cpu (header.next);
  }
  return 0;
}

int
ntfs_shadow_check (struct ntfs_reading *reading)
{
  static const unsigned char none[16];
  struct shadow_header header;

  if (reading->reader->size < HEADER_OFFSET + sizeof header)
    return 0;
  if (reader_pread (reading->reader, &header, sizeof header, HEADER_OFFSET,
                    reading->err) == -1)
    return -1;
  if (memcmp (header.guid, guid, sizeof guid) != 0)
    return 0;
  if (memcmp (header.storage, none, sizeof none) != 0 &&
      memcmp (header.storage, header.volume, sizeof none) != 0)
    return NTFS_DOUBT (reading, _("another volume may have shadow copies of "
                                  "it"));
  return read_catalog (reading, le64_to_cpu (header.catalog));
}
