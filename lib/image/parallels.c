/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Parallels' images (docs/interop/parallels.rst of qemu), the .hds files in
 * its bundles.  Which of these belong to a snapshot stands in the bundle's
 * DiskDescriptor.xml only.
 */

#include <config.h>

#include <string.h>

#include "base/bytes.h"
#include "base/i18n.h"
#include "image/block-map.h"
#include "image/image-format.h"

/* Offsets of fields, which are little endian; 4 bytes each, where nothing
 * else is said.
 */
#define BLOCK 28                /* the length of one, in sectors */
#define BLOCKS 32
#define SIZE 36                 /* in sectors; 8 bytes, or 4 */
#define IN_USE 44
#define MAP 64                  /* where it begins */

#define OPENED 0x746f6e59       /* IN_USE, while something writes to it */
#define SECTOR 512

#define OLD_MAGIC "WithoutFreeSpace"
#define MAGIC "WithouFreSpacExt"
#define MAGIC_LEN 16

static bool
has_magic (const struct image_ends *ends, const char *magic)
{
  return memcmp (ends->start, magic, MAGIC_LEN) == 0;
}

static bool
is_parallels (const struct image_ends *ends)
{
  return has_magic (ends, OLD_MAGIC) || has_magic (ends, MAGIC);
}

/* The old map has sectors and the new one blocks. */
static int
examine (struct reader *reader, const struct image_ends *ends,
         struct image *ret, struct error *err)
{
  const unsigned char *header = ends->start;
  const bool old = has_magic (ends, OLD_MAGIC);
  const uint64_t block = (uint64_t) le32 (header + BLOCK) * SECTOR;
  const uint64_t sectors = old ? le32 (header + SIZE) : le64 (header + SIZE);

  if (le32 (header + IN_USE) == OPENED)
    ret->state |= IMAGE_DIRTY;
  if (block == 0 || sectors > INT64_MAX / SECTOR)
    return 0;                   /* qemu does not open it */
  ret->size = sectors * SECTOR;
  return block_map_find_end (reader, &(struct block_map) {
      .disk_size = ret->size, .block = block,
      .offset = MAP, .entries = le32 (header + BLOCKS),
      .first = 0, .unit = old ? SECTOR : block,
      .least = 1, .most = UINT32_MAX,
    }, &ret->needed, err);
}

const struct image_format image_parallels = {
  .name = "parallels",
  .what = N_("a Parallels image"),
  .probe = is_parallels,
  .examine = examine,
};
