/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reads lists of extents in JSON, one document or several.  A tree of json-c
 * takes 35 times the space of such a text, so that only strings with escapes
 * are given to it.
 */

#include <config.h>

#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/json.h"
#include "transfer/extent-list.h"

/* Longer keys are none that is known, and longer values are no numbers. */
#define STRING_MAX 256

struct scan {
  struct extent_list *list;
  const char *text, *p, *end;
};

static void
skip_space (struct scan *scan)
{
  while (scan->p < scan->end && (*scan->p == ' ' || *scan->p == '\t' ||
                                 *scan->p == '\r' || *scan->p == '\n'))
    scan->p++;
}

static bool
fail (struct scan *scan)
{
  struct extent_list *list = scan->list;

  if (error_is_set (list->err))
    return false;
  if (scan->p >= scan->end) {
    error_set (list->err, REASON_USAGE,
               _("%s ends in the middle of its JSON"), list->name);
    return false;
  }
  error_set (list->err, REASON_USAGE, _("%s: invalid JSON at byte %zu"),
             list->name, (size_t) (scan->p - scan->text));
  extent_list_hint (list);
  return false;
}

/* C is next, after white space. */
static bool
next_is (struct scan *scan, char c)
{
  skip_space (scan);
  return scan->p < scan->end && *scan->p == c;
}

static bool
take (struct scan *scan, char c)
{
  if (!next_is (scan, c))
    return false;
  scan->p++;
  return true;
}

/* The bytes between the quotes, with the escapes; -1: it is not one. */
static int
take_string (struct scan *scan, const char **ret, size_t *len,
             bool *has_escapes)
{
  if (!take (scan, '"')) {
    fail (scan);
    return -1;
  }
  *ret = scan->p;
  *has_escapes = false;
  for (; scan->p < scan->end && *scan->p != '"'; scan->p++)
    if ((unsigned char) *scan->p < ' ') {
      fail (scan);
      return -1;
    }
    else if (*scan->p == '\\') {
      *has_escapes = true;
      if (++scan->p == scan->end)
        break;
    }
  if (scan->p == scan->end) {
    fail (scan);
    return -1;
  }
  *len = (size_t) (scan->p++ - *ret);
  return 0;
}

/* What the escapes in STR (behind a quote) mean; NULL: not valid. */
static json_object *
unescape (const char *str, size_t len)
{
  json_tokener *tokener = json_tokener_new ();
  json_object *ret;

  if (tokener == NULL)
    return NULL;
  ret = json_tokener_parse_ex (tokener, str - 1, (int) len + 2);
  json_tokener_free (tokener);
  return ret;
}

/* Copy a string to BUF, as far as it fits. */
static bool
read_string (struct scan *scan, char *buf, size_t *len)
{
  CLEANUP_JSON json_object *object = NULL;
  const char *str;
  bool has_escapes;

  if (take_string (scan, &str, len, &has_escapes) == -1)
    return false;
  if (has_escapes) {
    object = unescape (str, *len);
    if (object == NULL || !json_object_is_type (object, json_type_string)) {
      scan->p = str;
      return fail (scan);
    }
    str = json_object_get_string (object);
    *len = (size_t) json_object_get_string_len (object);
  }
  if (*len >= STRING_MAX)
    *len = STRING_MAX - 1;
  memcpy (buf, str, *len);
  buf[*len] = '\0';
  return true;
}

/* Skip digits; are there any? */
static bool
take_digits (struct scan *scan)
{
  const char *from = scan->p;

  while (scan->p < scan->end && isdigit ((unsigned char) *scan->p))
    scan->p++;
  return scan->p > from;
}

static bool
take_one_of (struct scan *scan, const char *chars)
{
  if (scan->p == scan->end || *scan->p == '\0' ||
      strchr (chars, *scan->p) == NULL)
    return false;
  scan->p++;
  return true;
}

static bool
read_number (struct scan *scan, const char *key)
{
  const char *from = scan->p;

  take_one_of (scan, "-");
  if (!take_digits (scan) ||
      (take_one_of (scan, ".") && !take_digits (scan)))
    return fail (scan);
  if (take_one_of (scan, "eE")) {
    take_one_of (scan, "+-");
    if (!take_digits (scan))
      return fail (scan);
  }
  extent_list_value (scan->list, key, VALUE_NUMBER, from,
                     (size_t) (scan->p - from));
  return true;
}

static bool
read_word (struct scan *scan, const char *key)
{
  static const struct { const char *word; enum extent_value kind; } words[] = {
    { "null", VALUE_NULL }, { "true", VALUE_BOOL }, { "false", VALUE_BOOL },
  };
  const size_t left = (size_t) (scan->end - scan->p);

  for (size_t i = 0; i < ARRAY_LEN (words); i++) {
    const size_t n = strlen (words[i].word);

    if (left >= n && memcmp (scan->p, words[i].word, n) == 0) {
      extent_list_value (scan->list, key, words[i].kind, scan->p, n);
      scan->p += n;
      return true;
    }
  }
  return fail (scan);
}

static bool read_value (struct scan *, const char *key);

static bool
read_member (struct scan *scan)
{
  char key[STRING_MAX];
  size_t len;

  if (!read_string (scan, key, &len))
    return false;
  return take (scan, ':') ? read_value (scan, key) : fail (scan);
}

/* An object or an array, whose bracket is next. */
static bool
read_structure (struct scan *scan, const char *key)
{
  const bool is_array = *scan->p++ == '[';
  const char close = is_array ? ']' : '}';

  extent_list_open (scan->list, key, is_array);
  if (!take (scan, close)) {
    do
      if (error_is_set (scan->list->err) ||
          !(is_array ? read_value (scan, NULL) : read_member (scan)))
        return false;
    while (take (scan, ','));
    if (!take (scan, close))
      return fail (scan);
  }
  extent_list_close (scan->list);
  return true;
}

/* extent_list_open limits how deep this can go. */
static bool
read_value (struct scan *scan, const char *key)
{
  char string[STRING_MAX];
  size_t len;

  skip_space (scan);
  if (scan->p == scan->end)
    return fail (scan);
  switch (*scan->p) {
  case '{':
  case '[':
    return read_structure (scan, key);
  case '"':
    if (!read_string (scan, string, &len))
      return false;
    extent_list_value (scan->list, key, VALUE_STRING, string, len);
    return true;
  case '-': case '0': case '1': case '2': case '3': case '4': case '5':
  case '6': case '7': case '8': case '9':
    return read_number (scan, key);
  default:
    return read_word (scan, key);
  }
}

void
extent_list_read_json (struct extent_list *list, const char *text, size_t len)
{
  struct scan scan = {
    .list = list, .text = text, .p = text, .end = text + len,
  };

  while (skip_space (&scan), scan.p < scan.end && !error_is_set (list->err))
    if (read_value (&scan, NULL) && !error_is_set (list->err))
      extent_list_end (list);
}
