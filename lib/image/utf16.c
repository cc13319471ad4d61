/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Makes text of UTF-16.  The names come from images and go into messages, so
 * that nothing in them may be more than text.
 */

#include <config.h>

#include <stdint.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "image/utf16.h"

#define UTF8_MAX 4              /* bytes of a character */

static uint32_t
unit (const unsigned char *name, size_t i, bool big_endian)
{
  return big_endian ? be16 (name + 2 * i) : le16 (name + 2 * i);
}

/* The character at unit I of N, which is moved behind it. */
static uint32_t
take (const unsigned char *name, size_t *i, size_t n, bool big_endian)
{
  const uint32_t high = unit (name, (*i)++, big_endian);
  uint32_t low;

  if (high < 0xd800 || high > 0xdfff)
    return high;
  low = high > 0xdbff || *i == n ? 0 : unit (name, *i, big_endian);
  if (low < 0xdc00 || low > 0xdfff)
    return '?';
  (*i)++;
  return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

/* C0 and C1 controls, and what makes text run from right to left. */
static bool
is_control (uint32_t c)
{
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x200e || c == 0x200f ||
    (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static char *
put (char *to, uint32_t c)
{
  if (c < 0x80) {
    *to++ = (char) c;
    return to;
  }
  if (c < 0x800)
    *to++ = (char) (0xc0 | c >> 6);
  else {
    if (c < 0x10000)
      *to++ = (char) (0xe0 | c >> 12);
    else {
      *to++ = (char) (0xf0 | c >> 18);
      *to++ = (char) (0x80 | (c >> 12 & 0x3f));
    }
    *to++ = (char) (0x80 | (c >> 6 & 0x3f));
  }
  *to++ = (char) (0x80 | (c & 0x3f));
  return to;
}

char *
utf16_to_text (const unsigned char *name, size_t len, bool big_endian,
               struct error *err)
{
  const size_t n = len / 2;
  char *ret = alloc_zero (n * UTF8_MAX + 1, err), *to = ret;
  size_t i = 0;

  while (ret != NULL && i < n) {
    const uint32_t c = take (name, &i, n, big_endian);

    if (c == 0)
      break;
    to = put (to, is_control (c) ? '?' : c);
  }
  return ret;
}
