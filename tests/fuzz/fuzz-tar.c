/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Anything may be given as an OVA, or be a disk in it. */

#include <config.h>

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "image/image.h"
#include "image/tar-header.h"
#include "input/ova/package.h"
#include "io/reader.h"

extern int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

struct memory {
  struct reader base;
  const uint8_t *data;
};

static int
memory_pread (struct reader *base, void *buf, size_t len, uint64_t offset,
              struct error *err)
{
  (void) err;
  memcpy (buf, ((struct memory *) base)->data + offset, len);
  return 0;
}

static void
memory_free (struct reader *base)
{
  (void) base;
}

static void
check_index (const uint8_t *data, size_t size)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct memory memory = {
    { .size = size, .pread = memory_pread, .free = memory_free }, data,
  };
  CLEANUP_PACKAGE struct package package = { .source = "fuzz",
                                             .reader = &memory.base };
  bool in_pieces;

  if (package_list_tar (&package, &in_pieces, &err) == -1 || in_pieces)
    return;
  for (size_t i = 0; i < package.members.len; i++) {
    const struct package_member *member = &package.members.ptr[i];

    if (member->offset > size || member->size > size - member->offset ||
        member->name[0] == '/')
      __builtin_trap ();
  }
}

/* No mutation hits a checksum: make all right ones. */
static void
fix_checksums (uint8_t *data, size_t size)
{
  for (; size >= TAR_BLOCK; data += TAR_BLOCK, size -= TAR_BLOCK) {
    unsigned sum = 0;

    memset (data + 148, ' ', 8);
    for (size_t i = 0; i < TAR_BLOCK; i++)
      sum += data[i];
    if (sum > 8 * ' ')
      snprintf ((char *) data + 148, 8, "%06o", sum & 0777777);
    else
      memset (data + 148, 0, 8);
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct memory memory = {
    { .size = size, .pread = memory_pread }, data,
  };
  CLEANUP_IMAGE struct image image = { .format = NULL };
  uint8_t *copy = malloc (size + 1);

  image_examine (&memory.base, "fuzz", NULL, &image, &err);
  check_index (data, size);
  if (copy != NULL) {
    memcpy (copy, data, size);
    fix_checksums (copy, size);
    check_index (copy, size);
  }
  free (copy);
  return 0;
}
