/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reads the metadata files of NTFS that grow with the volume, $Bitmap and
 * $MFT, by their runs of clusters: the library would read piece after piece,
 * and each would have to cross a slow link on its own.
 */

#include <config.h>

#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/ntfs-internal.h"

bool
ntfs_content_is_whole (const struct ntfs_content *content, uint64_t end)
{
  const struct ntfs_geometry *geometry = &content->reading->geometry;
  const runlist_element *run = content->runs;
  uint64_t next = 0;            /* cluster of the file */

  for (; run != NULL && next * geometry->cluster_size < end; run++) {
    if (run->length <= 0 || run->vcn < 0 || (uint64_t) run->vcn != next ||
        run->lcn < 0 || (uint64_t) run->lcn >= geometry->clusters ||
        (uint64_t) run->length > geometry->clusters - (uint64_t) run->lcn)
      return false;
    next += (uint64_t) run->length;
    if (next > geometry->clusters)
      return false;
  }
  return run != NULL || end == 0;
}

/* Where on the volume up to LEN bytes from OFFSET of the file on are. */
static struct range
find (struct ntfs_content *content, uint64_t offset, uint64_t len)
{
  const uint32_t cluster = content->reading->geometry.cluster_size;
  const uint64_t vcn = offset / cluster;
  const runlist_element *run = &content->runs[content->last];
  uint64_t within;

  if (vcn < (uint64_t) run->vcn)
    run = content->runs;
  while (vcn - (uint64_t) run->vcn >= (uint64_t) run->length)
    run++;
  content->last = (size_t) (run - content->runs);
  within = offset - (uint64_t) run->vcn * cluster;
  return (struct range) {
    (uint64_t) run->lcn * cluster + within,
    MIN (len, (uint64_t) run->length * cluster - within),
  };
}

int
ntfs_content_read (struct ntfs_content *content, void *buf, size_t len,
                   uint64_t offset)
{
  struct ntfs_reading *reading = content->reading;
  char *at = buf;

  while (len > 0) {
    const struct range range = find (content, offset, len);

    if (reader_pread (reading->reader, at, range.len, range.offset,
                      reading->err) == -1)
      return -1;
    at += range.len;
    offset += range.len;
    len -= range.len;
  }
  return 0;
}

int
ntfs_content_prefetch (struct ntfs_content *content,
                       const struct ranges *what)
{
  struct ntfs_reading *reading = content->reading;
  struct ranges places = { .ptr = NULL };
  int r = 0;

  for (size_t i = 0; i < what->len && r == 0; i++) {
    uint64_t offset = what->ptr[i].offset, len = what->ptr[i].len;

    while (len > 0 && r == 0) {
      const struct range range = find (content, offset, len);

      r = ranges_add (&places, range);
      offset += range.len;
      len -= range.len;
    }
  }
  r = r == -1 ? error_nomem (reading->err)
    : reader_prefetch (reading->reader, &places, reading->err);
  ranges_reset (&places);
  return r;
}
