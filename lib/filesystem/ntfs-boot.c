/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The boot sector of NTFS.  The library checks it, too, but it multiplies and
 * shifts what it finds there: what it is given are numbers that stay in range.
 */

#include <config.h>

#include <string.h>

#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/ntfs-internal.h"

/* What Windows 10 can format has at most 2 MiB; NTFS_MAX_CLUSTER_SIZE of the
 * library says the same.
 */
#define CLUSTER_SIZE_MAX (UINT32_C (2) << 20)
#define RECORD_SIZE_MAX (UINT32_C (64) << 10)
#define NTFS_NAME "NTFS    "

static bool
is_power_of_2 (uint64_t n)
{
  return n != 0 && (n & (n - 1)) == 0;
}

/* Bytes of a cluster of sectors with SECTOR_SIZE bytes; 0: no such thing.
 * More than 128 sectors are 256 - log2 of their number, where the library
 * expects 240 to 253.
 */
static uint32_t
cluster_size (uint8_t sectors, uint32_t sector_size)
{
  uint64_t size = 0;

  if (sectors <= 128)
    size = (uint64_t) sectors * sector_size;
  else if (sectors >= 240 && sectors <= 253)
    size = (uint64_t) sector_size << (256 - sectors);
  return is_power_of_2 (size) && size <= CLUSTER_SIZE_MAX
    ? (uint32_t) size : 0;
}

/* Bytes of a record: so many CLUSTERS, or 2 to the power of -CLUSTERS. */
static uint32_t
record_size (int8_t clusters, uint32_t cluster)
{
  uint64_t size = 0;

  if (clusters > 0)
    size = (uint64_t) clusters * cluster;
  else if (clusters > -32)
    size = UINT64_C (1) << -clusters;
  return is_power_of_2 (size) && size >= 512 && size <= RECORD_SIZE_MAX
    ? (uint32_t) size : 0;
}

static int
check_places (struct ntfs_reading *reading, const NTFS_BOOT_SECTOR *boot)
{
  const struct ntfs_geometry *geometry = &reading->geometry;
  const uint64_t mft = (uint64_t) sle64_to_cpu (boot->mft_lcn);
  const uint64_t mirror = (uint64_t) sle64_to_cpu (boot->mftmirr_lcn);

  if (mft == 0 || mft >= geometry->clusters ||
      mirror == 0 || mirror >= geometry->clusters || mft == mirror)
    return NTFS_DOUBT (reading, _("its boot sector places the MFT outside "
                                  "the volume"));
  return 0;
}

static int
check_sectors (struct ntfs_reading *reading, const NTFS_BOOT_SECTOR *boot)
{
  struct ntfs_geometry *geometry = &reading->geometry;
  const uint64_t sectors = (uint64_t) sle64_to_cpu (boot->number_of_sectors);

  if (sectors == 0 ||
      sectors > reading->reader->size / geometry->sector_size)
    return NTFS_DOUBT (reading, _("it is larger than its partition or "
                                  "volume"));
  geometry->clusters =
    sectors / (geometry->cluster_size / geometry->sector_size);
  return check_places (reading, boot);
}

static int
check_sizes (struct ntfs_reading *reading, const NTFS_BOOT_SECTOR *boot)
{
  struct ntfs_geometry *geometry = &reading->geometry;
  const uint32_t sector = le16_to_cpu (boot->bpb.bytes_per_sector);

  if (!is_power_of_2 (sector) || sector < 512 || sector > 4096)
    return NTFS_DOUBT (reading, _("its boot sector gives a sector size of %u "
                                  "bytes"),
                       sector);
  geometry->sector_size = sector;
  geometry->cluster_size =
    cluster_size (boot->bpb.sectors_per_cluster, sector);
  if (geometry->cluster_size == 0)
    return NTFS_DOUBT (reading, _("its boot sector gives an unknown cluster "
                                  "size"));
  geometry->record_size =
    record_size (boot->clusters_per_mft_record, geometry->cluster_size);
  if (geometry->record_size == 0 ||
      record_size (boot->clusters_per_index_record,
                   geometry->cluster_size) == 0)
    return NTFS_DOUBT (reading, _("its boot sector gives an unknown record "
                                  "size"));
  return check_sectors (reading, boot);
}

/* The places that opening the volume reads. */
static int
prefetch_start (struct ntfs_reading *reading, const NTFS_BOOT_SECTOR *boot)
{
  const uint64_t size = reading->reader->size;
  const uint64_t at[] = {
    0, (uint64_t) sle64_to_cpu (boot->mft_lcn),
    (uint64_t) sle64_to_cpu (boot->mftmirr_lcn),
  };
  struct range ranges[sizeof at / sizeof at[0]];

  for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
    const uint64_t offset = at[i] * reading->geometry.cluster_size;

    ranges[i] = (struct range) { offset, MIN (size - offset, 64 << 10) };
  }
  return reader_prefetch (reading->reader, &(struct ranges) {
      .ptr = ranges, .len = sizeof at / sizeof at[0] }, reading->err);
}

int
ntfs_boot_check (struct ntfs_reading *reading)
{
  NTFS_BOOT_SECTOR boot;

  _Static_assert (sizeof boot == 512, "as on the volume");
  if (reading->reader->size < sizeof boot)
    return NTFS_DOUBT (reading, _("it is larger than its partition or "
                                  "volume"));
  if (reader_pread (reading->reader, &boot, sizeof boot, 0,
                    reading->err) == -1)
    return -1;
  if (memcmp (&boot.oem_id, NTFS_NAME, sizeof boot.oem_id) != 0)
    return NTFS_DOUBT (reading, _("it does not have an NTFS boot sector"));
  if (check_sizes (reading, &boot) == -1)
    return -1;
  return reading->ret->why_not != NULL ? 0 : prefetch_start (reading, &boot);
}
