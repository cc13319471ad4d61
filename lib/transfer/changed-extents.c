/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Parses lists of changed extents and checks them against the disk.  The
 * input may come from anywhere, so its size, nesting and numbers are limited.
 * Copying the extents is left to the copy engine.
 */

#include <config.h>

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include <json-c/json.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
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

static int
refuse (struct reading *reading, const char *what, const char *key,
        size_t number, const char *why)
{
  return error_set (reading->err, REASON_USAGE, "%s: %s %zu: \"%s\" %s",
                    reading->name, what, number, key, why);
}

/* json-c turns numbers that are too large into INT64_MAX. */
static int
get_number (struct reading *reading, json_object *object, const char *what,
            size_t number, const char *key, uint64_t *ret)
{
  json_object *value;
  int64_t n;

  if (!get (object, key, &value))
    return refuse (reading, what, key, number, _("is missing"));
  if (!json_object_is_type (value, json_type_int))
    return refuse (reading, what, key, number, _("is not an integer"));
  n = json_object_get_int64 (value);
  if (n < 0)
    return refuse (reading, what, key, number, _("is negative"));
  if (n == INT64_MAX)
    return refuse (reading, what, key, number, _("is too large"));
  *ret = (uint64_t) n;
  return 0;
}

static int
add_range (struct reading *reading, json_object *object, const char *what,
           size_t number, const char *start_key, struct copy_ranges *ranges)
{
  struct copy_range range;

  if (get_number (reading, object, what, number, start_key,
                  &range.offset) == -1 ||
      get_number (reading, object, what, number, "length", &range.len) == -1)
    return -1;
  if (range.len > 0 && copy_ranges_append (ranges, range) == -1)
    return error_nomem (reading->err);
  return 0;
}

static int
no_object (struct reading *reading)
{
  return error_set (reading->err, REASON_USAGE,
                    _("%s: after extent %zu: neither an extent nor a page of "
                      "QueryChangedDiskAreas"), reading->name,
                    reading->extents);
}

static int
read_extent (struct reading *reading, json_object *extent)
{
  if (!json_object_is_type (extent, json_type_object))
    return no_object (reading);
  reading->extents++;
  return add_range (reading, extent, _("extent"), reading->extents, "start",
                    &reading->ret->ranges);
}

/* In a page without changes changedArea is null or missing. */
static int
read_page (struct reading *reading, json_object *page)
{
  json_object *area = NULL;

  reading->pages++;
  if (add_range (reading, page, _("page"), reading->pages, "startOffset",
                 &reading->ret->pages) == -1)
    return -1;
  if (!get (page, "changedArea", &area) || area == NULL)
    return 0;
  if (!json_object_is_type (area, json_type_array))
    return refuse (reading, _("page"), "changedArea", reading->pages,
                   _("is not an array"));
  for (size_t i = 0; i < json_object_array_length (area); i++)
    if (read_extent (reading, json_object_array_get_idx (area, i)) == -1)
      return -1;
  return 0;
}

static int
read_object (struct reading *reading, json_object *object)
{
  json_object *inner;

  if (!json_object_is_type (object, json_type_object))
    return no_object (reading);
  /* SOAP libraries wrap the answer in "returnval". */
  if (get (object, "returnval", &inner) &&
      json_object_is_type (inner, json_type_object))
    object = inner;
  if (get (object, "startOffset", &inner) ||
      get (object, "changedArea", &inner))
    return read_page (reading, object);
  return read_extent (reading, object);
}

static int
read_document (struct reading *reading, json_object *document)
{
  if (!json_object_is_type (document, json_type_array))
    return read_object (reading, document);
  for (size_t i = 0; i < json_object_array_length (document); i++)
    if (read_object (reading,
                     json_object_array_get_idx (document, i)) == -1)
      return -1;
  return 0;
}

static size_t
skip_space (const char *text, size_t from, size_t len)
{
  while (from < len && strchr (" \t\r\n", text[from]) != NULL &&
         text[from] != '\0')
    from++;
  return from;
}

/* Parse the document that begins at *OFFSET, and set *OFFSET to its end. */
static int
next_document (struct reading *reading, const char *text, size_t len,
               size_t *offset)
{
  json_tokener *tokener = json_tokener_new_ex (DEPTH_MAX);
  const size_t from = *offset;
  enum json_tokener_error error;
  json_object *document;
  int r;

  if (tokener == NULL)
    return error_nomem (reading->err);
  json_tokener_set_flags (tokener, JSON_TOKENER_STRICT|
                          JSON_TOKENER_ALLOW_TRAILING_CHARS);
  document = json_tokener_parse_ex (tokener, text + from,
                                    (int) (len - from));
  *offset += json_tokener_get_parse_end (tokener);
  error = json_tokener_get_error (tokener);
  if (error == json_tokener_success && *offset > from)
    r = read_document (reading, document);
  else if (error == json_tokener_continue)
    r = error_set (reading->err, REASON_USAGE,
                   _("%s ends in the middle of its JSON"), reading->name);
  else
    r = error_set (reading->err, REASON_USAGE,
                   _("%s: invalid JSON at byte %zu: %s"), reading->name,
                   *offset, json_tokener_error_desc (error));
  json_object_put (document);
  json_tokener_free (tokener);
  return r;
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
  while (offset < len) {
    if (next_document (&reading, text, len, &offset) == -1)
      return -1;
    offset = skip_space (text, offset, len);
  }
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

/* vSphere answers for a part of the disk only, and has to be asked again from
 * there on.  Without one of the pages the copy would lack data.
 */
static int
check_pages (const struct copy_ranges *pages, uint64_t size,
             const char *name, struct error *err)
{
  uint64_t covered = 0;

  if (pages->len == 0)
    return 0;
  if (pages->ptr[0].offset == 0)
    covered = pages->ptr[0].len;
  if (covered >= size)
    return 0;
  error_set (err, REASON_USAGE,
             _("%s: the pages of QueryChangedDiskAreas do not cover the disk "
               "from offset %" PRIu64 " on"), name, covered);
  error_hint (err, _("call it again with startOffset where the last answer "
                     "ended (startOffset + length), until the end of the "
                     "disk"));
  return -1;
}

int
changed_extents_check (const struct changed_extents *extents, uint64_t size,
                       const char *name, struct error *err)
{
  const struct copy_ranges *ranges = &extents->ranges;

  if (ranges->len > 0) {
    const struct copy_range *last = &ranges->ptr[ranges->len - 1];

    if (last->offset + last->len > size)
      return error_set (err, REASON_USAGE,
                        _("%s: an extent ends at %" PRIu64 ", but the disk "
                          "has only %" PRIu64 " bytes"), name,
                        last->offset + last->len, size);
  }
  return check_pages (&extents->pages, size, name, err);
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
