/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Sparse VMDKs ("KDMV"): a header, a descriptor, a directory of grain tables,
 * and grains, which are compressed in those that are made to be streamed.
 *
 * limit                    value     reason
 * -----------------------  --------  ---------------------------------------
 * sectors of a grain       0x200000  qemu's
 * entries of a table       512       qemu's, and all that is ever written
 * bytes of the directory   16 MiB    of 128 TiB with grains of 64 KiB
 * bytes of a read          4 MiB     tables lie one after another, except in
 *                                    streams, of which the last one is enough
 *
 * Of local files all tables are read, unless they lie apart or overlap as
 * nobody would write them: 65536 reads take seconds.  Elsewhere 16 reads, and
 * 16 MiB, have to do: the last 256 GiB of a disk with grains of 64 KiB.
 */

#include <config.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "image/head.h"
#include "image/vmdk-sparse.h"
#include "image/vmdk-text.h"
#include "io/reader.h"

#define SECTOR 512
#define GRAIN_MAX 0x200000      /* sectors */
#define ENTRIES_MAX 512         /* of a table */
#define DIRECTORY_MAX (16 << 20)
#define READ_MAX (4 << 20)

static const struct limits {
  unsigned reads;
  uint64_t bytes;
} local = { 65536, UINT64_MAX }, remote = { 16, 16 << 20 };

/* The header is little endian.  Numbers are sectors, but for the flags, the
 * entries of a table and the way of compressing.
 */
#define FLAGS 8
#define CAPACITY 12
#define GRAIN 20
#define TEXT_AT 28
#define TEXT_LEN 36
#define TABLE_ENTRIES 44
#define DIRECTORY 56

#define FLAG_ZERO_GRAIN 0x4     /* entry 1 means a grain of zeroes */
#define FLAG_COMPRESSED 0x10000

/* A stream's directory is known only when it has been written: its header says
 * so, and another header, followed by an end marker, ends the file.
 */
#define AT_END UINT64_MAX
#define FOOTER_BEFORE_END (2 * SECTOR)
/* Of the file's end qemu reads so much, from the marker of the footer on; and
 * so much behind the header, wherever that places the descriptor.
 */
#define FOOTER_LEN (3 * SECTOR)
#define TEXT_IN_QEMU (20 * SECTOR)

/* A compressed grain: its place on the disk, its length (4 bytes), and so many
 * bytes.
 */
#define GRAIN_HEADER 12

struct sparse {
  struct reader *reader;
  uint64_t capacity, grain, directory;
  uint32_t entries, flags;
  uint64_t last_grain;          /* its offset in the file, of all that were
                                   looked at; 0: none */
  bool last_is_short;           /* the disk may end in it */
  unsigned reads;
  uint64_t read;                /* bytes, in whole sectors */
};

static int
not_vmware (struct error *err)
{
  return error_set (err, REASON_UNSUPPORTED,
                    _("its header is damaged, or not one that VMware would "
                      "write"));
}

static int
parse_header (const unsigned char *header, struct sparse *ret,
              struct error *err)
{
  ret->flags = le32 (header + FLAGS);
  ret->capacity = le64 (header + CAPACITY);
  ret->grain = le64 (header + GRAIN);
  ret->entries = le32 (header + TABLE_ENTRIES);
  ret->directory = le64 (header + DIRECTORY);
  /* qemu takes a header without a capacity for a wrapper around its
   * descriptor, and opens the files that the descriptor names.
   */
  if (ret->capacity == 0)
    return error_set (err, REASON_UNTRUSTED_IMAGE,
                      _("its header does not give a capacity"));
  if (ret->grain == 0 || ret->grain > GRAIN_MAX || ret->entries == 0 ||
      ret->entries > ENTRIES_MAX || ret->capacity > INT64_MAX / SECTOR)
    return not_vmware (err);
  return 0;
}

static int
read_footer (struct reader *reader, struct sparse *ret, struct error *err)
{
  unsigned char header[SECTOR];

  if (reader->size < 2 * FOOTER_BEFORE_END)
    return error_set (err, REASON_UNSUPPORTED, _("it is incomplete"));
  if (reader_pread (reader, header, sizeof header,
                    reader->size - FOOTER_BEFORE_END, err) == -1)
    return -1;
  if (memcmp (header, "KDMV", 4) == 0)
    return parse_header (header, ret, err);
  error_set (err, REASON_UNSUPPORTED,
             _("it is incomplete: the footer that it must end with is "
               "missing"));
  image_hint_incomplete (err);
  return -1;
}

/* A header without a capacity makes qemu read names from the place that it
 * gives; with this header there is no other way to one.
 */
int
vmdk_want_sparse (const struct image_ends *ends, struct image_head *ret,
                  struct error *err)
{
  const unsigned char *header = ends->start;
  const uint64_t text = le64 (header + TEXT_AT);
  const uint64_t sectors = le64 (header + TEXT_LEN);

  if (image_head_want (ret, ends, 0, SECTOR + TEXT_IN_QEMU, err) == -1)
    return -1;
  if (le64 (header + DIRECTORY) == AT_END && ends->size >= FOOTER_LEN &&
      image_head_want (ret, ends, ends->size - FOOTER_LEN, FOOTER_LEN,
                       err) == -1)
    return -1;
  return text > INT64_MAX / SECTOR || sectors > VMDK_TEXT_MAX / SECTOR ? 0
    : image_head_want (ret, ends, text * SECTOR, sectors * SECTOR, err);
}

/*--- The descriptor. ---*/

/* What the descriptor says is exact; the capacity is rounded up to grains by
 * some writers.  Only one of them can be right where they differ by more.
 */
static int
set_size (const struct sparse *sparse, uint64_t stated, struct image *ret,
          struct error *err)
{
  const uint64_t capacity = sparse->capacity * SECTOR;

  ret->size = stated == 0 ? capacity : stated;
  if (stated == 0 || (stated <= capacity &&
                      capacity - stated < sparse->grain * SECTOR))
    return 0;
  return error_set (err, REASON_UNSUPPORTED,
                    _("its header says that the disk has %" PRIu64
                      " bytes, and its descriptor says %" PRIu64),
                    capacity, stated);
}

/* The text inside the file; an empty one if it has none. */
static char *
read_embedded (struct reader *reader, const unsigned char *header,
               size_t *len, struct error *err)
{
  const uint64_t sector = le64 (header + TEXT_AT);
  const uint64_t sectors = le64 (header + TEXT_LEN);
  CLEANUP_FREE char *text = NULL;

  *len = 0;
  if (sector != 0 && sectors != 0) {
    if (sectors > VMDK_TEXT_MAX / SECTOR || sector > INT64_MAX / SECTOR) {
      error_set (err, REASON_UNTRUSTED_IMAGE,
                 _("its descriptor is too large"));
      return NULL;
    }
    *len = sectors * SECTOR;
  }
  text = alloc_zero (*len + 1, err);
  if (text == NULL || (*len > 0 && image_pread (reader, text, *len,
                                                sector * SECTOR, err) == -1))
    return NULL;
  return STEAL (text);
}

/* The extent that it names is the file itself. */
static int
take_embedded (struct reader *reader, const unsigned char *header,
               const struct sparse *sparse, struct image *ret,
               bool *without_text, struct error *err)
{
  CLEANUP_IMAGE struct image inner = { .format = NULL };
  size_t len;
  CLEANUP_FREE char *text = read_embedded (reader, header, &len, err);

  if (text == NULL || vmdk_read_text (text, len, &inner, err) == -1)
    return -1;
  *without_text = inner.files.len == 0;
  ret->has_parent = inner.has_parent;
  ret->parent = STEAL (inner.parent);
  return set_size (sparse, inner.size, ret, err);
}

/*--- How much of the file is used. ---*/

static int
read_tables (struct sparse *sparse, void *buf, size_t len, uint64_t offset,
             struct error *err)
{
  sparse->reads++;
  sparse->read += (len + SECTOR - 1) / SECTOR * SECTOR;
  return image_pread (sparse->reader, buf, len, offset, err);
}

/* FIRST is the number of the first entry's grain on the disk. */
static void
look_at_table (struct sparse *sparse, const unsigned char *table, size_t n,
               uint64_t first)
{
  const uint64_t last = (sparse->capacity - 1) / sparse->grain;

  for (size_t i = 0; i < n; i++) {
    const uint64_t at = (uint64_t) le32 (table + 4 * i) * SECTOR;

    if (at == SECTOR && (sparse->flags & FLAG_ZERO_GRAIN) != 0)
      continue;
    if (at <= sparse->last_grain || first + i > last)
      continue;
    sparse->last_grain = at;
    sparse->last_is_short = first + i == last;
  }
}

/* The tables of the directory's entries from FIRST to END, which lie one after
 * another.
 */
static int
look_at_run (struct sparse *sparse, const unsigned char *directory,
             uint64_t first, uint64_t end, struct error *err)
{
  const size_t len = (size_t) (end - first) * sparse->entries * 4;
  const uint64_t at = (uint64_t) le32 (directory + 4 * first) * SECTOR;
  CLEANUP_BYTES unsigned char *tables = NULL;

  if (at == 0)
    return 0;
  tables = alloc_zero (len, err);
  if (tables == NULL || read_tables (sparse, tables, len, at, err) == -1)
    return -1;
  look_at_table (sparse, tables, len / 4, first * sparse->entries);
  return 0;
}

/* Does table I lie directly behind the one before? */
static bool
continues (const struct sparse *sparse, const unsigned char *directory,
           uint64_t i)
{
  const uint64_t before = le32 (directory + 4 * (i - 1));
  const uint64_t at = le32 (directory + 4 * i);
  const uint64_t len = (uint64_t) sparse->entries * 4;

  return before == 0 ? at == 0
    : at != 0 && len % SECTOR == 0 && at == before + len / SECTOR;
}

/* The last grain of a stream stands in its last table. */
static bool
has_seen_enough (const struct sparse *sparse)
{
  return (sparse->flags & FLAG_COMPRESSED) != 0 && sparse->last_grain != 0;
}

/* Tables that do not overlap are shorter than the file. */
static bool
may_read_more (const struct sparse *sparse)
{
  const struct limits *limits = sparse->reader->remote ? &remote : &local;

  return sparse->reads < limits->reads && sparse->read < limits->bytes &&
    sparse->read < sparse->reader->size;
}

static bool
has_tables (const unsigned char *directory, uint64_t n)
{
  for (uint64_t i = 0; i < n; i++)
    if (le32 (directory + 4 * i) != 0)
      return true;
  return false;
}

/* From the end, which is where a program that writes an image from one end to
 * the other has its last grain.
 */
static int
look_at_tables (struct sparse *sparse, const unsigned char *directory,
                uint64_t n, struct image *ret, struct error *err)
{
  const uint64_t most = READ_MAX / (sparse->entries * 4);
  uint64_t end = n;

  while (end > 0 && !has_seen_enough (sparse) && may_read_more (sparse)) {
    uint64_t first = end - 1;

    while (first > 0 && end - first < most &&
           continues (sparse, directory, first))
      first--;
    if (look_at_run (sparse, directory, first, end, err) == -1)
      return -1;
    end = first;
  }
  if (!has_seen_enough (sparse) && has_tables (directory, end))
    ret->state |= IMAGE_UNCHECKED;
  return 0;
}

/* A compressed grain is as long as it says, and a program may leave out what
 * is behind the end of the disk.
 */
static int
find_end (struct sparse *sparse, const struct image *image, uint64_t *ret,
          struct error *err)
{
  const uint64_t grain = sparse->grain * SECTOR, at = sparse->last_grain;
  unsigned char header[GRAIN_HEADER];

  *ret = at;
  if (at == 0)
    return 0;
  if ((sparse->flags & FLAG_COMPRESSED) == 0)
    *ret += sparse->last_is_short ? (image->size - 1) % grain + 1 : grain;
  else if (at + sizeof header > sparse->reader->size)
    *ret += sizeof header;
  else if (reader_pread (sparse->reader, header, sizeof header, at,
                         err) == -1)
    return -1;
  else
    *ret += sizeof header + le32 (header + 8);
  return 0;
}

/* A stream with a footer is whole if it has that, and its tables lie between
 * its grains.
 */
static int
find_needed (struct sparse *sparse, struct image *ret, struct error *err)
{
  const uint64_t covered = sparse->grain * sparse->entries;
  const uint64_t n = (sparse->capacity - 1) / covered + 1;
  CLEANUP_BYTES unsigned char *directory = NULL;

  if (n * 4 > DIRECTORY_MAX || sparse->directory == 0 ||
      sparse->directory > INT64_MAX / SECTOR)
    return not_vmware (err);
  directory = alloc_zero (n * 4, err);
  if (directory == NULL ||
      read_tables (sparse, directory, n * 4, sparse->directory * SECTOR,
                   err) == -1 ||
      look_at_tables (sparse, directory, n, ret, err) == -1)
    return -1;
  return find_end (sparse, ret, &ret->needed, err);
}

int
vmdk_read_sparse (struct reader *reader, const struct image_ends *ends,
                  struct image *ret, bool *without_text, struct error *err)
{
  struct sparse sparse = { .reader = reader };

  if (ends->size < SECTOR) {
    error_set (err, REASON_UNSUPPORTED,
               _("it is incomplete: it ends within its header"));
    image_hint_incomplete (err);
    return -1;
  }
  if (parse_header (ends->start, &sparse, err) == -1)
    return -1;
  if ((sparse.flags & FLAG_COMPRESSED) != 0)
    ret->variant = "streamOptimized";
  if (sparse.directory == AT_END) {
    if (read_footer (reader, &sparse, err) == -1)
      return -1;
    ret->needed = ret->file_size;
  }
  if (take_embedded (reader, ends->start, &sparse, ret, without_text,
                     err) == -1)
    return -1;
  return ret->needed != 0 || ret->has_parent ? 0
    : find_needed (&sparse, ret, err);
}
