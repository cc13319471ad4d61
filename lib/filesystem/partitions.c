/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Finds out which table a disk has, and whether its partitions can be: on the
 * disk, and beside each other.  How a table is read is left to
 * partitions-mbr.c and partitions-gpt.c, what is in a partition to its caller.
 */

#include <config.h>

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/partitions-internal.h"
#include "io/reader.h"

int
partitions_doubt (struct partitions *partitions, struct error *err,
                  const char *fmt, ...)
{
  va_list args;

  if (partitions->why_not != NULL)
    return 0;
  va_start (args, fmt);
  partitions->why_not = vformat (err, fmt, args);
  va_end (args);
  return partitions->why_not != NULL ? 0 : -1;
}

int
partitions_pread (struct reader *disk, void *buf, size_t len, uint64_t offset,
                  struct partitions *partitions, struct error *err)
{
  if (offset > disk->size || len > disk->size - offset)
    return partitions_doubt (partitions, err,
                             _("the disk is shorter than its partition table "
                               "says"));
  if (ranges_append (&partitions->metadata,
                     (struct range) { offset, len }) == -1)
    return error_nomem (err);
  return reader_pread (disk, buf, len, offset, err);
}

int
partitions_add (struct reader *disk, unsigned number, uint64_t start,
                uint64_t len, struct partitions *partitions,
                struct error *err)
{
  const uint64_t sectors = disk->size / partitions->sector;

  if (start > sectors || len > sectors - start)
    return partitions_doubt (partitions, err,
                             _("its partition %u ends beyond the end of "
                               "the disk"), number);
  if (partition_list_append (&partitions->list, (struct partition) {
        .number = number, .offset = start * partitions->sector,
        .len = len * partitions->sector }) == -1)
    return error_nomem (err);
  return 0;
}

/*--- No byte is of two partitions, or of a partition and of the table. ---*/

struct claim {
  uint64_t offset, len;
  unsigned number;              /* 0: the table's */
};

static int
by_offset (const void *one, const void *other)
{
  const struct claim *a = one, *b = other;

  return (a->offset > b->offset) - (a->offset < b->offset);
}

static void
collect_claims (const struct partitions *partitions, struct claim *claims)
{
  const struct ranges *metadata = &partitions->metadata;
  const struct partition_list *list = &partitions->list;

  for (size_t i = 0; i < metadata->len; i++)
    *claims++ = (struct claim) { metadata->ptr[i].offset,
                                 metadata->ptr[i].len, 0 };
  for (size_t i = 0; i < list->len; i++)
    *claims++ = (struct claim) { list->ptr[i].offset, list->ptr[i].len,
                                 list->ptr[i].number };
}

static int
tell_overlap (const struct claim *one, const struct claim *other,
              struct partitions *partitions, struct error *err)
{
  if (one->number == 0 && other->number == 0)
    return partitions_doubt (partitions, err,
                             _("parts of its partition table overlap"));
  if (one->number == 0 || other->number == 0)
    return partitions_doubt (partitions, err,
                             _("its partition %u overlaps the partition "
                               "table"), one->number + other->number);
  return partitions_doubt (partitions, err,
                           _("its partitions %u and %u overlap"),
                           MIN (one->number, other->number),
                           MAX (one->number, other->number));
}

static int
check_overlaps (struct partitions *partitions, struct error *err)
{
  const size_t n = partitions->metadata.len + partitions->list.len;
  CLEANUP_FREE char *memory = alloc_zero (n * sizeof (struct claim) + 1, err);
  struct claim *claims = (struct claim *) memory;

  if (memory == NULL)
    return -1;
  collect_claims (partitions, claims);
  qsort (claims, n, sizeof *claims, by_offset);
  for (size_t i = 1; i < n; i++)
    if (claims[i].offset - claims[i - 1].offset < claims[i - 1].len)
      return tell_overlap (&claims[i - 1], &claims[i], partitions, err);
  return 0;
}

/*--- Which table it is. ---*/

static bool
has_type (const struct mbr_entry *entries, uint8_t type)
{
  for (unsigned i = 0; i < MBR_SLOTS; i++)
    if (entries[i].len > 0 && entries[i].type == type)
      return true;
  return false;
}

/* GPT counts where an MBR protects it, as UEFI has it, and as Linux, Windows
 * and libblkid do.  Without that they take the MBR, and other programs do not.
 */
static int
choose_table (struct reader *disk, bool is_mbr,
              const struct mbr_entry *entries, struct partitions *ret,
              struct error *err)
{
  const int small = gpt_is_at (disk, 512, err);
  const int large = small == -1 ? -1 : gpt_is_at (disk, 4096, err);
  const bool protected = is_mbr && has_type (entries, MBR_TYPE_GPT);

  if (large == -1)
    return -1;
  if (small + large == 2)
    return partitions_doubt (ret, err,
                             _("it has a GPT for sectors of 512 bytes and one "
                               "for sectors of 4096"));
  if (small + large == 1 && !protected)
    return partitions_doubt (ret, err,
                             _("it has a GPT, but no protective MBR"));
  if (small + large == 0 && protected)
    return partitions_doubt (ret, err, _("its GPT is damaged"));
  ret->table = small + large == 1 ? TABLE_GPT : is_mbr ? TABLE_MBR
    : TABLE_NONE;
  ret->sector = large == 1 ? 4096 : 512;
  return 0;
}

/* The entries of an MBR beside a GPT (a hybrid MBR, which macOS's Boot Camp
 * makes) must be the same partitions, or be beside them: otherwise there is a
 * system that sees others than we do.
 */
static int
check_hybrid (const struct mbr_entry *entries, struct partitions *partitions,
              struct error *err)
{
  const struct partition_list *list = &partitions->list;

  for (unsigned i = 0; i < MBR_SLOTS; i++) {
    const uint64_t offset = (uint64_t) entries[i].start * partitions->sector;
    const uint64_t len = (uint64_t) entries[i].len * partitions->sector;

    if (len == 0 || entries[i].type == MBR_TYPE_GPT)
      continue;
    for (size_t k = 0; k < list->len; k++)
      if (offset < list->ptr[k].offset + list->ptr[k].len &&
          list->ptr[k].offset < offset + len &&
          (offset != list->ptr[k].offset || len != list->ptr[k].len))
        return partitions_doubt (partitions, err,
                                 _("its MBR and its GPT have different "
                                   "partitions"));
  }
  return 0;
}

static int
read_table (struct reader *disk, const struct mbr_entry *entries,
            struct partitions *ret, struct error *err)
{
  switch (ret->table) {
  case TABLE_NONE:
    return 0;
  case TABLE_MBR:
    return mbr_read (disk, entries, ret, err);
  case TABLE_GPT:
    if (gpt_read (disk, ret, err) == -1)
      return -1;
    return ret->why_not != NULL ? 0 : check_hybrid (entries, ret, err);
  }
  return 0;
}

int
partitions_read (struct reader *disk, struct partitions *ret,
                 struct error *err)
{
  unsigned char mbr[MBR_SIZE];
  struct mbr_entry entries[MBR_SLOTS];
  bool is_mbr;

  *ret = (struct partitions) { .table = TABLE_NONE, .sector = 512 };
  if (disk->size < sizeof mbr)
    return 0;
  if (partitions_pread (disk, mbr, sizeof mbr, 0, ret, err) == -1)
    return -1;
  is_mbr = mbr_parse (mbr, entries);
  if (choose_table (disk, is_mbr, entries, ret, err) == -1)
    return -1;
  if (ret->why_not == NULL && read_table (disk, entries, ret, err) == -1)
    return -1;
  return ret->why_not != NULL ? 0 : check_overlaps (ret, err);
}

void
partitions_reset (struct partitions *partitions)
{
  partition_list_reset (&partitions->list);
  ranges_reset (&partitions->metadata);
  free (partitions->why_not);
  partitions->why_not = NULL;
}
