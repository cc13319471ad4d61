/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Walks tables from the end of the file backwards: images grow at their end,
 * so that the table that lies last there tells, nearly always, what is used
 * last, and an image that has lost its end has lost that table or what it
 * names.  What an entry means is left to the formats.
 */

#include <config.h>

#include <stdbool.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "image/image-format.h"
#include "image/tables.h"
#include "io/reader.h"

#define L1_ENTRY_LEN 8
/* The last sector holds the ends of so many compressed clusters at most: the
 * smallest of the smallest clusters takes some ten bytes.
 */
#define MEASURED_MAX 64

struct l2 {
  uint64_t offset;              /* in the file */
  uint64_t index;               /* in the first level */
};

struct walk {
  const struct tables *tables;
  const struct last_cluster *last;
  uint64_t file_size;           /* of the file that the entries refer to */
  uint64_t end;                 /* what is used ends here, so far */
  uint64_t uses;                /* of the last cluster, so far */
  unsigned measured;            /* entries */
  struct l2 *l2;
  size_t l2_len;
  bool elsewhere;               /* they refer to another file */
  bool incomplete;              /* there are more tables than may be read */
};

static const struct last_cluster unknown = {
  .start = UINT64_MAX, .end = UINT64_MAX,
};

uint64_t
tables_end_of (uint64_t offset, uint64_t length)
{
  uint64_t end;

  return __builtin_add_overflow (offset, length, &end) || end > INT64_MAX
    ? INT64_MAX : end;
}

static void
use (struct walk *walk, uint64_t allocated_end, uint64_t needed)
{
  if (allocated_end > walk->last->start)
    walk->uses++;
  if (needed > walk->end)
    walk->end = needed;
}

/* Up to END, by a table: not in another file. */
static void
use_table (struct walk *walk, uint64_t end)
{
  if (!walk->elsewhere)
    use (walk, end, end);
}

static bool
all_uses_known (const struct walk *walk)
{
  return walk->last->uses > 0 && walk->uses >= walk->last->uses;
}

/* More would only be found out in vain.  What is used of the last cluster does
 * not tell what is used before it, which has to be there already.
 */
static bool
is_done (const struct walk *walk)
{
  return walk->end > walk->file_size ||
    (walk->file_size >= walk->last->start && all_uses_known (walk));
}

static int
compare_l2 (const void *p1, const void *p2)
{
  const struct l2 *a = p1, *b = p2;

  return a->offset < b->offset ? 1 : a->offset > b->offset ? -1 : 0;
}

static size_t
l2_size (const struct tables *tables)
{
  return tables->l2_entries * tables->l2_entry_len;
}

/* Take the second level's tables from the first level, the last one of the
 * file first.  The tables themselves are used, too.
 */
static int
read_l1 (struct walk *walk, struct reader *reader, struct error *err)
{
  const struct tables *tables = walk->tables;
  const size_t n = tables->l1_entries;
  CLEANUP_BYTES unsigned char *l1 = alloc_zero (n * L1_ENTRY_LEN + 1, err);

  if (l1 == NULL ||
      image_pread (reader, l1, n * L1_ENTRY_LEN, tables->l1_offset,
                   err) == -1)
    return -1;
  walk->l2 = alloc_zero ((n + 1) * sizeof *walk->l2, err);
  if (walk->l2 == NULL)
    return -1;
  for (size_t i = 0; i < n; i++) {
    const uint64_t offset = tables->l2_offset (l1 + i * L1_ENTRY_LEN);
    const uint64_t end = tables_end_of (offset, l2_size (tables));

    if (offset == 0)
      continue;
    walk->l2[walk->l2_len++] = (struct l2) { offset, i };
    use_table (walk, end);
  }
  qsort (walk->l2, walk->l2_len, sizeof *walk->l2, compare_l2);
  return 0;
}

static int
use_entry (struct walk *walk, struct reader *reader,
           const unsigned char *entry, uint64_t length, struct error *err)
{
  const struct tables *tables = walk->tables;
  struct extent extent = tables->extent (tables, entry, length);

  if (extent.end == 0)
    return 0;
  if (tables->measure != NULL && extent.end > walk->file_size &&
      extent.needed <= walk->file_size && walk->measured++ < MEASURED_MAX &&
      tables->measure (reader, tables, entry, &extent, err) == -1)
    return -1;
  use (walk, extent.end, extent.needed);
  return 0;
}

/* Entries of clusters behind the disk's end, which it may have had before it
 * was made smaller, do not count.
 */
static int
use_entries (struct walk *walk, struct reader *reader, const struct l2 *l2,
             const unsigned char *table, struct error *err)
{
  const struct tables *tables = walk->tables;

  for (size_t i = 0; i < tables->l2_entries; i++) {
    uint64_t at;

    if (__builtin_mul_overflow (l2->index * tables->l2_entries + i,
                                tables->cluster, &at) ||
        at >= tables->disk_size)
      return 0;
    if (use_entry (walk, reader, table + i * tables->l2_entry_len,
                   tables->disk_size - at < tables->cluster
                   ? tables->disk_size - at : tables->cluster, err) == -1)
      return -1;
  }
  return 0;
}

/* Tables have places of their own: more than the file has place for are not
 * read, however often a hostile image names one.
 */
static uint64_t
l2_max (const struct tables *tables, const struct reader *reader)
{
  return reader->remote ? tables->l2_max : reader->size / l2_size (tables);
}

static int
read_l2 (struct walk *walk, struct reader *reader, struct error *err)
{
  const size_t len = l2_size (walk->tables);
  const uint64_t max = l2_max (walk->tables, reader);
  CLEANUP_BYTES unsigned char *table = alloc_zero (len + 1, err);

  if (table == NULL)
    return -1;
  for (size_t i = 0; i < walk->l2_len && !is_done (walk); i++) {
    walk->incomplete = i == max;
    if (walk->incomplete)
      return 0;
    if (image_pread (reader, table, len, walk->l2[i].offset, err) == -1 ||
        use_entries (walk, reader, &walk->l2[i], table, err) == -1)
      return -1;
  }
  return 0;
}

static int
find_end (struct walk *walk, struct reader *reader, struct error *err)
{
  const struct tables *tables = walk->tables;
  const uint64_t l1_end = tables_end_of (tables->l1_offset,
                                         tables->l1_entries * L1_ENTRY_LEN);

  use_table (walk, l1_end);
  if (is_done (walk))
    return 0;
  if (read_l1 (walk, reader, err) == -1)
    return -1;
  return tables->extent == NULL ? 0 : read_l2 (walk, reader, err);
}

int
tables_find_end (struct reader *reader, const struct tables *tables,
                 const struct last_cluster *last, struct image *ret,
                 struct error *err)
{
  struct walk walk = {
    .tables = tables, .last = last != NULL ? last : &unknown,
    .file_size = reader->size,
  };
  const int r = find_end (&walk, reader, err);

  free (walk.l2);
  ret->needed = walk.end;
  /* What is missing may be more than was seen to be. */
  if (walk.end > reader->size && walk.last->uses > 0 &&
      !all_uses_known (&walk) && walk.last->end > walk.end)
    ret->needed = walk.last->end;
  if (walk.incomplete)
    ret->state |= IMAGE_UNCHECKED;
  return r;
}

int
tables_find_end_elsewhere (struct reader *reader, const struct tables *tables,
                           struct image *ret, uint64_t *end,
                           struct error *err)
{
  struct walk walk = {
    .tables = tables, .last = &unknown, .file_size = UINT64_MAX,
    .elsewhere = true,
  };
  const int r = find_end (&walk, reader, err);

  free (walk.l2);
  *end = walk.end;
  if (walk.incomplete)
    ret->state |= IMAGE_UNCHECKED;
  return r;
}
