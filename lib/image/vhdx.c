/* SPDX-License-Identifier: GPL-2.0-or-later */

/* VHDX images, by Microsoft's specification ([MS-VHDX]): two headers, of which
 * the newer one counts and tells of the log, two copies of a table of regions,
 * and a region of metadata.  vhdx-blocks.c is about its blocks, vhdx-parent.c
 * about its parent's name.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "image/image-format.h"
#include "image/vhdx.h"
#include "io/reader.h"

#define KIB 1024
#define MIB (1024 * KIB)
#define SECTOR 512
#define MAGIC "vhdxfile"
#define GUID_LEN 16

/* The first MiB has these, each at a multiple of 64 KiB; they are read as one
 * piece.
 */
#define START (64 * KIB)
#define START_LEN (256 * KIB)
#define HEADERS 0               /* in this piece */
#define REGION_TABLES (128 * KIB)
#define COPY_DISTANCE (64 * KIB)

/* A header; all numbers are little endian. */
#define HEADER_LEN (4 * KIB)
#define CHECKSUM 4              /* 4 bytes, of the tables too */
#define SEQUENCE 8              /* 8 bytes */
#define LOG_GUID 48
#define LOG_LEN 68              /* 4 bytes */
#define LOG_AT 72               /* 8 bytes */

/* The table of regions: entries of a GUID, an offset and a length. */
#define REGIONS_LEN (64 * KIB)
#define REGION_COUNT 8          /* 4 bytes */
#define REGION_ENTRIES 16
#define REGION_ENTRY_LEN 32
#define REGIONS_MAX 2047
#define REGION_AT 16            /* 8 bytes */
#define REGION_LEN 24           /* 4 bytes */

/* The metadata: a table of entries (a GUID, offset in the region and length)
 * and the items behind it, of which all but a parent's names are short.
 */
#define METADATA_MAGIC "metadata"
#define METADATA_LEN (128 * KIB)
#define METADATA_TABLE (64 * KIB)
#define ITEM_COUNT 10           /* 2 bytes */
#define ITEM_ENTRIES 32
#define ITEM_ENTRY_LEN 32
#define ITEMS_MAX 2047
#define ITEM_AT 16              /* 4 bytes */
#define ITEM_LEN 20             /* 4 bytes */

#define LOCATOR_MAX (64 * KIB)  /* some names of at most 32767 characters */
#define HAS_PARENT 2            /* in the second number of the parameters */
#define DISK_MAX (UINT64_C (64) << 40) /* so the specification says */

/* Entries of the log begin at multiples of 4 KiB, with "loge". */
#define LOG_ENTRY_ALIGN (4 * KIB)
#define LOG_ENTRY_GUID 32
#define LOG_MAX (64 * MIB)      /* all that write VHDXs use 1 MiB */

#define GUID(a, b, c, ...) \
  { (a) & 255, (a) >> 8 & 255, (a) >> 16 & 255, (a) >> 24 & 255, \
    (b) & 255, (b) >> 8 & 255, (c) & 255, (c) >> 8 & 255, __VA_ARGS__ }

static const unsigned char table_guid[GUID_LEN] =
  GUID (0x2dc27766, 0xf623, 0x4200, 0x9d, 0x64, 0x11, 0x5e, 0x9b, 0xfd, 0x4a,
        0x08);
static const unsigned char metadata_guid[GUID_LEN] =
  GUID (0x8b7ca206, 0x4790, 0x4b9a, 0xb8, 0xfe, 0x57, 0x5f, 0x05, 0x0f, 0x88,
        0x6e);
static const unsigned char parameters_guid[GUID_LEN] =
  GUID (0xcaa16737, 0xfa36, 0x4d43, 0xb3, 0xb6, 0x33, 0xf0, 0xaa, 0x44, 0xe7,
        0x6b);
static const unsigned char size_guid[GUID_LEN] =
  GUID (0x2fa54224, 0xcd1b, 0x4876, 0xb2, 0x11, 0x5d, 0xbe, 0xd8, 0x3b, 0xf4,
        0xb8);
static const unsigned char sector_guid[GUID_LEN] =
  GUID (0x8141bf1d, 0xa96f, 0x4709, 0xba, 0x47, 0xf2, 0x33, 0xa8, 0xfa, 0xab,
        0x5f);
static const unsigned char locator_guid[GUID_LEN] =
  GUID (0xa8d35f2d, 0xb30b, 0x454d, 0xab, 0xf7, 0xd3, 0xd8, 0x48, 0x34, 0xab,
        0x0c);

struct metadata {
  struct reader *reader;
  uint64_t offset;              /* of the region */
  unsigned char *bytes;         /* its first METADATA_LEN */
};

static int
refuse_damaged (const char *what, struct error *err)
{
  error_set (err, REASON_UNSUPPORTED, _("a part of it is missing or damaged: "
                                        "%s"), what);
  error_hint (err, _("get a complete copy of the image"));
  return -1;
}

/* CRC-32C, with zeroes in the place where it stands. */
static bool
checksum_matches (const unsigned char *p, size_t len)
{
  uint32_t crc = UINT32_MAX;

  for (size_t i = 0; i < len; i++) {
    crc ^= i < CHECKSUM || i >= CHECKSUM + 4 ? p[i] : 0;
    for (unsigned bit = 0; bit < 8; bit++)
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? UINT32_C (0x82f63b78) : 0);
  }
  return ~crc == le32 (p + CHECKSUM);
}

static bool
is_zero_guid (const unsigned char *guid)
{
  static const unsigned char zero[GUID_LEN];

  return memcmp (guid, zero, GUID_LEN) == 0;
}

/*--- The log. ---*/

/* The header that counts; of two equal ones (Disk2vhd) any. */
static const unsigned char *
find_header (const unsigned char *start)
{
  const unsigned char *ret = NULL;

  for (unsigned i = 0; i < 2; i++) {
    const unsigned char *header = start + HEADERS + i * COPY_DISTANCE;

    if (memcmp (header, "head", 4) == 0 &&
        checksum_matches (header, HEADER_LEN) &&
        (ret == NULL || le64 (header + SEQUENCE) > le64 (ret + SEQUENCE)))
      ret = header;
  }
  return ret;
}

static bool
has_entry (const unsigned char *log, size_t len, const unsigned char *guid)
{
  for (size_t i = 0; i + LOG_ENTRY_ALIGN <= len; i += LOG_ENTRY_ALIGN)
    if (memcmp (log + i, "loge", 4) == 0 &&
        memcmp (log + i + LOG_ENTRY_GUID, guid, GUID_LEN) == 0)
      return true;
  return false;
}

/* A header with a GUID has a log to replay if there are entries with the same
 * GUID.  Whether they are whole is not looked at: qemu-img check will.
 */
static int
look_at_log (struct reader *reader, const unsigned char *header,
             struct image *ret, struct error *err)
{
  const unsigned char *guid = header + LOG_GUID;
  const uint64_t offset = le64 (header + LOG_AT);
  const uint32_t len = le32 (header + LOG_LEN);
  CLEANUP_BYTES unsigned char *log = NULL;

  if (is_zero_guid (guid) || len == 0)
    return 0;
  if (len > LOG_MAX)
    return error_set (err, REASON_UNTRUSTED_IMAGE,
                      _("its log (%" PRIu32 " bytes) is too large"), len);
  log = alloc_zero (MIB, err);
  if (log == NULL)
    return -1;
  for (uint32_t at = 0; at < len && (ret->state & IMAGE_LOG) == 0; at += MIB) {
    const size_t n = len - at < MIB ? len - at : MIB;

    if (image_pread (reader, log, n, offset + at, err) == -1)
      return -1;
    if (has_entry (log, n, guid))
      ret->state |= IMAGE_LOG;
  }
  return 0;
}

/*--- Regions and metadata. ---*/

static const unsigned char *
find_regions (const unsigned char *start)
{
  for (unsigned i = 0; i < 2; i++) {
    const unsigned char *table = start + REGION_TABLES + i * COPY_DISTANCE;

    if (memcmp (table, "regi", 4) == 0 &&
        le32 (table + REGION_COUNT) <= REGIONS_MAX &&
        checksum_matches (table, REGIONS_LEN))
      return table;
  }
  return NULL;
}

static const unsigned char *
find_entry (const unsigned char *entries, size_t count, size_t entry_len,
            const unsigned char *guid)
{
  for (size_t i = 0; i < count; i++)
    if (memcmp (entries + i * entry_len, guid, GUID_LEN) == 0)
      return entries + i * entry_len;
  return NULL;
}

static const unsigned char *
find_region (const unsigned char *regions, const unsigned char *guid)
{
  return find_entry (regions + REGION_ENTRIES, le32 (regions + REGION_COUNT),
                     REGION_ENTRY_LEN, guid);
}

static int
read_metadata (struct metadata *metadata, const unsigned char *regions,
               struct error *err)
{
  const unsigned char *region = find_region (regions, metadata_guid);

  if (region == NULL || le32 (region + REGION_LEN) < METADATA_LEN)
    return refuse_damaged (_("metadata region"), err);
  metadata->offset = le64 (region + REGION_AT);
  if (image_pread (metadata->reader, metadata->bytes, METADATA_LEN,
                   metadata->offset, err) == -1)
    return -1;
  if (memcmp (metadata->bytes, METADATA_MAGIC,
              sizeof METADATA_MAGIC - 1) != 0 ||
      le16 (metadata->bytes + ITEM_COUNT) > ITEMS_MAX)
    return refuse_damaged (_("metadata table"), err);
  return 0;
}

static const unsigned char *
find_item (const struct metadata *metadata, const unsigned char *guid)
{
  return find_entry (metadata->bytes + ITEM_ENTRIES,
                     le16 (metadata->bytes + ITEM_COUNT), ITEM_ENTRY_LEN,
                     guid);
}

/* The first LEN bytes of the item. */
static int
read_item (const struct metadata *metadata, const unsigned char *entry,
           unsigned char *buf, size_t len, struct error *err)
{
  const uint32_t offset = le32 (entry + ITEM_AT);

  if (offset > METADATA_LEN - len)
    return image_pread (metadata->reader, buf, len,
                        metadata->offset + offset, err);
  memcpy (buf, metadata->bytes + offset, len);
  return 0;
}

static int
need_item (const struct metadata *metadata, const unsigned char *guid,
           unsigned char *buf, size_t len, struct error *err)
{
  const unsigned char *entry = find_item (metadata, guid);

  return entry == NULL || le32 (entry + ITEM_LEN) < len
    ? refuse_damaged (_("metadata"), err)
    : read_item (metadata, entry, buf, len, err);
}

/*--- What it says of the disk. ---*/

static int
take_parent (const struct metadata *metadata, struct image *ret,
             struct error *err)
{
  const unsigned char *entry = find_item (metadata, locator_guid);
  const uint32_t len = entry == NULL ? 0 : le32 (entry + ITEM_LEN);
  CLEANUP_BYTES unsigned char *locator = NULL;

  ret->has_parent = true;
  ret->variant = "differencing";
  if (len == 0 || len > LOCATOR_MAX)
    return 0;
  locator = alloc_zero (len, err);
  if (locator == NULL ||
      read_item (metadata, entry, locator, len, err) == -1)
    return -1;
  return vhdx_parent_name (locator, len, &ret->parent, err);
}

static int
refuse_sectors (uint32_t size, struct error *err)
{
  error_set (err, REASON_UNSUPPORTED,
             _("its disk has sectors of %" PRIu32 " bytes, and qemu reads "
               "VHDX images with sectors of 512 bytes only"), size);
  error_hint (err, _("vhdimount (of libvhdi) shows it as a raw disk, to be "
                     "read with -if raw; the VM then needs a disk with such "
                     "sectors, too"));
  return -1;
}

static int
take_blocks (const struct metadata *metadata, const unsigned char *regions,
             uint32_t block_size, struct image *ret, struct error *err)
{
  const unsigned char *region = find_region (regions, table_guid);
  const struct vhdx_blocks blocks = {
    .table = region == NULL ? 0 : le64 (region + REGION_AT),
    .table_len = region == NULL ? 0 : le32 (region + REGION_LEN),
    .block_size = block_size, .disk_size = ret->size,
  };

  if (block_size < MIB || block_size > 256 * MIB ||
      (block_size & (block_size - 1)) != 0)
    return error_set (err, REASON_UNTRUSTED_IMAGE,
                      _("invalid block size: %" PRIu32 " bytes"),
                      block_size);
  return vhdx_find_end (metadata->reader, &blocks, &ret->needed, err);
}

static int
take_metadata (const struct metadata *metadata, const unsigned char *regions,
               struct image *ret, struct error *err)
{
  unsigned char parameters[8], size[8], sector[4];

  if (need_item (metadata, parameters_guid, parameters, sizeof parameters,
                 err) == -1 ||
      need_item (metadata, size_guid, size, sizeof size, err) == -1 ||
      need_item (metadata, sector_guid, sector, sizeof sector, err) == -1)
    return -1;
  ret->size = le64 (size);
  if (ret->size == 0 || ret->size > DISK_MAX || ret->size % SECTOR != 0)
    return error_set (err, REASON_UNTRUSTED_IMAGE,
                      _("it states an impossible disk size: %" PRIu64 " "
                        "bytes"), ret->size);
  if (le32 (parameters + 4) & HAS_PARENT)
    return take_parent (metadata, ret, err);
  if (le32 (sector) != SECTOR)
    return refuse_sectors (le32 (sector), err);
  return take_blocks (metadata, regions, le32 (parameters), ret, err);
}

static int
examine (struct reader *reader,
         const struct image_ends *ends __attribute__ ((unused)),
         struct image *ret, struct error *err)
{
  CLEANUP_BYTES unsigned char *start = alloc_zero (START_LEN, err);
  CLEANUP_BYTES unsigned char *bytes = alloc_zero (METADATA_LEN, err);
  struct metadata metadata = { .reader = reader, .bytes = bytes };
  const unsigned char *header, *regions;

  if (start == NULL || bytes == NULL ||
      image_pread (reader, start, START_LEN, START, err) == -1)
    return -1;
  header = find_header (start);
  if (header == NULL)
    return refuse_damaged (_("header"), err);
  regions = find_regions (start);
  if (regions == NULL)
    return refuse_damaged (_("region table"), err);
  if (look_at_log (reader, header, ret, err) == -1 ||
      read_metadata (&metadata, regions, err) == -1)
    return -1;
  return take_metadata (&metadata, regions, ret, err);
}

/*--- As a format. ---*/

static bool
is_vhdx (const struct image_ends *ends)
{
  return memcmp (ends->start, MAGIC, sizeof MAGIC - 1) == 0;
}

const struct image_format image_vhdx = {
  .name = "vhdx",
  .what = N_("a VHDX image"),
  .probe = is_vhdx,
  .examine = examine,
  .parent_hint = N_("delete the VM's checkpoints where it runs, or export "
                    "the VM; or merge the file into its parent on the host "
                    "that has both (Merge-VHD on Hyper-V)"),
};
