/* SPDX-License-Identifier: GPL-2.0-or-later */

/* All records of the MFT.  Each says which clusters its file has, and together
 * they have to be those that $Bitmap marks as used: none of the free ones is
 * among them, and there are as many.  That is what tells a map that was left
 * behind by a crash, or damaged, from one to rely on.  It costs reading the
 * MFT, 1 KiB for each file, in large pieces; the parts of it that its own
 * bitmap says are not used are not read.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/ntfs-internal.h"

/* In bytes of the MFT: what is looked at at once, and what is rather read than
 * left out; in bytes of its bitmap: what is read at once.
 */
#define PIECE (1 << 20)
#define GAP (64 << 10)
#define BITS_SIZE (64 << 10)

struct walk {
  struct ntfs_reading *reading;
  struct ntfs_content mft;
  uint64_t records;             /* that it has */
  uint64_t used_clusters;       /* of all records so far */
  uint64_t first;               /* record that the first of bits is for */
  char *bits;
  struct ranges batch;          /* of bytes of the MFT, to be read next */
  uint64_t batch_size;
  char *piece;
};

static int
doubt_record (struct walk *walk, uint64_t number)
{
  return NTFS_DOUBT (walk->reading, _("its file record %" PRIu64 " is "
                                      "damaged"), number);
}

/*--- Runs of clusters. ---*/

/* Is one of these bytes of the volume among the free ones? */
static bool
is_free (const struct ranges *unused, uint64_t offset, uint64_t len)
{
  const size_t i = ranges_find (unused, offset);

  return i < unused->len && unused->ptr[i].offset < offset + len;
}

static int
check_run (struct walk *walk, uint64_t number, const runlist_element *run)
{
  struct ntfs_reading *reading = walk->reading;
  const struct ntfs_geometry *geometry = &reading->geometry;

  if ((uint64_t) run->lcn >= geometry->clusters || run->length < 0 ||
      (uint64_t) run->length > geometry->clusters - (uint64_t) run->lcn)
    return doubt_record (walk, number);
  walk->used_clusters += (uint64_t) run->length;
  if (walk->used_clusters > geometry->clusters)
    return NTFS_DOUBT (reading, _("its files use more clusters than there "
                                  "are"));
  if (is_free (&reading->ret->unused,
               (uint64_t) run->lcn * geometry->cluster_size,
               (uint64_t) run->length * geometry->cluster_size))
    return NTFS_DOUBT (reading, _("clusters of file record %" PRIu64 " are "
                                  "marked as free"), number);
  return 0;
}

/*--- Attributes. ---*/

V2V_DEFINE_CLEANUP (cleanup_runs, runlist_element *, free);
#define CLEANUP_RUNS __attribute__ ((cleanup (cleanup_runs)))

static int
check_runs (struct walk *walk, uint64_t number, const ATTR_RECORD *attribute)
{
  struct ntfs_reading *reading = walk->reading;
  const uint32_t len = le32_to_cpu (attribute->length);
  const uint16_t pairs = le16_to_cpu (attribute->mapping_pairs_offset);
  CLEANUP_RUNS runlist_element *runs = NULL;

  if (len < offsetof (ATTR_RECORD, non_resident_end) ||
      pairs < offsetof (ATTR_RECORD, non_resident_end) || pairs >= len)
    return doubt_record (walk, number);
  runs = ntfs_mapping_pairs_decompress (reading->volume, attribute, NULL);
  if (runs == NULL)
    return doubt_record (walk, number);
  for (const runlist_element *run = runs; run->length != 0; run++)
    if (run->lcn >= 0 && check_run (walk, number, run) == -1)
      return -1;
  return 0;
}

/* Is it the name of the hibernation file, in the root directory? */
static bool
is_hibernation_file (const ATTR_RECORD *attribute)
{
  static const char name[] = "hiberfil.sys";
  const uint32_t len = le32_to_cpu (attribute->length);
  const uint32_t size = le32_to_cpu (attribute->value_length);
  const uint16_t offset = le16_to_cpu (attribute->value_offset);
  const FILE_NAME_ATTR *file =
    (const FILE_NAME_ATTR *) ((const char *) attribute + offset);

  if (offset > len || size > len - offset ||
      size < sizeof *file + 2 * strlen (name) ||
      file->file_name_length != strlen (name) ||
      MREF_LE (file->parent_directory) != FILE_root)
    return false;
  for (size_t i = 0; i < strlen (name); i++) {
    const uint16_t c = le16_to_cpu (file->file_name[i]);

    if (c != (uint16_t) name[i] &&
        (c < 'A' || c > 'Z' || c - 'A' + 'a' != name[i]))
      return false;
  }
  return true;
}

static int
check_attribute (struct walk *walk, uint64_t number, const MFT_RECORD *record,
                 const ATTR_RECORD *attribute)
{
  if (attribute->non_resident)
    return check_runs (walk, number, attribute);
  if (attribute->type == AT_FILE_NAME && is_hibernation_file (attribute))
    walk->reading->hibernation_file =
      record->base_mft_record != 0 ? MREF_LE (record->base_mft_record)
      : number;
  return 0;
}

static int
check_attributes (struct walk *walk, uint64_t number,
                  const MFT_RECORD *record)
{
  const size_t end = le32_to_cpu (record->bytes_in_use);
  size_t at = le16_to_cpu (record->attrs_offset);

  if (end > walk->reading->geometry.record_size)
    return doubt_record (walk, number);
  while (at % 8 == 0 && at < end && end - at >= sizeof (le32)) {
    const ATTR_RECORD *attribute =
      (const ATTR_RECORD *) ((const char *) record + at);

    if (attribute->type == AT_END)
      return 0;
    if (end - at < offsetof (ATTR_RECORD, resident_end) ||
        le32_to_cpu (attribute->length) <
        offsetof (ATTR_RECORD, resident_end) ||
        le32_to_cpu (attribute->length) > end - at)
      return doubt_record (walk, number);
    if (check_attribute (walk, number, record, attribute) == -1)
      return -1;
    at += le32_to_cpu (attribute->length);
  }
  return doubt_record (walk, number);
}

/*--- Records. ---*/

static bool
is_marked (const struct walk *walk, uint64_t number)
{
  const uint64_t bit = number - walk->first;

  return walk->bits[bit / 8] & 1 << bit % 8;
}

static int
check_record (struct walk *walk, uint64_t number, char *bytes)
{
  MFT_RECORD *record = (MFT_RECORD *) bytes;
  const bool in_use = ntfs_is_mft_recordp (bytes) &&
    (record->flags & MFT_RECORD_IN_USE) != 0;

  if (!is_marked (walk, number))
    return !in_use ? 0
      : NTFS_DOUBT (walk->reading, _("its file record %" PRIu64 " is in use "
                                     "and marked as free"), number);
  if (!ntfs_is_mft_recordp (bytes))
    return doubt_record (walk, number);
  if (!in_use)                  /* reserved */
    return 0;
  if (ntfs_mst_post_read_fixup_warn ((NTFS_RECORD *) record,
                                     walk->reading->geometry.record_size,
                                     FALSE) == -1)
    return doubt_record (walk, number);
  return check_attributes (walk, number, record);
}

/* RANGE of the MFT has been fetched. */
static int
check_range (struct walk *walk, struct range range)
{
  const uint32_t size = walk->reading->geometry.record_size;

  while (range.len > 0) {
    const size_t len = (size_t) MIN (range.len, (uint64_t) PIECE);

    if (ntfs_content_read (&walk->mft, walk->piece, len, range.offset) == -1)
      return -1;
    for (size_t at = 0; at < len; at += size)
      if (check_record (walk, (range.offset + at) / size,
                        walk->piece + at) == -1)
        return -1;
    range.offset += len;
    range.len -= len;
  }
  return 0;
}

static int
check_batch (struct walk *walk)
{
  int r = ntfs_content_prefetch (&walk->mft, &walk->batch);

  for (size_t i = 0; i < walk->batch.len && r == 0 &&
         walk->reading->ret->why_not == NULL; i++)
    r = check_range (walk, walk->batch.ptr[i]);
  walk->batch.len = 0;
  walk->batch_size = 0;
  return r;
}

/* Have the record with this NUMBER checked with the next batch. */
static int
add_record (struct walk *walk, uint64_t number)
{
  const uint32_t size = walk->reading->geometry.record_size;
  const uint64_t offset = number * size;
  struct ranges *batch = &walk->batch;
  struct range *last = batch->len == 0 ? NULL : &batch->ptr[batch->len - 1];
  struct range next = { offset, size };

  if (last != NULL && offset - (last->offset + last->len) <= GAP) {
    next.offset = last->offset + last->len;
    next.len = offset + size - next.offset;
  }
  if (walk->batch_size + next.len > READER_PREFETCH_MAX) {
    if (check_batch (walk) == -1)
      return -1;
    next = (struct range) { offset, size };
  }
  walk->batch_size += next.len;
  return ranges_add (batch, next) == -1 ? error_nomem (walk->reading->err) : 0;
}

/* The records whose bits have been read, N of them. */
static int
check_marked (struct walk *walk, uint64_t n)
{
  for (uint64_t i = 0; i < n && walk->reading->ret->why_not == NULL; i++)
    if (is_marked (walk, walk->first + i) &&
        add_record (walk, walk->first + i) == -1)
      return -1;
  return walk->reading->ret->why_not != NULL ? 0 : check_batch (walk);
}

static int
check_all (struct walk *walk)
{
  struct ntfs_reading *reading = walk->reading;
  const uint64_t step = BITS_SIZE * 8;

  for (; walk->first < walk->records && reading->ret->why_not == NULL;
       walk->first += step) {
    const uint64_t n = MIN (walk->records - walk->first, step);
    const s64 len = (s64) (n + 7) / 8;

    if (ntfs_attr_pread (reading->volume->mftbmp_na, (s64) walk->first / 8,
                         len, walk->bits) != len)
      return ntfs_opened_doubt (reading);
    if (check_marked (walk, n) == -1)
      return -1;
  }
  return 0;
}

/*--- The MFT. ---*/

/* As far as it has been written: behind that there is no record. */
static int
open_table (struct walk *walk)
{
  struct ntfs_reading *reading = walk->reading;
  ntfs_attr *data = reading->volume->mft_na;
  uint64_t size;

  if (NAttrCompressed (data) || NAttrSparse (data) || NAttrEncrypted (data) ||
      data->initialized_size < 0 || data->initialized_size > data->data_size)
    return NTFS_DOUBT (reading, _("its $MFT is incomplete"));
  walk->mft.runs = data->rl;
  walk->records =
    (uint64_t) data->initialized_size / reading->geometry.record_size;
  size = walk->records * reading->geometry.record_size;
  if (walk->records <= FILE_Extend ||
      !ntfs_content_is_whole (&walk->mft, size))
    return NTFS_DOUBT (reading, _("its $MFT is incomplete"));
  return 0;
}

static int
compare_counts (struct walk *walk)
{
  struct ntfs_reading *reading = walk->reading;
  const uint64_t used =
    reading->geometry.clusters - reading->free_clusters;

  if (walk->used_clusters == used)
    return 0;
  return NTFS_DOUBT (reading, _("%" PRIu64 " clusters are marked as used, "
                                "but its files use %" PRIu64), used,
                     walk->used_clusters);
}

static int
take_walk (struct walk *walk)
{
  struct ntfs_reading *reading = walk->reading;

  if (open_table (walk) == -1)
    return -1;
  if (reading->ret->why_not == NULL && check_all (walk) == -1)
    return -1;
  return reading->ret->why_not != NULL ? 0 : compare_counts (walk);
}

int
ntfs_records_walk (struct ntfs_reading *reading)
{
  /* Older libraries look one byte behind the last attribute. */
  CLEANUP_FREE char *piece = alloc_zero (PIECE + 16, reading->err);
  CLEANUP_FREE char *bits = alloc_zero (BITS_SIZE, reading->err);
  struct walk walk = {
    .reading = reading, .mft.reading = reading, .piece = piece, .bits = bits,
  };
  const int r = piece == NULL || bits == NULL ? -1 : take_walk (&walk);

  ranges_reset (&walk.batch);
  return r;
}
