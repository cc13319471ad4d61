/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Lists of changed extents: reads them from files, in whichever encoding and
 * form they are, and checks them against the disk.  The input may come from
 * anywhere, so its size, nesting and numbers are limited.  What the text says
 * is left to extent-list.c and its readers, copying the extents to the copy
 * engine.
 */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/infile.h"
#include "base/suggest.h"
#include "io/collect.h"
#include "io/supervisor.h"
#include "transfer/changed-extents.h"
#include "transfer/extent-list.h"

/* Enough for a million extents in any form; pyVmomi's takes 200 bytes for
 * each.
 */
#define TEXT_MAX (UINT64_C (256) << 20)
/* What the ends of extents are rounded up to: sectors, and the granularity of
 * bitmaps (qemu: 64 KiB unless it was told otherwise).
 */
#define GRANULARITY_MIN 512
#define GRANULARITY_MAX (1 << 20)

/* Sort them and join those that overlap or touch. */
static void
sort_and_join (struct ranges *ranges)
{
  size_t n = 0;

  if (ranges->len == 0)
    return;
  ranges_sort (ranges);
  for (size_t i = 1; i < ranges->len; i++) {
    struct range *last = &ranges->ptr[n];
    const struct range *range = &ranges->ptr[i];
    const uint64_t end = range->offset + range->len;

    if (range->offset > last->offset + last->len)
      ranges->ptr[++n] = *range;
    else if (end > last->offset + last->len)
      last->len = end - last->offset;
  }
  ranges->len = n + 1;
}

/*--- Texts. ---*/

/* UTF-16, with a byte order mark or without: a list begins with an ASCII
 * character.  0: it is not; otherwise where the other byte of a unit is, plus
 * one.
 */
static int
zero_byte (const char *text, size_t len)
{
  if (len < 2)
    return 0;
  if (memcmp (text, "\xff\xfe", 2) == 0 || (text[0] != 0 && text[1] == 0))
    return 2;
  return memcmp (text, "\xfe\xff", 2) == 0 || (text[0] == 0 && text[1] != 0)
    ? 1 : 0;
}

/* What matters in a list is ASCII; other characters, which names of machines
 * may have, become "?".  The caller frees it.
 */
static char *
from_utf16 (const char *text, size_t units, int zero, struct error *err)
{
  char *ret = alloc_zero (units + 1, err);

  for (size_t i = 0; ret != NULL && i < units; i++) {
    const char high = text[2 * i + (zero == 2)];
    const char low = text[2 * i + (zero == 1)];

    ret[i] = high == 0 && low > 0 ? low : '?';
  }
  return ret;
}

static bool
is_space (char c)
{
  return c != '\0' && strchr (" \t\r\n", c) != NULL;
}

static size_t
skip (const char *text, size_t from, size_t len, const char *chars)
{
  while (from < len && text[from] != '\0' &&
         strchr (chars, text[from]) != NULL)
    from++;
  return from;
}

/* Python's classes and strings begin with what JSON has not. */
static bool
is_python (const char *text, size_t len)
{
  const size_t i = skip (text, 0, len, " \t\r\n[{");

  return i < len && (text[i] == '(' || text[i] == '\'');
}

static void
read_list (struct extent_list *list, const char *text, size_t len)
{
  size_t from = 0;

  if (len >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0)
    from = 3;
  from = skip (text, from, len, " \t\r\n");
  while (len > from && is_space (text[len - 1]))
    len--;
  text += from;
  len -= from;
  if (len == 0)
    error_set (list->err, REASON_USAGE,
               _("%s is empty: if there are no changes, write []"),
               list->name);
  else if (text[0] == '<')
    extent_list_read_xml (list, text, len);
  else if (is_python (text, len))
    extent_list_read_python (list, text, len);
  else
    extent_list_read_json (list, text, len);
}

static int
read_text (struct extent_list *list, const char *text, size_t len)
{
  const int zero = zero_byte (text, len);
  CLEANUP_FREE char *ascii = NULL;
  size_t mark;

  if (zero == 0) {
    read_list (list, text, len);
    return error_is_set (list->err) ? -1 : 0;
  }
  mark = text[0] != 0 && text[1] != 0 ? 2 : 0;
  len = (len - mark) / 2;
  ascii = from_utf16 (text + mark, len, zero, list->err);
  if (ascii != NULL)
    read_list (list, ascii, len);
  return error_is_set (list->err) ? -1 : 0;
}

static int
refuse_length (const char *name, struct error *err)
{
  return error_set (err, REASON_USAGE,
                    _("%s is too long for a list of extents"), name);
}

int
changed_extents_parse (const char *text, size_t len, const char *name,
                       struct changed_extents *ret, struct error *err)
{
  struct extent_list list = { .name = name, .err = err };

  if (len > TEXT_MAX)
    return refuse_length (name, err);
  if (read_text (&list, text, len) == -1) {
    extent_list_reset (&list);
    return -1;
  }
  ret->ranges = list.ranges;
  ret->pages = list.pages;
  ret->is_map = list.has_clean;
  sort_and_join (&ret->ranges);
  sort_and_join (&ret->pages);
  return 0;
}

static int
open_list (const char *path, struct error *err)
{
  const int fd = strcmp (path, "-") == 0
    ? fcntl (STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : infile_open (path, err);

  if (fd != -1)
    return fd;
  if (!error_is_set (err))
    error_errno (err, REASON_USAGE, "-");
  error_wrap (err, "--changed-extents");
  suggest_file (path, err);
  return -1;
}

/* Whoever writes the list may take his time, and signals end the waiting. */
static int
slurp (struct collect *collect, int fd, const char *name,
       struct supervisor *supervisor, struct error *err)
{
  int r;

  if (collect_from (collect, fd, supervisor, TEXT_MAX, err) == -1)
    return -1;
  r = supervisor_wait (supervisor, collect_is_complete, collect,
                       SUPERVISOR_FOREVER, err);
  if (collect_close (collect, err) == -1 || r == -1)
    return -1;
  errno = collect->errnum;
  return errno == 0 ? 0
    : error_errno (err, REASON_USAGE, "--changed-extents %s", name);
}

int
changed_extents_read (const char *path, struct supervisor *supervisor,
                      struct changed_extents *ret, struct error *err)
{
  const char *name = strcmp (path, "-") == 0 ? "stdin" : path;
  struct collect collect = COLLECT_INIT;
  const int fd = open_list (path, err);
  int r = fd == -1 ? -1 : slurp (&collect, fd, name, supervisor, err);

  if (r == 0 && collect.too_long)
    r = refuse_length (name, err);
  if (r == 0)
    r = changed_extents_parse (collect.text, collect.len, name, ret, err);
  free (collect.text);
  return r;
}

/*--- Checks. ---*/

/* Is END the disk's SIZE in whole units of some granularity? */
static bool
is_rounded_up (uint64_t end, uint64_t size)
{
  for (uint64_t unit = GRANULARITY_MIN; unit <= GRANULARITY_MAX; unit *= 2)
    if (end == (size + unit - 1) / unit * unit)
      return true;
  return false;
}

static int
check_end (struct changed_extents *extents, uint64_t size, const char *name,
           struct error *err)
{
  const struct ranges *ranges = &extents->ranges;
  struct range *last = ranges->len > 0
    ? &ranges->ptr[ranges->len - 1] : NULL;
  const uint64_t end = last == NULL ? 0 : last->offset + last->len;

  if (end <= size)
    return 0;
  if (last->offset >= size || !is_rounded_up (end, size))
    return error_set (err, REASON_USAGE,
                      _("%s: an extent ends at offset %" PRIu64 ", but the "
                        "disk has only %" PRIu64 " bytes"), name, end, size);
  extents->cut = end - size;
  last->len -= extents->cut;
  return 0;
}

/* vSphere answers for a part of the disk only, and has to be asked again
 * from there on.  Without one of the pages the copy would lack data.
 */
static int
check_pages (const struct changed_extents *extents, uint64_t size,
             const char *name, struct error *err)
{
  const struct ranges *pages = &extents->pages;
  const uint64_t covered = pages->len > 0 && pages->ptr[0].offset == 0
    ? pages->ptr[0].len : 0;

  if (pages->len == 0 || covered >= size)
    return 0;
  if (extents->is_map)
    return error_set (err, REASON_USAGE,
                      _("%s: the map does not cover the disk from offset %"
                        PRIu64 " on: is it that of another disk?"), name,
                      covered);
  error_set (err, REASON_USAGE,
             _("%s: the pages of QueryChangedDiskAreas do not cover the disk "
               "from offset %" PRIu64 " on"), name, covered);
  error_hint (err, _("call it again with startOffset where the last answer "
                     "ended (startOffset + length), until the end of the "
                     "disk"));
  return -1;
}

int
changed_extents_fit (struct changed_extents *extents, uint64_t size,
                     const char *name, struct error *err)
{
  /* An image that an export holds has its guest's disk elsewhere. */
  if (extents->export_size != 0 && extents->export_size != size)
    return error_set (err, REASON_USAGE,
                      _("%s: the bitmap is that of an export of %" PRIu64
                        " bytes, but the disk in it has %" PRIu64), name,
                      extents->export_size, size);
  return check_end (extents, size, name, err) == -1 ? -1
    : check_pages (extents, size, name, err);
}

void
changed_extents_reset (struct changed_extents *extents)
{
  ranges_reset (&extents->ranges);
  ranges_reset (&extents->pages);
}
