/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reads the header of a qcow2 image (docs/interop/qcow2.txt of qemu).
 * Whatever depends on more than the header is left to qemu.
 */

#include <config.h>

#include <string.h>

#include "base/error.h"
#include "image/qcow2.h"
#include "io/reader.h"

/* Offsets of fields, which are big endian: of each flag its lowest byte is
 * enough.
 */
#define HEADER_LEN 104
#define VERSION_LOW 7
#define BACKING 8               /* offset of the name: 8 bytes */
#define CRYPT_METHOD 32         /* 4 bytes */
#define INCOMPATIBLE 79

#define FEATURE_DIRTY 0x01
#define FEATURE_CORRUPT 0x02
#define FEATURE_DATA_FILE 0x04

static bool
is_zero (const unsigned char *field, size_t len)
{
  while (len-- > 0)
    if (field[len] != 0)
      return false;
  return true;
}

int
qcow2_read_header (struct reader *reader, struct qcow2_header *ret,
                   struct error *err)
{
  unsigned char header[HEADER_LEN] = { 0 };
  const size_t len = reader->size < sizeof header ? (size_t) reader->size
                                                  : sizeof header;
  unsigned char features;

  *ret = (struct qcow2_header) { .valid = false };
  if (reader_pread (reader, header, len, 0, err) == -1)
    return -1;
  if (memcmp (header, QCOW2_MAGIC, strlen (QCOW2_MAGIC)) != 0)
    return 0;
  features = header[VERSION_LOW] >= 3 ? header[INCOMPATIBLE] : 0;
  *ret = (struct qcow2_header) {
    .valid = true,
    .has_backing = !is_zero (header + BACKING, 8),
    .has_data_file = (features & FEATURE_DATA_FILE) != 0,
    .encrypted = !is_zero (header + CRYPT_METHOD, 4),
    .dirty = (features & FEATURE_DIRTY) != 0,
    .corrupt = (features & FEATURE_CORRUPT) != 0,
  };
  return 0;
}
