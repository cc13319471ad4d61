/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The few fields of a tar header that have to be looked at.  libarchive reads
 * tar files (input/ova/unpack.c), but does not tell whether a block is a
 * header, and accepts headers of unknown types.
 */

#include <config.h>

#include <string.h>

#include "base/bytes.h"
#include "image/tar-header.h"

/* The same in all formats. */
enum { SIZE = 124, SIZE_LEN = 12, CHECKSUM = 148, CHECKSUM_LEN = 8,
       TYPE = 156 };

/* Octal digits between blanks; false: something else. */
static bool
parse_octal (const unsigned char *field, size_t len, unsigned long *ret)
{
  size_t i = 0;

  *ret = 0;
  while (i < len && field[i] == ' ')
    i++;
  for (; i < len && field[i] >= '0' && field[i] <= '7'; i++)
    *ret = *ret << 3 | (unsigned long) (field[i] - '0');
  return i == len || field[i] == '\0' || field[i] == ' ';
}

/* The sum of all bytes, with the sum's own field as blanks.  Some old tars
 * added signed bytes.
 */
bool
tar_is_header (const unsigned char block[TAR_BLOCK])
{
  unsigned long sum = 0, with_sign = 0, wanted;

  for (size_t i = 0; i < TAR_BLOCK; i++) {
    const bool own = i >= CHECKSUM && i < CHECKSUM + CHECKSUM_LEN;
    const unsigned char byte = own ? ' ' : block[i];

    sum += byte;
    with_sign += (unsigned long) (signed char) byte;
  }
  return parse_octal (block + CHECKSUM, CHECKSUM_LEN, &wanted) &&
    (wanted == sum || wanted == with_sign);
}

/* The same with at least one digit. */
static bool
is_number (const unsigned char *field, size_t len)
{
  unsigned long ignored;
  size_t i = 0;

  while (i < len && field[i] == ' ')
    i++;
  return i < len && field[i] >= '0' && field[i] <= '7' &&
    parse_octal (field, len, &ignored);
}

/* What all programs write since 1988, or numbers in each of the older fields
 * for mode, owner, group, size, time and checksum.
 */
bool
tar_is_first_header (const unsigned char block[TAR_BLOCK])
{
  static const struct { size_t at, len; } numbers[] = {
    { 100, 8 }, { 108, 8 }, { 116, 8 }, { SIZE, SIZE_LEN }, { 136, 12 },
    { CHECKSUM, CHECKSUM_LEN },
  };

  if (block[0] == '\0' || !tar_is_header (block))
    return false;
  if (memcmp (block + 257, "ustar", 5) == 0)
    return true;
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
    if (!is_number (block + numbers[i].at, numbers[i].len))
      return false;
  return true;
}

bool
tar_header_is_known (const unsigned char block[TAR_BLOCK])
{
  static const char types[] = TAR_FILES "123456xXgLKV";
  unsigned long ignored;

  return memchr (types, block[TYPE], sizeof types) != NULL &&
    (block[SIZE] == 0x80 || parse_octal (block + SIZE, SIZE_LEN, &ignored));
}

char
tar_header_type (const unsigned char block[TAR_BLOCK])
{
  return (char) block[TYPE];
}

/* Binary numbers have 11 bytes; files have at most 63 bits. */
bool
tar_header_size (const unsigned char block[TAR_BLOCK], uint64_t *ret)
{
  const unsigned char *field = block + SIZE;
  unsigned long octal;

  if (field[0] != 0x80) {
    const bool is_number = parse_octal (field, SIZE_LEN, &octal);

    *ret = octal;
    return is_number;
  }
  *ret = be64 (field + SIZE_LEN - 8);
  return (field[1] | field[2] | field[3]) == 0 && *ret <= INT64_MAX;
}
