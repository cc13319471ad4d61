/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reads lists of extents as Python's clients of vSphere print them:
 *
 *   pyVmomi  (vim.VirtualMachine.DiskChangeInfo) { startOffset = 0, ... }
 *   suds     (DiskChangeInfo){ startOffset = 0 (a line for each member) }
 *   dicts    {'startOffset': 0, 'changedArea': [{'start': 131072, ...}]}
 *
 * (pyVmomi 6.7, suds 1.1, zeep 4.2, whose objects print as dicts).  Members
 * end with a comma, the line, or both.  Whatever is not understood ends the
 * reading: "..." in a text that was shortened, too.
 */

#include <config.h>

#include <ctype.h>
#include <string.h>

#include "base/error.h"
#include "base/i18n.h"
#include "transfer/extent-list.h"

#define KEY_MAX 64

struct scan {
  struct extent_list *list;
  const char *text, *p, *end;
};

static bool
fail (struct scan *scan)
{
  struct extent_list *list = scan->list;

  if (error_is_set (list->err))
    return false;
  if (scan->p >= scan->end)
    error_set (list->err, REASON_USAGE,
               _("%s ends in the middle of an object"), list->name);
  else {
    error_set (list->err, REASON_USAGE,
               _("%s: cannot understand the text at byte %zu"), list->name,
               (size_t) (scan->p - scan->text));
    extent_list_hint (list);
  }
  return false;
}

static char
peek (struct scan *scan)
{
  while (scan->p < scan->end && isspace ((unsigned char) *scan->p))
    scan->p++;
  return scan->p < scan->end ? *scan->p : '\0';
}

static bool
take (struct scan *scan, char c)
{
  if (peek (scan) != c || scan->p == scan->end)
    return false;
  scan->p++;
  return true;
}

/* What is between quotes: without escapes, which names and numbers have not.
 */
static bool
take_quoted (struct scan *scan, const char **ret, size_t *len)
{
  const char quote = *scan->p++;
  const char *close = memchr (scan->p, quote,
                              (size_t) (scan->end - scan->p));

  *ret = scan->p;
  if (close == NULL) {
    scan->p = scan->end;
    return fail (scan);
  }
  *len = (size_t) (close - scan->p);
  if (memchr (scan->p, '\\', *len) != NULL)
    return fail (scan);
  scan->p = close + 1;
  return true;
}

static bool
is_word (char c)
{
  return isalnum ((unsigned char) c) || strchr ("_-.<>", c) != NULL;
}

static bool
take_word (struct scan *scan, const char **ret, size_t *len)
{
  *ret = scan->p;
  while (scan->p < scan->end && *scan->p != '\0' && is_word (*scan->p))
    scan->p++;
  *len = (size_t) (scan->p - *ret);
  return *len > 0 ? true : fail (scan);
}

static bool
take_name (struct scan *scan, const char **ret, size_t *len)
{
  const char c = peek (scan);

  return c == '\'' || c == '"' ? take_quoted (scan, ret, len)
    : take_word (scan, ret, len);
}

static bool
equals (const char *word, size_t len, const char *other)
{
  return len == strlen (other) && memcmp (word, other, len) == 0;
}

/* Python 2 marks long numbers: 131072L. */
static bool
read_word (struct scan *scan, const char *key)
{
  const char *word;
  size_t len;

  if (!take_word (scan, &word, &len))
    return false;
  if (equals (word, len, "None") || equals (word, len, "<unset>") ||
      equals (word, len, "<empty>"))
    extent_list_value (scan->list, key, VALUE_NULL, word, len);
  else if (equals (word, len, "True") || equals (word, len, "False") ||
           equals (word, len, "true") || equals (word, len, "false"))
    extent_list_value (scan->list, key, VALUE_BOOL, word, len);
  else if (isdigit ((unsigned char) word[0]) || word[0] == '-')
    extent_list_value (scan->list, key, VALUE_NUMBER, word,
                       word[len - 1] == 'L' ? len - 1 : len);
  else {
    scan->p = word;
    return fail (scan);
  }
  return true;
}

static bool read_value (struct scan *, const char *key);

/* suds writes an array as "name[] =" and objects, with commas behind each. */
static bool
read_member (struct scan *scan)
{
  const char *name;
  char key[KEY_MAX] = "?";
  size_t len;

  if (!take_name (scan, &name, &len))
    return false;
  if (len < sizeof key) {
    memcpy (key, name, len);
    key[len] = '\0';
  }
  if (take (scan, '[') && !take (scan, ']'))
    return fail (scan);
  if (!take (scan, '=') && !take (scan, ':'))
    return fail (scan);
  do
    if (!read_value (scan, key))
      return false;
  while (take (scan, ',') && peek (scan) == '(');
  return true;
}

static bool
read_structure (struct scan *scan, const char *key)
{
  const bool is_array = *scan->p++ == '[';
  const char close = is_array ? ']' : '}';

  extent_list_open (scan->list, key, is_array);
  while (!take (scan, close)) {
    if (error_is_set (scan->list->err) || scan->p == scan->end)
      return fail (scan);
    if (is_array ? !read_value (scan, NULL) : !read_member (scan))
      return false;
    if (!take (scan, ',') && is_array && peek (scan) != close)
      return fail (scan);
  }
  extent_list_close (scan->list);
  return true;
}

/* A class, which is printed before its object or array. */
static bool
skip_class (struct scan *scan)
{
  const char *name;
  size_t len;

  if (!take (scan, '('))
    return true;
  return take_word (scan, &name, &len) && take (scan, ')') ? true
    : fail (scan);
}

static bool
read_value (struct scan *scan, const char *key)
{
  const char *string;
  size_t len;

  if (!skip_class (scan))
    return false;
  switch (peek (scan)) {
  case '{':
  case '[':
    return read_structure (scan, key);
  case '\'':
  case '"':
    if (!take_quoted (scan, &string, &len))
      return false;
    extent_list_value (scan->list, key, VALUE_STRING, string, len);
    return true;
  default:
    return read_word (scan, key);
  }
}

void
extent_list_read_python (struct extent_list *list, const char *text,
                         size_t len)
{
  struct scan scan = {
    .list = list, .text = text, .p = text, .end = text + len,
  };

  while (peek (&scan), scan.p < scan.end && !error_is_set (list->err)) {
    if (read_value (&scan, NULL) && !error_is_set (list->err))
      extent_list_end (list);
    take (&scan, ',');          /* what was cut out of a list of objects */
  }
}
