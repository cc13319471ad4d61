/* SPDX-License-Identifier: GPL-2.0-or-later */

/* $Bitmap: a bit for each cluster of the volume, set when it is used.  For a
 * TiB of 4 KiB clusters it has 32 MiB, which come in one batch of reads.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/ntfs-internal.h"

#define PIECE (1 << 20)         /* bytes that are looked at at once */
#define BOOT_SIZE 8192          /* bytes of boot sector and boot code */

struct map {
  struct ntfs_reading *reading;
  struct ntfs_content content;
  bool is_free;                 /* the cluster that was looked at last */
  uint64_t begin;               /* of the run that it belongs to */
};

/* The run of free clusters before END is complete.  The last sector of the
 * volume has the backup of the boot sector; usually it is behind the clusters.
 */
static int
tell (struct map *map, uint64_t end)
{
  struct ntfs_reading *reading = map->reading;
  const uint32_t cluster = reading->geometry.cluster_size;
  const uint64_t limit =
    reading->reader->size - reading->geometry.sector_size;
  const uint64_t first = map->begin * cluster;
  const uint64_t last = MIN (end * cluster, limit);

  reading->free_clusters += end - map->begin;
  if (first < BOOT_SIZE)
    return NTFS_DOUBT (reading, _("its boot area is marked as free"));
  return first >= last ? 0
    : usage_free (reading->ret, first, last - first, reading->err);
}

/* From CLUSTER on it is the other way round. */
static int
change (struct map *map, uint64_t cluster)
{
  if (map->is_free && tell (map, cluster) == -1)
    return -1;
  map->is_free = !map->is_free;
  map->begin = cluster;
  return 0;
}

/* 64 bits for the clusters from FIRST on; what is FREE is set. */
static int
look_at_word (struct map *map, uint64_t first, uint64_t free)
{
  unsigned i = 0;

  while (i < 64) {
    const uint64_t other = (map->is_free ? ~free : free) >> i;

    if (other == 0)
      return 0;
    i += (unsigned) __builtin_ctzll (other);
    if (change (map, first + i) == -1)
      return -1;
  }
  return 0;
}

/* LEN bytes of the map, a multiple of 8 or the last ones, from OFFSET on. */
static int
look_at (struct map *map, const char *bytes, size_t len, uint64_t offset)
{
  const uint64_t clusters = map->reading->geometry.clusters;

  for (size_t at = 0; at < len; at += 8) {
    const uint64_t first = (offset + at) * 8;
    le64 word = const_cpu_to_le64 (UINT64_MAX);
    uint64_t free;

    memcpy (&word, bytes + at, MIN (len - at, sizeof word));
    free = ~le64_to_cpu (word);
    if (clusters - first < 64)  /* the bits behind the last cluster */
      free &= (UINT64_C (1) << (clusters - first)) - 1;
    if (look_at_word (map, first, free) == -1)
      return -1;
  }
  return 0;
}

static int
read_map (struct map *map, uint64_t size)
{
  struct ntfs_reading *reading = map->reading;
  CLEANUP_FREE char *piece = alloc_zero (PIECE, reading->err);

  if (piece == NULL)
    return -1;
  for (uint64_t at = 0; at < size && reading->ret->why_not == NULL;
       at += PIECE) {
    const size_t len = (size_t) MIN (size - at, (uint64_t) PIECE);
    struct range next = { at, MIN (size - at, READER_PREFETCH_MAX) };

    if (at % READER_PREFETCH_MAX == 0 &&
        ntfs_content_prefetch (&map->content, &(struct ranges) {
            .ptr = &next, .len = 1 }) == -1)
      return -1;
    if (ntfs_content_read (&map->content, piece, len, at) == -1 ||
        look_at (map, piece, len, at) == -1)
      return -1;
  }
  return map->is_free ? change (map, reading->geometry.clusters) : 0;
}

int
ntfs_map_read (struct ntfs_reading *reading)
{
  ntfs_attr *data = reading->volume->lcnbmp_na;
  const uint64_t size = (reading->geometry.clusters + 7) / 8;
  struct map map = { .reading = reading, .content.reading = reading };

  if (!NAttrNonResident (data) || NAttrCompressed (data) ||
      NAttrSparse (data) || NAttrEncrypted (data) ||
      data->initialized_size < 0 || (uint64_t) data->initialized_size < size)
    return NTFS_DOUBT (reading, _("its $Bitmap is incomplete"));
  if (ntfs_attr_map_whole_runlist (data) == -1)
    return ntfs_opened_doubt (reading);
  map.content.runs = data->rl;
  if (!ntfs_content_is_whole (&map.content, size))
    return NTFS_DOUBT (reading, _("its $Bitmap is incomplete"));
  return read_map (&map, size);
}
