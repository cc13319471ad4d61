/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Anything may be the metadata of a volume group, and the beginning of a
 * physical volume.  Whatever they say, each byte of a disk is in one logical
 * volume at most, and none is outside of where extents may be.
 */

#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "filesystem/lvm.h"
#include "../unit/lvm-image.h"

#define DISKS 4
#define LABEL 512
#define AREA_IN_LABEL (32 + 40 + 32)
#define PIECE 9000

extern int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static const struct range areas[] = { { 4096, 768 * 1024 } };
static struct lvm_image images[DISKS];
static struct reader *disks[DISKS];

static void
require (bool ok)
{
  if (!ok)
    __builtin_trap ();
}

/*--- Disks. ---*/

static void
clear (unsigned disk)
{
  if (images[disk].head == NULL)
    lvm_image_init (&images[disk], disk);
  disks[disk] = &images[disk].base;
  memset (images[disk].head, 0, IMAGE_DATA);
}

/* Physical volumes with the UUIDs that TEXT has for the first ones. */
static void
make_group (const char *text)
{
  const char *at = text;

  for (size_t i = 0; i < DISKS; i++) {
    at = strstr (at, "\npv");
    at = at == NULL ? NULL : strstr (at, "id = \"");
    if (at == NULL || strlen (at) < 6 + IMAGE_UUID_LEN)
      return;
    at += 6;
    lvm_image_label (&images[i], 1, at, areas, 1);
    lvm_image_text (&images[i], 0, 512, text);
  }
}

/* No mutation hits a checksum: make all right ones. */
static void
make_head (const uint8_t *data, size_t size)
{
  static struct range area;
  struct lvm_image *image = &images[0];

  memcpy (image->head, data, size < IMAGE_DATA ? size : IMAGE_DATA);
  lvm_image_fix_label (image, 1);
  area.offset = le64 (image->head + LABEL + AREA_IN_LABEL);
  if (area.offset > IMAGE_DATA - 512)
    return;
  image->areas = &area;
  lvm_image_fix_text (image, 0);
  lvm_image_fix_header (image, 0);
}

/*--- What is found on them. ---*/

static void
read_some (struct reader *reader, struct error *err)
{
  static char buf[PIECE];
  const uint64_t last = reader->size - 1;

  for (uint64_t at = 0; at <= last; at += last / 3 + 1) {
    const uint64_t left = reader->size - at;

    require (reader_pread (reader, buf, left < PIECE ? left : PIECE, at,
                           err) == 0);
  }
}

static int
compare (const void *a, const void *b)
{
  const struct range *x = a, *y = b;

  return (x->offset > y->offset) - (x->offset < y->offset);
}

static void
check_ranges (struct ranges *ranges)
{
  uint64_t end = IMAGE_DATA;

  if (ranges->len > 0)
    qsort (ranges->ptr, ranges->len, sizeof *ranges->ptr, compare);
  for (size_t i = 0; i < ranges->len; i++) {
    require (ranges->ptr[i].offset >= end);
    end = ranges->ptr[i].offset + ranges->ptr[i].len;
    require (end <= IMAGE_SIZE);
  }
  ranges_reset (ranges);
}

static void
check (bool may_be_anywhere)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  CLEANUP_LVM struct lvm_volumes volumes = { .ptr = NULL };
  struct lvm_pv pvs[DISKS];
  struct ranges ranges[DISKS] = { { .ptr = NULL } };

  for (unsigned i = 0; i < DISKS; i++)
    pvs[i] = (struct lvm_pv) { .name = "sd", .disk = i, .size = IMAGE_SIZE };
  require (lvm_find (disks, pvs, DISKS, &volumes, &err) == 0);
  for (size_t i = 0; i < volumes.len; i++) {
    const struct lvm_volume *volume = &volumes.ptr[i];

    require ((volume->reader == NULL) == (volume->why_not != NULL));
    if (volume->reader == NULL)
      continue;
    read_some (volume->reader, &err);
    require (lvm_map (volume, (struct range) { 0, volume->size }, ranges,
                      &err) == 0);
  }
  for (unsigned i = 0; i < DISKS; i++)
    if (may_be_anywhere)
      ranges_reset (&ranges[i]);
    else
      check_ranges (&ranges[i]);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const bool is_head = size >= LABEL + 512 &&
    memcmp (data + LABEL, "LABELONE", 8) == 0;
  char *text = calloc (1, size + 1);

  if (text == NULL || size > areas[0].len - 1024) {
    free (text);
    return 0;
  }
  memcpy (text, data, size);
  for (unsigned i = 0; i < DISKS; i++)
    clear (i);
  if (is_head)
    make_head (data, size);
  else
    make_group (text);
  check (is_head);
  free (text);
  return 0;
}
