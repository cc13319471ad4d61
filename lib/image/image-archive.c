/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Archives, compressed files and backups: what is easily taken for the disk
 * that is in it.  A raw disk may begin with anything, but hardly with four
 * given bytes; where fewer of them, or an old header, are the sign, what
 * follows has to make sense too.
 */

#include <config.h>

#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/i18n.h"
#include "image/image-format.h"
#include "image/tar-header.h"
#include "io/reader.h"

#define STARTS(ends, magic) \
  (memcmp ((ends)->start, magic, sizeof (magic) - 1) == 0)

#define DEFINE_PROBE(name, magic)               \
  static bool                                   \
  name (const struct image_ends *ends)          \
  {                                             \
    return STARTS (ends, magic);                \
  }                                             \
  struct name##_needs_semicolon

DEFINE_PROBE (is_7z, "7z\xbc\xaf\x27\x1c");
DEFINE_PROBE (is_lzip, "LZIP\1");
DEFINE_PROBE (is_lzo, "\x89LZO\0\r\n\x1a\n");
DEFINE_PROBE (is_partclone, "partclone-image");
DEFINE_PROBE (is_rar, "Rar!\x1a\x07");
DEFINE_PROBE (is_saved, "LibvirtQemudSave");
DEFINE_PROBE (is_vma, "VMA\0\0\0\0\1");
DEFINE_PROBE (is_wim, "MSWIM\0\0\0");
DEFINE_PROBE (is_xz, "\xfd" "7zXZ\0");

/* Behind the level: a block, or the end of an empty file. */
static bool
is_bzip2 (const struct image_ends *ends)
{
  return STARTS (ends, "BZh") &&
    ends->start[3] >= '1' && ends->start[3] <= '9' &&
    (memcmp (ends->start + 4, "1AY&SY", 6) == 0 ||
     memcmp (ends->start + 4, "\x17rE8P\x90", 6) == 0);
}

/* What EnCase and libewf write, of either version. */
static bool
is_ewf (const struct image_ends *ends)
{
  return STARTS (ends, "EVF\t\r\n\xff\0") ||
    STARTS (ends, "EVF2\r\n\x81\0");
}

/* Deflate is the only method; three flags are reserved; the systems on which
 * it was made have numbers up to 13, and 255.
 */
static bool
is_gzip (const struct image_ends *ends)
{
  return STARTS (ends, "\x1f\x8b\x08") && (ends->start[3] & 0xe0) == 0 &&
    (ends->start[9] <= 13 || ends->start[9] == 255);
}

/* The version stands in the two highest bits. */
static bool
is_lz4 (const struct image_ends *ends)
{
  return STARTS (ends, "\x04\x22\x4d\x18") && (ends->start[4] & 0xc0) == 0x40;
}

/* What lzma(1) writes: properties that nobody changes, a dictionary of a power
 * of two, and a size, or none.
 */
static bool
is_lzma (const struct image_ends *ends)
{
  const uint32_t dictionary = le32 (ends->start + 1);
  const uint64_t size = le64 (ends->start + 5);

  return ends->start[0] == 0x5d && dictionary >= 4096 &&
    (dictionary & (dictionary - 1)) == 0 && ends->start[13] == 0 &&
    (size == UINT64_MAX || (size > 0 && size < UINT64_C (1) << 48));
}

/* A member, the end of an empty file, a part of a file in pieces. */
static bool
is_zip (const struct image_ends *ends)
{
  return STARTS (ends, "PK\3\4") || STARTS (ends, "PK\5\6") ||
    STARTS (ends, "PK\7\10");
}

/* Or behind a frame that is to be skipped: so pzstd begins. */
static bool
is_zstd (const struct image_ends *ends)
{
  static const char magic[] = "\x28\xb5\x2f\xfd";
  const unsigned char *start = ends->start;
  uint64_t at = 0;

  if ((start[0] & 0xf0) == 0x50 && memcmp (start + 1, "\x2a\x4d\x18", 3) == 0)
    at = 8 + (uint64_t) le32 (start + 4);
  return at <= IMAGE_START - 4 && memcmp (start + at, magic, 4) == 0;
}

static bool
is_tar (const struct image_ends *ends)
{
  return tar_is_first_header (ends->start);
}

/* These are found out by is_tar and find_kind_of_tar. */
static bool
is_never (const struct image_ends *ends __attribute__ ((unused)))
{
  return false;
}

static int look_into_tar (struct reader *, const struct image_ends *,
                          struct image *, struct error *);

#define UNPACK N_("unpack it, and give the disk that is in it")

const struct image_format image_archives[] = {
  { "7z", N_("a 7-Zip archive"), is_7z, NULL, UNPACK, NULL, NULL },
  { "bzip2", N_("a file compressed by bzip2"), is_bzip2, NULL,
    N_("if it is an OVA, use -i ova; otherwise unpack it with bzip2 -d, and "
       "give the disk that is in it"), NULL, NULL },
  { "ewf", N_("an EWF (E01) image"), is_ewf, NULL,
    N_("make a raw disk of it with ewfexport -f raw"), NULL, NULL },
  { "gzip", N_("a gzip-compressed file"), is_gzip, NULL,
    N_("if it is an OVA, use -i ova; otherwise unpack it with gzip -d, and "
       "give the disk that is in it"), NULL, NULL },
  { "libvirt-save", N_("a saved VM state (virsh save)"), is_saved, NULL,
    N_("give the VM's disk"), NULL, NULL },
  { "lz4", N_("a file compressed by lz4"), is_lz4, NULL,
    N_("unpack it with lz4 -d, and give the disk that is in it"), NULL, NULL },
  { "lzip", N_("a file compressed by lzip"), is_lzip, NULL,
    N_("unpack it with lzip -d, and give the disk that is in it"),
    NULL, NULL },
  { "lzma", N_("a file compressed by lzma"), is_lzma, NULL,
    N_("unpack it with xz -d, and give the disk that is in it"), NULL, NULL },
  { "lzo", N_("a file compressed by lzop"), is_lzo, NULL,
    N_("unpack it with lzop -d, and give the disk that is in it"),
    NULL, NULL },
  { "ova", N_("an OVA"), is_never, NULL,
    N_("read the guest in it with -i ova"), NULL, NULL },
  { "partclone", N_("a partclone image of a file system"), is_partclone, NULL,
    N_("restore it with partclone.restore to a disk, and give that disk"),
    NULL, NULL },
  { "rar", N_("a RAR archive"), is_rar, NULL, UNPACK, NULL, NULL },
  { "tar", N_("a tar archive"), is_tar, look_into_tar,
    N_("if it is an OVA, use -i ova; otherwise unpack it, and give the disk "
       "that is in it"), NULL, NULL },
  { "vma", N_("a Proxmox VE backup (VMA)"), is_vma, NULL,
    N_("unpack it with Proxmox VE's vma extract FILE DIRECTORY, and give a "
       "disk-*.raw"), NULL, NULL },
  { "wim", N_("a Windows image (WIM)"), is_wim, NULL,
    N_("it holds files, not a disk: apply it to a disk, and give that disk"),
    NULL, NULL },
  { "xva", N_("an XVA (XenServer, XCP-ng)"), is_never, NULL,
    N_("export each disk on the host with xe vdi-export format=vhd, or make "
       "a raw disk of the export with xva-img"), NULL, NULL },
  { "xz", N_("a file compressed by xz"), is_xz, NULL,
    N_("if it is an OVA, use -i ova; otherwise unpack it with xz -d, and "
       "give the disk that is in it"), NULL, NULL },
  { "zip", N_("a zip archive"), is_zip, NULL,
    N_("if it is an OVA, use -i ova; otherwise unpack it, and give the disk "
       "that is in it"), NULL, NULL },
  { "zstd", N_("a file compressed by zstd"), is_zstd, NULL,
    N_("if it is an OVA, use -i ova; otherwise unpack it with zstd -d, and "
       "give the disk that is in it"), NULL, NULL },
  { NULL, NULL, NULL, NULL, NULL, NULL, NULL },
};

/*--- Which kind of tar file it is. ---*/

/* An OVA begins with its .ovf, which may have extended headers and, where
 * people pack one themselves, directories and disks before it.  Each header
 * costs a read.
 */
#define LOOK_AT 16

static const struct image_format *
kind_called (const char *name)
{
  const struct image_format *ret = image_archives;

  while (strcmp (ret->name, name) != 0)
    ret++;
  return ret;
}

/* NULL: the member does not tell. */
static const struct image_format *
kind_of_member (const unsigned char block[TAR_BLOCK])
{
  /* The name fills a field of 100 bytes, or ends before. */
  const char *name = (const char *) block;
  const size_t len = strnlen (name, 100);

  if (len > 4 && strncasecmp (name + len - 4, ".ovf", 4) == 0)
    return kind_called ("ova");
  return len == 7 && memcmp (name, "ova.xml", 7) == 0 ? kind_called ("xva")
                                                      : NULL;
}

/* Where the header behind this one's member is; false: nowhere. */
static bool
next_header (const unsigned char block[TAR_BLOCK], uint64_t size,
             uint64_t *offset)
{
  uint64_t len;

  if (!tar_is_header (block) || !tar_header_size (block, &len))
    return false;
  len += TAR_BLOCK + (TAR_BLOCK - len % TAR_BLOCK) % TAR_BLOCK;
  return !__builtin_add_overflow (*offset, len, offset) &&
    *offset <= size && size - *offset >= TAR_BLOCK;
}

static int
look_into_tar (struct reader *reader, const struct image_ends *ends,
               struct image *ret, struct error *err)
{
  unsigned char block[TAR_BLOCK];
  uint64_t offset = 0;

  memcpy (block, ends->start, sizeof block);
  for (unsigned i = 0; i < LOOK_AT; i++) {
    const struct image_format *kind = kind_of_member (block);

    if (kind != NULL) {
      ret->format = kind;
      return 0;
    }
    if (!next_header (block, reader->size, &offset))
      return 0;
    if (reader_pread (reader, block, sizeof block, offset, err) == -1)
      return -1;
  }
  return 0;
}
