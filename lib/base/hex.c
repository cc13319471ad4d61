/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Digests and identifiers as text. */

#include <config.h>

#include "base/hex.h"

void
hex_encode (const void *bytes, size_t n, char *ret)
{
  static const char digits[] = "0123456789abcdef";
  const unsigned char *byte = bytes;

  for (size_t i = 0; i < n; i++) {
    *ret++ = digits[byte[i] >> 4];
    *ret++ = digits[byte[i] & 15];
  }
  *ret = '\0';
}

int
hex_digit (char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
