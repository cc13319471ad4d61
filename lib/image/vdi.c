/* SPDX-License-Identifier: GPL-2.0-or-later */

/* VirtualBox's images (VDIVMInternal.h of VirtualBox, block/vdi.c of qemu). */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/i18n.h"
#include "image/block-map.h"
#include "image/image-format.h"

/* Offsets of fields, which are little endian; 4 bytes each, where nothing
 * else is said.
 */
#define SIGNATURE 64
#define VERSION_AT 68
#define TYPE 76
#define MAP 340                 /* its offset */
#define DATA 344                /* the offset of block 0 */
#define SIZE 368                /* 8 bytes */
#define BLOCK 376               /* the length of one, in bytes */
#define BLOCK_EXTRA 380         /* bytes in front of each */
#define BLOCKS 384
#define UUID_PARENT 424         /* 16 bytes */
#define UUID_PARENT_STATE 440   /* of the parent when this was made */
#define UUID_LEN 16

#define VERSION_1_1 0x00010001
#define TYPE_FIXED 2
#define TYPE_UNDO 3
#define TYPE_DIFFERENCING 4

#define LAST_BLOCK 0xfffffffd   /* the next two: none, and zeroes */

static bool
is_set (const unsigned char *uuid)
{
  static const unsigned char none[UUID_LEN];

  return memcmp (uuid, none, UUID_LEN) != 0;
}

/* As VirtualBox shows it ("VBoxManage list hdds"). */
static int
set_parent (const unsigned char *uuid, struct image *ret, struct error *err)
{
  if (!is_set (uuid))
    return 0;
  ret->parent = format (err, "{%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x"
                        "%02x}", le32 (uuid), le16 (uuid + 4),
                        le16 (uuid + 6), uuid[8], uuid[9], uuid[10], uuid[11],
                        uuid[12], uuid[13], uuid[14], uuid[15]);
  return ret->parent == NULL ? -1 : 0;
}

static int
find_end (struct reader *reader, const unsigned char *header,
          struct image *ret, struct error *err)
{
  const struct block_map map = {
    .disk_size = ret->size, .block = le32 (header + BLOCK),
    .offset = le32 (header + MAP), .entries = le32 (header + BLOCKS),
    .first = le32 (header + DATA), .unit = le32 (header + BLOCK),
    .least = 0, .most = LAST_BLOCK,
  };

  return map.block == 0 ? 0
    : block_map_find_end (reader, &map, &ret->needed, err);
}

/* Older versions have other headers, and qemu does not read them. */
static int
examine (struct reader *reader, const struct image_ends *ends,
         struct image *ret, struct error *err)
{
  const unsigned char *header = ends->start;
  const uint32_t type = le32 (header + TYPE);

  if (le32 (header + VERSION_AT) != VERSION_1_1)
    return 0;
  ret->size = le64 (header + SIZE);
  if (type == TYPE_FIXED)
    ret->variant = "fixed";
  ret->has_parent = type == TYPE_UNDO || type == TYPE_DIFFERENCING ||
    is_set (header + UUID_PARENT) || is_set (header + UUID_PARENT_STATE);
  if (ret->has_parent)
    return set_parent (header + UUID_PARENT, ret, err);
  /* qemu takes no notice of them.  VirtualBox makes none either. */
  if (le32 (header + BLOCK_EXTRA) != 0)
    return error_set (err, REASON_UNSUPPORTED,
                      _("its blocks have %u extra bytes each, which qemu "
                        "ignores"),
                      le32 (header + BLOCK_EXTRA));
  return find_end (reader, header, ret, err);
}

static bool
is_vdi (const struct image_ends *ends)
{
  return memcmp (ends->start + SIGNATURE, "\x7f\x10\xda\xbe", 4) == 0;
}

const struct image_format image_vdi = {
  .name = "vdi",
  .what = N_("a VDI image"),
  .probe = is_vdi,
  .examine = examine,
  .parent_hint = N_("in VirtualBox, delete the snapshots, or merge it and "
                    "its parents into one image: VBoxManage clonemedium FILE "
                    "WHOLE.vdi"),
};
