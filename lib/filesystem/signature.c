/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Asks libblkid what a volume is.  It wants a descriptor, and gets a file in
 * memory of the volume's size that holds only the bytes that it looks at, each
 * at its place.  What to do about the answer is left to disks.c.
 */

#include <config.h>

#include <string.h>
#include <sys/mman.h>
#include <sys/param.h>
#include <unistd.h>

#include <blkid.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/signature.h"
#include "io/reader.h"

#define KIB UINT64_C (1024)
#define CHUNK (256 * KIB)

/* Where libblkid 2.36 to 2.41 look for what is at the beginning.  The last
 * ones in the first piece are btrfs (64 KiB), UFS and the second of ZFS's
 * labels (256 KiB).
 */
static const struct range at_begin[] = {
  { 0, 512 * KIB },
  { 512 * KIB, 4 * KIB },       /* LUKS2's second header can be here, */
  { 1024 * KIB, 4 * KIB },      /* here (VMFS's volumes, too), */
  { 2048 * KIB, 4 * KIB },      /* here (VMFS, too), */
  { 4096 * KIB, 4 * KIB },      /* and here */
};
/* At the end: MD's metadata 0.90 begins 64 to 128 KiB before it, that of DDF
 * 257 sectors, and those of Promise's RAIDs up to 3087 sectors.
 */
#define AT_END (192 * KIB)
#define PROMISE (3087 * 512)
/* NTFS is what libblkid calls so if its file table begins as it should, and
 * there has a volume's name.
 */
#define MFT_SIZE (64 * KIB)

/*--- The bytes that it looks at. ---*/

static int
add_place (struct ranges *places, uint64_t size, uint64_t offset,
           uint64_t len, struct error *err)
{
  if (offset >= size)
    return 0;
  return ranges_add (places, (struct range) {
      offset, MIN (len, size - offset) }) == 0 ? 0 : error_nomem (err);
}

static int
add_places (const struct reader *volume, const struct ranges *metadata,
            struct ranges *places, struct error *err)
{
  const uint64_t size = volume->size;

  for (size_t i = 0; i < ARRAY_LEN (at_begin); i++)
    if (add_place (places, size, at_begin[i].offset, at_begin[i].len,
                   err) == -1)
      return -1;
  for (size_t i = 0; metadata != NULL && i < metadata->len; i++)
    if (add_place (places, size, metadata->ptr[i].offset,
                   metadata->ptr[i].len, err) == -1)
      return -1;
  if (size > PROMISE &&
      add_place (places, size, size / 512 * 512 - PROMISE, 512, err) == -1)
    return -1;
  return add_place (places, size, size > AT_END ? size - AT_END : 0, AT_END,
                    err);
}

/* Where an NTFS that begins with BOOT has its file table; 0: it is none. */
static uint64_t
mft_offset (const unsigned char *boot)
{
  const uint64_t sector = le16 (boot + 11), mft = le64 (boot + 48);
  const unsigned n = boot[13];
  const uint64_t cluster = sector *
    (n <= 128 ? n : n >= 226 ? UINT64_C (1) << (256 - n) : 0);
  uint64_t offset;

  if (memcmp (boot + 3, "NTFS    ", 8) != 0 ||
      __builtin_mul_overflow (cluster, mft, &offset))
    return 0;
  return offset;
}

/*--- The file. ---*/

static int
put (int fd, const char *buf, size_t len, uint64_t offset, struct error *err)
{
  while (len > 0) {
    const ssize_t n = pwrite (fd, buf, len, (off_t) offset);

    if (n <= 0)
      return error_errno (err, REASON_INTERNAL, "memfd");
    buf += n;
    len -= (size_t) n;
    offset += (uint64_t) n;
  }
  return 0;
}

static int
copy_place (struct reader *volume, int fd, struct range place,
            struct error *err)
{
  CLEANUP_FREE char *buf = alloc_zero (CHUNK, err);

  if (buf == NULL)
    return -1;
  while (place.len > 0) {
    const size_t n = MIN (place.len, CHUNK);

    if (reader_pread (volume, buf, n, place.offset, err) == -1 ||
        put (fd, buf, n, place.offset, err) == -1)
      return -1;
    place.offset += n;
    place.len -= n;
  }
  return 0;
}

static int
copy_places (struct reader *volume, int fd, const struct ranges *places,
             struct error *err)
{
  if (reader_prefetch (volume, places, err) == -1)
    return -1;
  for (size_t i = 0; i < places->len; i++)
    if (copy_place (volume, fd, places->ptr[i], err) == -1)
      return -1;
  return 0;
}

static int
copy_mft (struct reader *volume, int fd, struct error *err)
{
  unsigned char boot[512];
  uint64_t offset;

  if (volume->size < sizeof boot)
    return 0;
  if (reader_pread (volume, boot, sizeof boot, 0, err) == -1)
    return -1;
  offset = mft_offset (boot);
  if (offset == 0 || offset >= volume->size)
    return 0;
  return copy_place (volume, fd, (struct range) {
      offset, MIN (MFT_SIZE, volume->size - offset) }, err);
}

static int
make_file (struct reader *volume, const struct ranges *metadata,
           struct error *err)
{
  CLEANUP_FD int fd = memfd_create ("volume", MFD_CLOEXEC);
  struct ranges places = { .ptr = NULL };
  int r;

  if (fd == -1 || ftruncate (fd, (off_t) volume->size) == -1)
    return error_errno (err, REASON_INTERNAL, "memfd");
  r = add_places (volume, metadata, &places, err);
  if (r == 0)
    r = copy_places (volume, fd, &places, err);
  if (r == 0)
    r = copy_mft (volume, fd, err);
  ranges_reset (&places);
  return r == 0 ? STEAL_FD (fd) : -1;
}

/*--- libblkid. ---*/

static void
free_probe (blkid_probe probe)
{
  if (probe != NULL)
    blkid_free_probe (probe);
}

V2V_DEFINE_CLEANUP (cleanup_probe, blkid_probe, free_probe);

static int
configure (blkid_probe probe, int fd, uint32_t sector)
{
  return blkid_probe_set_device (probe, fd, 0, 0) == 0 &&
    blkid_probe_set_sectorsize (probe, sector) == 0 &&
    blkid_probe_enable_superblocks (probe, 1) == 0 &&
    blkid_probe_set_superblocks_flags (probe, BLKID_SUBLKS_TYPE) == 0 &&
    blkid_probe_enable_partitions (probe, 1) == 0 ? 0 : -1;
}

/* A copy of the value NAME, or NULL if there is none. */
static int
take_value (blkid_probe probe, const char *name, char **ret,
            struct error *err)
{
  const char *value;

  if (blkid_probe_lookup_value (probe, name, &value, NULL) != 0)
    return 0;
  return alloc_set (ret, value, err);
}

/* libblkid counts in sectors of 512 bytes, whatever the table does. */
static int
take_partitions (blkid_probe probe, struct ranges *ret, struct error *err)
{
  const blkid_partlist list = blkid_probe_get_partitions (probe);
  const int n = list == NULL ? 0 : blkid_partlist_numof_partitions (list);

  for (int i = 0; i < n; i++) {
    const blkid_partition part = blkid_partlist_get_partition (list, i);

    if (ranges_append (ret, (struct range) {
          (uint64_t) blkid_partition_get_start (part) * 512,
          (uint64_t) blkid_partition_get_size (part) * 512 }) == -1)
      return error_nomem (err);
  }
  return 0;
}

/* blkid_do_safeprobe takes the first of several signatures when one of them is
 * a RAID's, or all may be beside others.
 */
static bool
has_others (blkid_probe probe)
{
  const char *type;
  unsigned n = 0;

  blkid_reset_probe (probe);
  while (n < 2 && blkid_do_probe (probe) == 0)
    if (blkid_probe_lookup_value (probe, "TYPE", &type, NULL) == 0)
      n++;
  return n > 1;
}

static int
ask (blkid_probe probe, struct signature *ret, struct error *err)
{
  const int r = blkid_do_safeprobe (probe);

  /* libblkid 2.41 has the same number for this and for an error. */
  ret->ambivalent = r == -2 || (r == -1 && has_others (probe));
  /* It has no other errors than those of a file in memory. */
  if (r == -1 && !ret->ambivalent)
    return error_set (err, REASON_INTERNAL, "blkid_do_safeprobe");
  if (r != 0)
    return 0;
  if (take_value (probe, "TYPE", &ret->type, err) == -1 ||
      take_value (probe, "PTTYPE", &ret->table, err) == -1)
    return -1;
  if (ret->table != NULL && take_partitions (probe, &ret->partitions,
                                             err) == -1)
    return -1;
  if (ret->partitions.len == 0 && alloc_set (&ret->table, NULL, err) == -1)
    return -1;
  ret->ambivalent = ret->type != NULL && has_others (probe);
  return 0;
}

int
signature_read (struct reader *volume, uint32_t sector,
                const struct ranges *metadata, struct signature *ret,
                struct error *err)
{
  __attribute__ ((cleanup (cleanup_probe))) blkid_probe probe = NULL;
  CLEANUP_FD int fd = -1;

  *ret = (struct signature) { .type = NULL };
  if (volume->size == 0)
    return 0;
  fd = make_file (volume, metadata, err);
  if (fd == -1)
    return -1;
  probe = blkid_new_probe ();
  if (probe == NULL || configure (probe, fd, sector) == -1)
    return error_nomem (err);
  return ask (probe, ret, err);
}

void
signature_reset (struct signature *signature)
{
  free (signature->type);
  free (signature->table);
  ranges_reset (&signature->partitions);
  *signature = (struct signature) { .type = NULL };
}
