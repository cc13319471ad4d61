/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Logical volumes: what is read from them and where their bytes are, compared
 * with a plain reckoning.  unit-lvm-doubts.c has what puts them in doubt, and
 * filesystem/test-lvm-real.sh metadata that the real LVM2 has written.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "lvm-guest.h"

#define CHUNK 4096

static struct error err = ERROR_INIT;

/* Where byte OFFSET of the volume is, by hand. */
static uint64_t
place_of (const char *name, uint64_t offset, unsigned *disk)
{
  if (strcmp (name, "vg/root") == 0) {
    *disk = offset >= 9 * LVM_EXTENT;
    return IMAGE_DATA + offset +
      (*disk == 0 ? 20 * LVM_EXTENT : (1517 - 9) * LVM_EXTENT);
  }
  *disk = offset / CHUNK % 2 == 0;
  return IMAGE_DATA + offset / (2 * CHUNK) * CHUNK + offset % CHUNK +
    (*disk == 0 ? 29 * LVM_EXTENT : 0);
}

static void
check_read (const struct lvm_volume *volume, uint64_t offset, size_t len)
{
  unsigned char *buf = malloc (len);
  unsigned disk;

  assert (buf != NULL);
  assert (reader_pread (volume->reader, buf, len, offset, &err) == 0);
  for (size_t i = 0; i < len; i++) {
    const uint64_t at = place_of (volume->name, offset + i, &disk);

    assert (buf[i] == lvm_image_byte (disk, at));
  }
  free (buf);
}

/* Each byte is in a range, and there are no more. */
static void
check_map (const struct lvm_volume *volume, uint64_t offset, uint64_t len)
{
  struct ranges ranges[2] = { { .ptr = NULL } };
  uint64_t sum = 0;

  assert (lvm_map (volume, (struct range) { offset, len }, ranges,
                   &err) == 0);
  for (unsigned d = 0; d < 2; d++)
    for (size_t i = 0; i < ranges[d].len; i++)
      sum += ranges[d].ptr[i].len;
  assert (sum == len);
  for (uint64_t i = 0; i < len; i++) {
    unsigned disk;
    const uint64_t at = place_of (volume->name, offset + i, &disk);
    bool found = false;

    for (size_t k = 0; k < ranges[disk].len; k++)
      found = found || (at >= ranges[disk].ptr[k].offset &&
                        at - ranges[disk].ptr[k].offset <
                        ranges[disk].ptr[k].len);
    assert (found);
  }
  for (unsigned d = 0; d < 2; d++) {
    assert (ranges[d].len <= 1);
    ranges_reset (&ranges[d]);
  }
}

static void
test_bytes (void)
{
  CLEANUP_LVM struct lvm_volumes volumes = { .ptr = NULL };

  lvm_make (lvm_metadata);
  assert (lvm_find (lvm_disks, lvm_pvs, 2, &volumes, &err) == 0);
  assert (volumes.len == 2);
  assert (volumes.ptr[0].disk == 0 && volumes.ptr[1].disk == 1);
  assert (volumes.ptr[0].size == 12 * LVM_EXTENT);
  for (size_t i = 0; i < volumes.len; i++) {
    const struct lvm_volume *volume = &volumes.ptr[i];

    check_read (volume, 0, volume->size);
    check_map (volume, 0, volume->size);
    for (uint64_t at = 0; at < volume->size; at += 3001) {
      const uint64_t left = volume->size - at;
      const uint64_t len = at % 20011 + 1;

      check_read (volume, at, len < left ? len : left);
      check_map (volume, at, len < left ? len : left);
    }
  }
}

/* A disk keeps only what it is told of last. */
static void
test_prefetch (void)
{
  CLEANUP_LVM struct lvm_volumes volumes = { .ptr = NULL };
  struct range two[] = { { 0, 3 * CHUNK }, { 8 * CHUNK, 2 * CHUNK } };
  const struct ranges ranges = { .ptr = two, .len = 2 };

  lvm_make (lvm_metadata);
  assert (lvm_find (lvm_disks, lvm_pvs, 2, &volumes, &err) == 0);
  lvm_images[0].prefetches = lvm_images[1].prefetches = 0;
  assert (reader_prefetch (volumes.ptr[1].reader, &ranges, &err) == 0);
  for (unsigned i = 0; i < 2; i++) {
    assert (lvm_images[i].prefetches == 1);
    assert (lvm_images[i].prefetched == (2 + i) * CHUNK);
  }
}

int
main (void)
{
  test_bytes ();
  test_prefetch ();
  lvm_free ();
  return EXIT_SUCCESS;
}
