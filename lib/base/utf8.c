/* SPDX-License-Identifier: GPL-2.0-or-later */

/* UTF-8 that nobody vouches for: is it valid, and may it be shown on a
 * terminal? Other encodings are input/vmx/vmx-encoding.c's.
 */

#include <config.h>

#include <wchar.h>

#include "base/utf8.h"

/* A first byte tells the length; anything that a shorter form could say, a
 * surrogate, or a value above U+10FFFF is no character.
 */
static size_t
sequence_length (unsigned char first, uint32_t *bits, uint32_t *min)
{
  if (first >= 0xc2 && first <= 0xdf) {
    *bits = first & 0x1f;
    *min = 0x80;
    return 2;
  }
  if ((first & 0xf0) == 0xe0) {
    *bits = first & 0x0f;
    *min = 0x800;
    return 3;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    *bits = first & 0x07;
    *min = 0x10000;
    return 4;
  }
  return 0;
}

size_t
utf8_decode (const char *str, uint32_t *c)
{
  const unsigned char *p = (const unsigned char *) str;
  uint32_t bits, min;
  size_t len;

  if (*p == '\0')
    return 0;
  if (*p < 0x80) {
    *c = *p;
    return 1;
  }
  len = sequence_length (*p, &bits, &min);
  if (len == 0)
    return 0;
  /* The NUL at the end of the string is no continuation. */
  for (size_t i = 1; i < len; i++) {
    if ((p[i] & 0xc0) != 0x80)
      return 0;
    bits = bits << 6 | (p[i] & 0x3f);
  }
  if (bits < min || bits > 0x10ffff || (bits >= 0xd800 && bits <= 0xdfff))
    return 0;
  *c = bits;
  return len;
}

int
utf8_width (const char *str)
{
  int width = 0;

  while (*str != '\0') {
    uint32_t c;
    const size_t len = utf8_decode (str, &c);
    const int columns = len > 0 ? wcwidth ((wchar_t) c) : -1;

    /* What is none, or is not printable, is shown as something. */
    width += columns >= 0 ? columns : 1;
    str += len > 0 ? len : 1;
  }
  return width;
}

bool
utf8_valid (const char *str)
{
  uint32_t c;

  while (*str != '\0') {
    const size_t len = utf8_decode (str, &c);

    if (len == 0)
      return false;
    str += len;
  }
  return true;
}

void
utf8_sanitize (char *str, char with)
{
  uint32_t c = 0;

  while (*str != '\0') {
    const size_t len = utf8_decode (str, &c);

    if (len == 0 || c < 0x20 || c == 0x7f)
      *str++ = with;
    else if (c >= 0x80 && c < 0xa0) {
      /* The C1 controls drive terminals too; they have two bytes. */
      *str++ = with;
      *str++ = with;
    }
    else
      str += len;
  }
}
