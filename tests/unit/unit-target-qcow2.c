/* SPDX-License-Identifier: GPL-2.0-or-later */

/* qcow2 images: ranges that may begin and end anywhere are written and zeroed
 * in any order and again, and in between the image is left as it is and opened
 * again, as after a crash.  qemu-img finds each byte, and no fault.  Tables that
 * are damaged are refused.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <endian.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file-at.h"
#include "target/target.h"

#define SIZE ((9 << 20) + 300)
#define L1_AT (2 << 16)
#define FEATURES_AT 72
#define OFFSET_MASK UINT64_C (0x00fffffffffffe00)
#define COMPRESSED (UINT64_C (1) << 62)

static unsigned char disk[(SIZE + 511) / 512 * 512], data[SIZE];
static char dir[] = "/var/tmp/unit-qcow2.XXXXXX";
static enum target_compression compression;
static bool compressed;
static int fd = -1;
static struct target *target;

static unsigned
below (unsigned n)
{
  return (unsigned) random () % n;
}

/* In the directory of the files. */
static void
run (const char *command)
{
  char line[512];

  snprintf (line, sizeof line, "cd %s && %s", dir, command);
  assert (system (line) == 0);
}

static struct target *
open_image (bool is_new, struct error *err)
{
  const struct file_at at = { .dir_fd = -1, .name = "image", .path = "image" };

  return target_qcow2_open (fd, at, SIZE, is_new, compression, err);
}

static void
reopen (void)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;

  assert (target_flush (target, &err) == 0);
  target_free (target);
  target = open_image (false, &err);
  assert (target != NULL);
}

static void
fill (unsigned len)
{
  const unsigned same = below (3);

  for (unsigned i = 0; i < len; i++)
    data[i] = (unsigned char) (same == 0 ? 7 : below (same == 1 ? 4 : 256));
}

static void
change (unsigned offset, unsigned len)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;

  if (below (3) == 0) {
    assert (target_zero (target, len, offset, &err) == 0);
    memset (disk + offset, 0, len);
    return;
  }
  fill (len);
  assert (target_write (target, data, len, offset, &err) == 0);
  memcpy (disk + offset, data, len);
}

/* Anything, anywhere. */
static void
change_at_random (void)
{
  static const unsigned units[] = { 1, 512, 4096, 65536 };

  for (unsigned i = 0; i < 150; i++) {
    const unsigned unit = units[below (4)];
    const unsigned offset = below (SIZE) / unit * unit;
    const unsigned len = (1 + below (20)) * unit;

    change (offset, len < SIZE - offset ? len : SIZE - offset);
    if (below (10) == 0)
      reopen ();
  }
}

/* What is compressed is whole when it is complete. */
static void
change_each_byte_once (void)
{
  for (unsigned offset = 0; offset < SIZE;) {
    const unsigned len = 1 + below (200000);
    const unsigned n = len < SIZE - offset ? len : SIZE - offset;

    change (offset, n);
    offset += n;
  }
  reopen ();
}

static void
compare (void)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  char name[64];
  FILE *f;

  assert (target_flush (target, &err) == 0);
  assert (target_finish (target, &err) == 0);
  snprintf (name, sizeof name, "%s/disk", dir);
  f = fopen (name, "w");
  assert (f != NULL && fwrite (disk, sizeof disk, 1, f) == 1);
  fclose (f);
  run ("qemu-img check -q -f qcow2 image");
  run ("qemu-img compare -q -f raw -F qcow2 disk image");
}

static uint64_t
read_entry (uint64_t offset)
{
  uint64_t entry;

  assert (pread (fd, &entry, sizeof entry, (off_t) offset) == sizeof entry);
  return be64toh (entry);
}

static void
write_entry (uint64_t offset, uint64_t entry)
{
  entry = htobe64 (entry);
  assert (pwrite (fd, &entry, sizeof entry, (off_t) offset) == sizeof entry);
}

/* Put ENTRY in place of the one at OFFSET for a while. */
static void
expect_damaged (uint64_t offset, uint64_t entry)
{
  const uint64_t before = read_entry (offset);
  CLEANUP_ERROR struct error err = ERROR_INIT;

  write_entry (offset, entry);
  assert (open_image (false, &err) == NULL);
  assert (err.reason == REASON_TARGET_CHANGED);
  write_entry (offset, before);
}

/* What is not in the file was not stored. */
static void
expect_forgotten (uint64_t offset, uint64_t entry)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;

  write_entry (offset, entry);
  target = open_image (false, &err);
  assert (target != NULL);
  assert (read_entry (offset) == 0);
  target_free (target);
}

static void
damage (void)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  const uint64_t end = (uint64_t) lseek (fd, 0, SEEK_END);
  const uint64_t l2 = read_entry (L1_AT) & OFFSET_MASK;
  unsigned i = 0;

  while ((read_entry (l2 + i * 8) & OFFSET_MASK) == 0)
    i++;
  expect_damaged (L1_AT, UINT64_C (1) << 40);
  expect_damaged (L1_AT, l2 + 512);
  expect_damaged (L1_AT, l2 | 1);
  expect_damaged (l2 + i * 8, l2);
  expect_damaged (l2 + i * 8, 65536);
  expect_damaged (l2 + i * 8, UINT64_C (1) << 62);
  expect_damaged (l2 + i * 8, 512);
  if (!compressed) {
    const uint64_t entry = read_entry (l2 + i * 8);

    expect_damaged (l2 + i * 8, entry | 2);
    expect_damaged (l2 + i * 8, COMPRESSED | (entry & OFFSET_MASK));
  }
  expect_damaged (l2 + 65528, read_entry (l2 + i * 8));
  expect_damaged (0, 0);
  expect_damaged (24, SIZE + 4096);
  expect_damaged (FEATURES_AT, compression == TARGET_ZSTD ? 0 : 8);
  if (compressed)
    expect_forgotten (l2 + i * 8, COMPRESSED | UINT64_C (129) << 54 |
                      (end - 512));
  expect_forgotten (l2 + i * 8, UINT64_C (1) << 50);
  expect_forgotten (l2 + i * 8, end - end % 65536 + 65536);
  target = open_image (false, &err);
  assert (target != NULL);
  assert (target_finish (target, &err) == 0);
  assert (read_entry (l2 + i * 8) == 0);
  run ("qemu-img check -q -f qcow2 image");
}

/* RHEL 8's does not. */
static bool
qemu_knows_zstd (void)
{
  char line[512];

  snprintf (line, sizeof line, "qemu-img create -q -f qcow2 "
            "-o compression_type=zstd %s/trial 1M", dir);
  return system (line) == 0;
}

static enum target_compression
compression_of (unsigned round)
{
  if (round % 2 == 0)
    return TARGET_UNCOMPRESSED;
  return round % 4 == 1 || !qemu_knows_zstd () ? TARGET_ZLIB : TARGET_ZSTD;
}

int
main (void)
{
  const char *seed = getenv ("V2V_TEST_SEED");
  const unsigned n = seed != NULL ? (unsigned) atoi (seed)
                                  : (unsigned) getpid ();
  char name[64];

  if (system ("qemu-img --version >/dev/null") != 0)
    return 77;
  fprintf (stderr, "V2V_TEST_SEED=%u\n", n);
  srandom (n);
  assert (mkdtemp (dir) != NULL);
  snprintf (name, sizeof name, "%s/image", dir);
  for (unsigned i = 0; i < 8; i++) {
    CLEANUP_ERROR struct error err = ERROR_INIT;

    compression = compression_of (i);
    compressed = compression != TARGET_UNCOMPRESSED;
    memset (disk, 0, sizeof disk);
    fd = open (name, O_RDWR|O_CREAT|O_TRUNC|O_CLOEXEC, 0600);
    assert (fd != -1);
    target = open_image (true, &err);
    assert (target != NULL);
    for (unsigned k = 0; k < 2; k++)
      if (compressed)
        change_each_byte_once ();
      else
        change_at_random ();
    compare ();
    target_free (target);
    damage ();
    target_free (target);
    close (fd);
  }
  run ("rm -r \"$PWD\"");
  return 0;
}
