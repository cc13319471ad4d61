/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The lines of a .vmx file: splitting them into key and value.  What the keys
 * mean is the matter of vmx.c and vmx-devices.c.
 */

#include <config.h>

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/hex.h"
#include "base/i18n.h"
#include "input/vmx/vmx-lines.h"

static struct span
trim (struct span s)
{
  while (s.len > 0 && isspace ((unsigned char) s.ptr[0]))
    s.ptr++, s.len--;
  while (s.len > 0 && isspace ((unsigned char) s.ptr[s.len - 1]))
    s.len--;
  return s;
}

struct span
vmx_next_line (struct span *text)
{
  const char *end = memchr (text->ptr, '\n', text->len);
  const size_t taken = end == NULL ? text->len
                                   : (size_t) (end - text->ptr) + 1;
  const struct span line = { text->ptr, end == NULL ? taken : taken - 1 };

  text->ptr += taken;
  text->len -= taken;
  return trim (line);
}

/* The value in REST, what follows the equals sign: between quotes, with
 * nothing but a comment behind, or without quotes.
 */
static int
find_value (struct span rest, struct span *value)
{
  const char *end;
  struct span tail;

  if (rest.len == 0 || rest.ptr[0] != '"') {
    *value = rest;
    return 0;
  }
  rest.ptr++, rest.len--;
  end = memchr (rest.ptr, '"', rest.len);
  if (end == NULL)
    return -1;
  tail.ptr = end + 1;
  tail.len = rest.len - (size_t) (tail.ptr - rest.ptr);
  tail = trim (tail);
  if (tail.len > 0 && tail.ptr[0] != '#') {
    /* A quote that was not escaped: the last one ends the value. */
    end = memrchr (rest.ptr, '"', rest.len);
    if (end != rest.ptr + rest.len - 1)
      return -1;
  }
  value->ptr = rest.ptr;
  value->len = (size_t) (end - rest.ptr);
  return 0;
}

int
vmx_split_line (struct span line, struct span *key, struct span *value)
{
  const char *equals;

  *key = (struct span) { line.ptr, 0 };
  if (line.len == 0 || line.ptr[0] == '#')
    return 0;
  equals = memchr (line.ptr, '=', line.len);
  if (equals == NULL)
    return -1;
  *key = trim ((struct span) { line.ptr, (size_t) (equals - line.ptr) });
  if (key->len == 0)
    return -1;
  for (size_t i = 0; i < key->len; i++)
    if (!isgraph ((unsigned char) key->ptr[i]) || key->ptr[i] == '"')
      return -1;
  line.len -= (size_t) (equals + 1 - line.ptr);
  line.ptr = equals + 1;
  return find_value (trim (line), value);
}

char *
vmx_unescape (struct span value, struct error *err)
{
  CLEANUP_FREE char *copy = malloc (value.len + 1);
  char *out = copy;

  if (copy == NULL) {
    error_nomem (err);
    return NULL;
  }
  for (size_t i = 0; i < value.len; i++) {
    const bool room = value.len - i > 2;
    const int high = room ? hex_digit (value.ptr[i + 1]) : -1;
    const int low = room ? hex_digit (value.ptr[i + 2]) : -1;

    if (value.ptr[i] != '|' || high == -1 || low == -1) {
      *out++ = value.ptr[i];
      continue;
    }
    if (high == 0 && low == 0) {
      error_set (err, REASON_UNSUPPORTED,
                 _("the value holds |00, a NUL byte"));
      return NULL;
    }
    *out++ = (char) (high * 16 + low);
    i += 2;
  }
  *out = '\0';
  return STEAL (copy);
}
