/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Parses lists of changed extents and checks them against the disk.  The
 * input may come from anywhere, so its size, nesting and numbers are limited.
 * Copying the extents is left to the copy engine.
 */

#include <config.h>

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/memstream.h"
#include "base/suggest.h"
#include "transfer/changed-extents.h"

/* Enough for a million extents. */
#define TEXT_MAX (UINT64_C (64) << 20)
/* The known forms are less deep. */
#define DEPTH_MAX 8

struct reading {
  const char *name;
  struct changed_extents *ret;
  size_t extents, pages;        /* read so far, for messages */
  struct error *err;
};

/* The member KEY, or "Start" for "start": Go writes the names of structs'
 * fields if they have no JSON tags.
 */
static bool
get (json_object *object, const char *key, json_object **value)
{
  char capital[32];

  if (json_object_object_get_ex (object, key, value))
    return true;
  snprintf (capital, sizeof capital, "%s", key);
  capital[0] = (char) toupper ((unsigned char) capital[0]);
  return json_object_object_get_ex (object, capital, value);
}

/* The first error stays in the reading, and ends it. */
static void
refuse (struct reading *reading, const char *what, const char *key,
        size_t number, const char *why)
{
  error_set (reading->err, REASON_USAGE, "%s: %s %zu: \"%s\" %s",
             reading->name, what, number, key, why);
}

/* json-c turns numbers that are too large into INT64_MAX. */
static uint64_t
get_number (struct reading *reading, json_object *object, const char *what,
            size_t number, const char *key)
{
  json_object *value = NULL;
  const bool found = get (object, key, &value);
  const int64_t n = json_object_get_int64 (value);

  if (!found)
    refuse (reading, what, key, number, _("is missing"));
  else if (!json_object_is_type (value, json_type_int))
    refuse (reading, what, key, number, _("is not an integer"));
  else if (n < 0)
    refuse (reading, what, key, number, _("is negative"));
  else if (n == INT64_MAX)
    refuse (reading, what, key, number, _("is too large"));
  return (uint64_t) n;
}

static void
add_range (struct reading *reading, json_object *object, const char *what,
           size_t number, const char *start_key, struct copy_ranges *ranges)
{
  struct copy_range range;

  range.offset = get_number (reading, object, what, number, start_key);
  range.len = get_number (reading, object, what, number, "length");
  if (!error_is_set (reading->err) && range.len > 0 &&
      copy_ranges_append (ranges, range) == -1)
    error_nomem (reading->err);
}

static void
for_each (struct reading *reading, json_object *array,
          void (*read) (struct reading *, json_object *))
{
  const size_t n = json_object_array_length (array);

  for (size_t i = 0; i < n && !error_is_set (reading->err); i++)
    read (reading, json_object_array_get_idx (array, i));
}

static bool
is_object (struct reading *reading, json_object *object)
{
  if (json_object_is_type (object, json_type_object))
    return true;
  error_set (reading->err, REASON_USAGE,
             _("%s: after extent %zu: neither an extent nor a page of "
               "QueryChangedDiskAreas"), reading->name, reading->extents);
  return false;
}

static void
read_extent (struct reading *reading, json_object *extent)
{
  if (is_object (reading, extent))
    add_range (reading, extent, _("extent"), ++reading->extents, "start",
               &reading->ret->ranges);
}

/* In a page without changes changedArea is null or missing. */
static void
read_page (struct reading *reading, json_object *page)
{
  json_object *area = NULL;

  add_range (reading, page, _("page"), ++reading->pages, "startOffset",
             &reading->ret->pages);
  get (page, "changedArea", &area);
  if (json_object_is_type (area, json_type_array))
    for_each (reading, area, read_extent);
  else if (area != NULL)
    refuse (reading, _("page"), "changedArea", reading->pages,
            _("is not an array"));
}

static void
read_object (struct reading *reading, json_object *object)
{
  json_object *inner;

  if (!is_object (reading, object))
    return;
  /* SOAP libraries wrap the answer in "returnval". */
  if (get (object, "returnval", &inner) &&
      json_object_is_type (inner, json_type_object))
    object = inner;
  if (get (object, "startOffset", &inner) ||
      get (object, "changedArea", &inner))
    read_page (reading, object);
  else
    read_extent (reading, object);
}

static size_t
skip_space (const char *text, size_t from, size_t len)
{
  while (from < len && strchr (" \t\r\n", text[from]) != NULL &&
         text[from] != '\0')
    from++;
  return from;
}

/* Read the document that begins at FROM; returns where it ends. */
static size_t
read_document (struct reading *reading, const char *text, size_t from,
               size_t len)
{
  json_tokener *tokener = json_tokener_new_ex (DEPTH_MAX);
  CLEANUP_JSON json_object *document = NULL;
  enum json_tokener_error error;
  size_t end;

  if (tokener == NULL) {
    error_nomem (reading->err);
    return from;
  }
  json_tokener_set_flags (tokener, JSON_TOKENER_STRICT|
                          JSON_TOKENER_ALLOW_TRAILING_CHARS);
  document = json_tokener_parse_ex (tokener, text + from,
                                    (int) (len - from));
  end = from + json_tokener_get_parse_end (tokener);
  error = json_tokener_get_error (tokener);
  json_tokener_free (tokener);
  if (error == json_tokener_continue)
    error_set (reading->err, REASON_USAGE,
               _("%s ends in the middle of its JSON"), reading->name);
  else if (error != json_tokener_success || end == from)
    error_set (reading->err, REASON_USAGE,
               _("%s: invalid JSON at byte %zu: %s"), reading->name, end,
               json_tokener_error_desc (error));
  else if (json_object_is_type (document, json_type_array))
    for_each (reading, document, read_object);
  else
    read_object (reading, document);
  return end;
}

static int
compare (const void *a, const void *b)
{
  const struct copy_range *x = a, *y = b;

  return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* Sort them and join those that overlap or touch. */
static void
sort_and_join (struct copy_ranges *ranges)
{
  size_t n = 0;

  if (ranges->len == 0)
    return;
  qsort (ranges->ptr, ranges->len, sizeof ranges->ptr[0], compare);
  for (size_t i = 1; i < ranges->len; i++) {
    struct copy_range *last = &ranges->ptr[n];
    const struct copy_range *range = &ranges->ptr[i];
    const uint64_t end = range->offset + range->len;

    if (range->offset > last->offset + last->len)
      ranges->ptr[++n] = *range;
    else if (end > last->offset + last->len)
      last->len = end - last->offset;
  }
  ranges->len = n + 1;
}

int
changed_extents_parse (const char *text, size_t len, const char *name,
                       struct changed_extents *ret, struct error *err)
{
  struct reading reading = { .name = name, .ret = ret, .err = err };
  size_t offset = skip_space (text, 0, len);

  if (len > TEXT_MAX)
    return error_set (err, REASON_USAGE, _("%s is too long for a list of "
                                           "extents"), name);
  if (offset == len)
    return error_set (err, REASON_USAGE,
                      _("%s is empty: if there are no changes, write []"),
                      name);
  while (offset < len && !error_is_set (err))
    offset = skip_space (text, read_document (&reading, text, offset, len),
                         len);
  if (error_is_set (err))
    return -1;
  sort_and_join (&ret->ranges);
  sort_and_join (&ret->pages);
  return 0;
}

/* Read all of FP; or, if it is too long, enough for changed_extents_parse to
 * see that.
 */
static char *
slurp (FILE *fp, const char *name, size_t *len, struct error *err)
{
  char buf[65536], *text = NULL;
  FILE *memory = open_memstream (&text, len);
  size_t n, total = 0;

  while (memory != NULL && !ferror (memory) && total <= TEXT_MAX &&
         (n = fread (buf, 1, sizeof buf, fp)) > 0)
    total += fwrite (buf, 1, n, memory);
  if (ferror (fp))
    error_errno (err, REASON_USAGE, "--changed-extents %s", name);
  if (memory == NULL || memstream_close (memory, &text) == -1)
    error_nomem (err);
  return text;
}

int
changed_extents_read (const char *path, struct changed_extents *ret,
                      struct error *err)
{
  const bool is_stdin = strcmp (path, "-") == 0;
  CLEANUP_FCLOSE FILE *fp = is_stdin ? fdopen (dup (STDIN_FILENO), "r")
                                     : fopen (path, "re");
  CLEANUP_FREE char *text = NULL;
  size_t len;

  if (fp == NULL) {
    error_errno (err, REASON_USAGE, "--changed-extents %s", path);
    suggest_file (path, err);
    return -1;
  }
  text = slurp (fp, path, &len, err);
  if (error_is_set (err))
    return -1;
  return changed_extents_parse (text, len, is_stdin ? "stdin" : path, ret,
                                err);
}

int
changed_extents_check (const struct changed_extents *extents, uint64_t size,
                       const char *name, struct error *err)
{
  const struct copy_ranges *ranges = &extents->ranges;
  const struct copy_ranges *pages = &extents->pages;
  const uint64_t end = ranges->len == 0 ? 0
    : ranges->ptr[ranges->len - 1].offset + ranges->ptr[ranges->len - 1].len;
  const uint64_t covered = pages->len > 0 && pages->ptr[0].offset == 0
    ? pages->ptr[0].len : 0;

  if (end > size)
    return error_set (err, REASON_USAGE,
                      _("%s: an extent ends at offset %" PRIu64 ", but the "
                        "disk has only %" PRIu64 " bytes"), name, end, size);
  /* vSphere answers for a part of the disk only, and has to be asked again
   * from there on.  Without one of the pages the copy would lack data.
   */
  if (pages->len == 0 || covered >= size)
    return 0;
  error_set (err, REASON_USAGE,
             _("%s: the pages of QueryChangedDiskAreas do not cover the disk "
               "from offset %" PRIu64 " on"), name, covered);
  error_hint (err, _("call it again with startOffset where the last answer "
                     "ended (startOffset + length), until the end of the "
                     "disk"));
  return -1;
}

uint64_t
changed_extents_total (const struct changed_extents *extents)
{
  uint64_t total = 0;

  for (size_t i = 0; i < extents->ranges.len; i++)
    total += extents->ranges.ptr[i].len;
  return total;
}

void
changed_extents_reset (struct changed_extents *extents)
{
  copy_ranges_reset (&extents->ranges);
  copy_ranges_reset (&extents->pages);
}
