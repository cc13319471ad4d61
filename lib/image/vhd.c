/* SPDX-License-Identifier: GPL-2.0-or-later */

/* VHD images ("vpc" in qemu), by Microsoft's specification 1.0.  All end with
 * a footer, and those that grow begin with a copy of it, which is what qemu
 * looks at.  A fixed one is a raw disk with the footer behind it; nothing in
 * its beginning tells it from one.  Blocks are looked at in vhd-blocks.c.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "image/image-format.h"
#include "image/utf16.h"
#include "image/vhd.h"
#include "io/reader.h"

#define SECTOR 512
#define MAGIC "conectix"
#define HEADER_MAGIC "cxsparse"

/* Offsets in the footer, which is big endian. */
#define FOOTER_LEN 512
#define OLD_FOOTER_LEN 511      /* by what came before Virtual PC 2004 */
#define HEADER_AT 16            /* 8 bytes */
#define CREATOR 28              /* 4 bytes */
#define CURRENT_SIZE 48         /* 8 bytes */
#define CYLINDERS 56            /* 2 bytes, then 1 of heads, 1 of sectors */
#define TYPE 60                 /* 4 bytes */
#define CHECKSUM 64             /* 4 bytes */

#define TYPE_FIXED 2
#define TYPE_DYNAMIC 3
#define TYPE_DIFFERENCING 4

/* In the header that the footer of such an image leads to. */
#define HEADER_LEN 1024
#define TABLE_AT 16             /* 8 bytes */
#define TABLE_ENTRIES 28        /* 4 bytes */
#define BLOCK_SIZE 32           /* 4 bytes */
#define PARENT_NAME 64          /* 512 bytes of UTF-16 */
#define PARENT_NAME_LEN 512
#define LOCATORS 576            /* 8 of 24 bytes */
#define LOCATOR_LEN 24
#define LOCATOR_NAME_LEN 8      /* 4 bytes */
#define LOCATOR_NAME_AT 16      /* 8 bytes */

/* qemu's VHD_MAX_SECTORS: a table entry has room for no more. */
#define DYNAMIC_MAX (UINT64_C (0xff000000) * SECTOR)
/* This geometry means that the disk is larger than one can tell. */
#define GEOMETRY_MAX (UINT64_C (65535) * 16 * 255 * SECTOR)

static bool
has_magic (const unsigned char *footer)
{
  return memcmp (footer, MAGIC, sizeof MAGIC - 1) == 0;
}

/* The footer in its place, or NULL; *LEN are its bytes. */
static const unsigned char *
find_footer (const struct image_ends *ends, size_t *len)
{
  if (ends->size < IMAGE_END)
    return NULL;
  *len = FOOTER_LEN;
  if (has_magic (ends->end))
    return ends->end;
  *len = OLD_FOOTER_LEN;
  return has_magic (ends->end + 1) ? ends->end + 1 : NULL;
}

static bool
checksum_matches (const unsigned char *footer, size_t len)
{
  uint32_t sum = 0;

  for (size_t i = 0; i < len; i++)
    if (i < CHECKSUM || i >= CHECKSUM + 4)
      sum += footer[i];
  return ~sum == be32 (footer + CHECKSUM);
}

/*--- The size of the disk. ---*/

/* By qemu 11's rule.  Virtual PC and qemu up to 1.x show a guest as much as
 * the geometry says; all others, as qemu does since with another name for
 * itself ("qem2"), the size that the footer states.
 */
static bool
geometry_counts (const unsigned char *footer)
{
  return memcmp (footer + CREATOR, "vpc ", 4) == 0 ||
    memcmp (footer + CREATOR, "qemu", 4) == 0;
}

static uint64_t
size_of (const unsigned char *footer)
{
  const uint64_t current = be64 (footer + CURRENT_SIZE);
  const uint64_t geometry = (uint64_t) be16 (footer + CYLINDERS) *
    footer[CYLINDERS + 2] * footer[CYLINDERS + 3] * SECTOR;

  return geometry_counts (footer) && geometry != 0 && geometry != GEOMETRY_MAX
    ? geometry : current;
}

static int
take_size (const unsigned char *footer, struct image *ret, struct error *err)
{
  const uint64_t current = be64 (footer + CURRENT_SIZE);

  if (current == 0 || current % SECTOR != 0 || current > INT64_MAX)
    return error_set (err, REASON_UNTRUSTED_IMAGE,
                      _("it states an impossible disk size: %" PRIu64 " "
                        "bytes"), current);
  ret->size = size_of (footer);
  return 0;
}

/*--- Fixed images. ---*/

static int
refuse_footer (const char *why, struct error *err)
{
  error_set (err, REASON_UNSUPPORTED, "%s", why);
  error_hint (err, _("get a complete copy of the image; -if raw reads all of "
                     "the file as the disk, with the footer"));
  return -1;
}

static bool
is_fixed (const struct image_ends *ends)
{
  size_t len;

  return find_footer (ends, &len) != NULL;
}

/* Some writers give a fixed image a geometry that is larger than the file
 * (qemu up to 1.x rounds it up): what is there then is the footer's size.
 */
static int
examine_fixed (struct reader *reader, const struct image_ends *ends,
               struct image *ret, struct error *err)
{
  size_t len = 0;
  const unsigned char *footer = find_footer (ends, &len);

  if (!checksum_matches (footer, len))
    return refuse_footer (_("it ends with a VHD footer whose checksum is "
                            "wrong"), err);
  if (be32 (footer + TYPE) != TYPE_FIXED)
    return refuse_footer (_("it has the footer of a VHD image but not its "
                            "beginning"), err);
  if (take_size (footer, ret, err) == -1)
    return -1;
  if (ret->size > reader->size - len)
    ret->size = be64 (footer + CURRENT_SIZE);
  ret->needed = ret->size + len;
  ret->plain = true;
  ret->variant = "fixed";
  return 0;
}

/*--- The others. ---*/

static bool
is_vhd (const struct image_ends *ends)
{
  return has_magic (ends->start);
}

static int
refuse_damaged (const char *why, struct error *err)
{
  error_set (err, REASON_UNSUPPORTED, "%s", why);
  error_hint (err, _("get a complete copy of the image, or convert it where "
                     "it can be read"));
  return -1;
}

/* qemu reads the copy at the beginning, others the footer at the end; images
 * on LVs (XenServer) may have anything there.
 */
static int
check_footers (const struct image_ends *ends, struct error *err)
{
  const unsigned char *first = ends->start, *last;
  size_t len;

  if (!checksum_matches (first, FOOTER_LEN))
    return refuse_damaged (_("the checksum of its first sector is wrong"),
                           err);
  if (be32 (first + TYPE) != TYPE_DYNAMIC &&
      be32 (first + TYPE) != TYPE_DIFFERENCING)
    return error_set (err, REASON_UNSUPPORTED,
                      _("unknown VHD type %" PRIu32),
                      be32 (first + TYPE));
  last = find_footer (ends, &len);
  if (last != NULL && checksum_matches (last, len) &&
      (be32 (last + TYPE) != be32 (first + TYPE) ||
       size_of (last) != size_of (first)))
    return refuse_damaged (_("its beginning and its end disagree on type or "
                             "size"), err);
  return 0;
}

/* The name in a locator for Windows, absolute or relative.  (The file has the
 * header, so that it is longer than the name.)
 */
static int
take_located (struct reader *reader, const unsigned char *locator,
              struct image *ret, struct error *err)
{
  unsigned char name[PARENT_NAME_LEN];
  const uint32_t len = be32 (locator + LOCATOR_NAME_LEN);
  const uint64_t offset = be64 (locator + LOCATOR_NAME_AT);

  if (ret->parent != NULL || (memcmp (locator, "W2ku", 4) != 0 &&
                              memcmp (locator, "W2ru", 4) != 0) ||
      len == 0 || len > sizeof name || offset > reader->size - len)
    return 0;                   /* one that leads nowhere is no name */
  if (image_pread (reader, name, len, offset, err) == -1)
    return -1;
  ret->parent = utf16_to_text (name, len, false, err);
  return ret->parent != NULL ? 0 : -1;
}

static int
take_parent (struct reader *reader, const unsigned char *header,
             struct image *ret, struct error *err)
{
  CLEANUP_FREE char *name = utf16_to_text (header + PARENT_NAME,
                                           PARENT_NAME_LEN, true, err);

  if (name == NULL)
    return -1;
  ret->has_parent = true;
  ret->variant = "differencing";
  if (*name != '\0')
    ret->parent = STEAL (name);
  for (unsigned at = LOCATORS; at < LOCATORS + 8 * LOCATOR_LEN;
       at += LOCATOR_LEN)
    if (take_located (reader, header + at, ret, err) == -1)
      return -1;
  return 0;
}

static int
refuse_large (uint64_t size, struct error *err)
{
  error_set (err, REASON_UNSUPPORTED,
             _("it states a size of %" PRIu64 " bytes; qemu reads VHD images "
               "of up to 2040 GiB, unless they are fixed"), size);
  error_hint (err, _("make a VHDX image or a fixed VHD image of it where it "
                     "runs (Convert-VHD)"));
  return -1;
}

static int
take_blocks (const unsigned char *header, uint64_t size,
             struct vhd_blocks *ret, struct error *err)
{
  const uint32_t block = be32 (header + BLOCK_SIZE);
  const uint32_t entries = be32 (header + TABLE_ENTRIES);
  uint64_t used;

  if (block < SECTOR || (block & (block - 1)) != 0)
    return error_set (err, REASON_UNTRUSTED_IMAGE,
                      _("invalid block size: %" PRIu32 " bytes"),
                      block);
  used = (size + block - 1) / block;
  if (entries < used)
    return error_set (err, REASON_UNTRUSTED_IMAGE,
                      _("its table has room for %" PRIu32 " blocks, but the "
                        "disk has %" PRIu64), entries, used);
  *ret = (struct vhd_blocks) {
    .table = be64 (header + TABLE_AT),
    .entries = (uint32_t) used, .block_size = block,
  };
  return 0;
}

static int
examine (struct reader *reader, const struct image_ends *ends,
         struct image *ret, struct error *err)
{
  unsigned char header[HEADER_LEN];
  struct vhd_blocks blocks;

  if (check_footers (ends, err) == -1 ||
      take_size (ends->start, ret, err) == -1)
    return -1;
  if (image_pread (reader, header, sizeof header,
                   be64 (ends->start + HEADER_AT), err) == -1)
    return -1;
  if (memcmp (header, HEADER_MAGIC, sizeof HEADER_MAGIC - 1) != 0)
    return refuse_damaged (_("its header is not where its first sector says"),
                           err);
  if (be32 (ends->start + TYPE) == TYPE_DIFFERENCING)
    return take_parent (reader, header, ret, err);
  ret->variant = "dynamic";
  if (ret->size > DYNAMIC_MAX)
    return refuse_large (ret->size, err);
  /* Told, because qemu before 11 takes the geometry of most writers. */
  ret->qemu_option = "force_size_calc";
  ret->qemu_value = ret->size == be64 (ends->start + CURRENT_SIZE)
    ? "current_size" : "chs";
  if (take_blocks (header, ret->size, &blocks, err) == -1)
    return -1;
  return vhd_look_at_blocks (reader, &blocks, ret, err);
}


#define PARENT_HINT N_("delete the VM's checkpoints or snapshots where it " \
                       "runs, or export the VM; or merge the file into its " \
                       "parent on the host that has both (Merge-VHD on " \
                       "Hyper-V, vhd-util coalesce on XenServer)")

const struct image_format image_vhd = {
  .name = "vpc",
  .what = N_("a VHD image"),
  .probe = is_vhd,
  .examine = examine,
  .parent_hint = PARENT_HINT,
};

const struct image_format image_vhd_fixed = {
  .name = "vpc",
  .what = N_("a VHD image"),
  .probe = is_fixed,
  .examine = examine_fixed,
};
