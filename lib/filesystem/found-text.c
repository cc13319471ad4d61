/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One line for each entry of the list, and one for each disk:
 *
 *   f DISK SIZE UNUSED <tab> NAME <tab> KIND <tab> WHY NOT
 *   d SIZE GAP LENGTH GAP LENGTH...
 *
 * with hexadecimal numbers; sizes are bytes, gaps (from the end of the range
 * before) and lengths sectors of 512 bytes.  Without a kind, or a reason,
 * there is nothing.
 */

#include <config.h>

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/memstream.h"
#include "base/utf8.h"
#include "filesystem/found.h"
#include "filesystem/found-text.h"

#define SECTOR 512
/* Entries: 1024 partitions of a disk, and some disks. */
#define LIST_MAX 65536

/*--- To text. ---*/

static int
print_string (FILE *fp, const char *str, char end, struct error *err)
{
  CLEANUP_FREE char *copy = alloc_copy (str != NULL ? str : "", err);

  if (copy == NULL)
    return -1;
  utf8_sanitize (copy, '?');
  fprintf (fp, "%s%c", copy, end);
  return 0;
}

static int
print_entry (FILE *fp, const struct filesystem *fs, struct error *err)
{
  fprintf (fp, "f %x %" PRIx64 " %" PRIx64 "\t", fs->disk, fs->size,
           fs->unused);
  return print_string (fp, fs->name, '\t', err) == -1 ||
    print_string (fp, fs->kind, '\t', err) == -1 ||
    print_string (fp, fs->why_not, '\n', err) == -1 ? -1 : 0;
}

static void
print_disk (FILE *fp, const struct ranges *unused, uint64_t size)
{
  uint64_t at = 0;

  fprintf (fp, "d %" PRIx64, size);
  for (size_t i = 0; i < unused->len; i++) {
    const uint64_t begin = unused->ptr[i].offset / SECTOR;
    const uint64_t len = unused->ptr[i].len / SECTOR;

    fprintf (fp, " %" PRIx64 " %" PRIx64, begin - at, len);
    at = begin + len;
  }
  putc ('\n', fp);
}

char *
found_print (const struct filesystems *found, const uint64_t *sizes,
             struct error *err)
{
  char *text = NULL;
  size_t len;
  FILE *fp = open_memstream (&text, &len);
  int r = 0;

  if (fp == NULL) {
    error_nomem (err);
    return NULL;
  }
  for (size_t i = 0; i < found->list.len && r == 0; i++)
    r = print_entry (fp, &found->list.ptr[i], err);
  for (unsigned i = 0; i < found->n && r == 0; i++)
    print_disk (fp, &found->unused[i], sizes[i]);
  if (memstream_close (fp, &text) == -1)
    error_nomem (err);
  else if (r == 0)
    return text;
  free (text);
  return NULL;
}

/*--- From text: everything returns false where it is not as above. ---*/

static bool
take_char (const char **p, char c)
{
  if (**p != c)
    return false;
  ++*p;
  return true;
}

static bool
take_number (const char **p, uint64_t *ret)
{
  const char *const digits = "0123456789abcdef";
  unsigned n = 0;

  for (*ret = 0; **p != '\0' && strchr (digits, **p) != NULL; ++*p, n++) {
    if (n == 16)
      return false;
    *ret = *ret * 16 + (uint64_t) (strchr (digits, **p) - digits);
  }
  return n > 0;
}

/* *RET stays NULL for an empty one. */
static int
take_string (const char **p, char end, char **ret, struct error *err)
{
  const size_t len = strcspn (*p, "\t\n");

  if ((*p)[len] != end)
    return 0;
  if (len > 0) {
    *ret = format (err, "%.*s", (int) len, *p);
    if (*ret == NULL)
      return -1;
    utf8_sanitize (*ret, '?');
  }
  *p += len + 1;
  return 1;
}

static int
parse_entry (const char **p, struct filesystems *ret, struct error *err)
{
  CLEANUP_FILESYSTEM struct filesystem fs = { .name = NULL };
  uint64_t disk;
  int r;

  if (!take_number (p, &disk) || disk >= ret->n || !take_char (p, ' ') ||
      !take_number (p, &fs.size) || !take_char (p, ' ') ||
      !take_number (p, &fs.unused) || !take_char (p, '\t') ||
      fs.unused > fs.size || ret->list.len == LIST_MAX)
    return 0;
  fs.disk = (unsigned) disk;
  if ((r = take_string (p, '\t', &fs.name, err)) != 1 ||
      (r = take_string (p, '\t', &fs.kind, err)) != 1 ||
      (r = take_string (p, '\n', &fs.why_not, err)) != 1)
    return r;
  if (alloc_set (&fs.name, fs.name != NULL ? fs.name : "", err) == -1)
    return -1;
  return found_add (ret, &fs, err) == -1 ? -1 : 1;
}

/* The first gap may be none. */
static bool
take_range (const char **p, uint64_t size, struct ranges *runs,
            struct range *ret)
{
  const struct range *last = runs->len > 0 ? &runs->ptr[runs->len - 1] : NULL;
  const uint64_t at = last != NULL ? last->offset + last->len : 0;
  uint64_t gap, len;

  if (!take_number (p, &gap) || !take_char (p, ' ') ||
      !take_number (p, &len) || len == 0 || (last != NULL && gap == 0) ||
      gap > (size - at) / SECTOR || len > (size - at) / SECTOR - gap)
    return false;
  *ret = (struct range) { at + gap * SECTOR, len * SECTOR };
  return true;
}

static int
parse_disk (const char **p, struct ranges *runs, struct error *err)
{
  uint64_t size;
  struct range range;

  if (!take_number (p, &size))
    return 0;
  while (take_char (p, ' ')) {
    if (runs->len >= FOUND_RUNS_MAX || !take_range (p, size, runs, &range))
      return 0;
    if (ranges_append (runs, range) == -1)
      return error_nomem (err);
  }
  return take_char (p, '\n');
}

static int
parse_lines (const char *p, struct filesystems *ret, struct error *err)
{
  unsigned disks = 0;
  int r = 1;

  while (r == 1 && *p != '\0') {
    if (p[0] == 'f' && p[1] == ' ' && disks == 0) {
      p += 2;
      r = parse_entry (&p, ret, err);
    }
    else if (p[0] == 'd' && p[1] == ' ' && disks < ret->n) {
      p += 2;
      r = parse_disk (&p, &ret->unused[disks++], err);
    }
    else
      r = 0;
  }
  return r == 1 && disks < ret->n ? 0 : r;
}

int
found_parse (const char *text, unsigned n, struct filesystems *ret,
             struct error *err)
{
  int r = found_init (ret, n, err) == -1 ? -1 : parse_lines (text, ret, err);

  if (r != 1)
    filesystems_reset (ret);
  return r;
}
