/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Writes what head.c keeps as a qcow2 image, which qemu reads below the driver
 * of the image's format and above whatever serves the file: of all clusters
 * that were not kept it says nothing, so that these come from there.  Who
 * opens it says what that is, or the file does (BACKING).  It is made for
 * reading, and once.
 *
 *   cluster 0    header
 *   1, 2         refcount table, and one block: refcounts of 2 GiB of file
 *   3...         level 1, one entry for 512 MiB of the image's file
 *   ...          level 2 where something was kept
 *   ...          what was kept
 */

#include <config.h>

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "image/image.h"

#define BITS 16
#define CLUSTER IMAGE_HEAD_BLOCK
_Static_assert (CLUSTER == 1 << BITS, "a block is a cluster");

#define L2_ENTRIES (CLUSTER / 8)
#define L1_COVERS ((uint64_t) L2_ENTRIES * CLUSTER) /* bytes */
/* Of level 1, what qemu allows (QCOW_MAX_L1_SIZE): 2 PiB. */
#define L1_ENTRIES_MAX ((32 << 20) / 8)
#define BACKING_FORMAT 0xe2792aca /* an extension of the header */
#define ONLY_ONCE (UINT64_C (1) << 63) /* in an entry: a refcount of 1 */

#define REFCOUNT_TABLE 1        /* clusters */
#define REFCOUNTS 2
#define L1 3

struct head_file {
  const char *path;
  int fd;
  uint64_t l1_entries;
  uint64_t clusters;            /* of the file, until now */
  uint64_t l2_of, l2;           /* the last entry of level 1 that was made, and
                                   the cluster of its table; 0: none */
};

static int
put (const struct head_file *file, const void *bytes, size_t len,
     uint64_t offset, struct error *err)
{
  const char *at = bytes;

  while (len > 0) {
    const ssize_t n = pwrite (file->fd, at, len, (off_t) offset);

    if (n == -1 && errno == EINTR)
      continue;
    if (n == -1)
      return error_errno (err, errno == ENOSPC || errno == EDQUOT
                          ? REASON_SPACE : REASON_WRITE,
                          _("cannot write %s"), file->path);
    at += n;
    len -= (size_t) n;
    offset += (uint64_t) n;
  }
  return 0;
}

static int
put_entry (const struct head_file *file, uint64_t table, uint64_t entry,
           uint64_t cluster, struct error *err)
{
  const uint64_t value = htobe64 (ONLY_ONCE | cluster * CLUSTER);

  return put (file, &value, sizeof value, table * CLUSTER + 8 * entry, err);
}

/* Of version 3, with nothing in it but where the tables are, and the backing
 * file, whose format would be probed if it were not told.
 */
static int
put_header (const struct head_file *file, uint64_t size, const char *backing,
            struct error *err)
{
  const uint32_t backing_len = backing == NULL ? 0
    : (uint32_t) strlen (backing);
  const struct __attribute__ ((packed)) {
    uint32_t magic, version;
    uint64_t backing;
    uint32_t backing_len, cluster_bits;
    uint64_t size;
    uint32_t crypt_method, l1_entries;
    uint64_t l1, refcount_table;
    uint32_t refcount_clusters, snapshots;
    uint64_t snapshot_table, incompatible, compatible, autoclear;
    uint32_t refcount_order, header_len;
    uint32_t format_extension, format_len;
    char format[8];
    uint64_t end_of_extensions;
  } header = {
    .magic = htobe32 (0x514649fb), .version = htobe32 (3),
    .backing = backing == NULL ? 0 : htobe64 (sizeof header),
    .backing_len = htobe32 (backing_len),
    .cluster_bits = htobe32 (BITS), .size = htobe64 (size),
    .l1_entries = htobe32 ((uint32_t) file->l1_entries),
    .l1 = htobe64 (L1 * CLUSTER),
    .refcount_table = htobe64 (REFCOUNT_TABLE * CLUSTER),
    .refcount_clusters = htobe32 (1),
    .refcount_order = htobe32 (4), .header_len = htobe32 (104),
    .format_extension = htobe32 (backing == NULL ? 0 : BACKING_FORMAT),
    .format_len = htobe32 (backing == NULL ? 0 : 3), .format = "raw",
  };

  return put (file, &header, sizeof header, 0, err) == -1 ? -1
    : put (file, backing, backing_len, sizeof header, err);
}

/* The parts are sorted by nothing, but each goes from its start to its end, so
 * that a table is asked for again only by its neighbours; one that is not the
 * last one may have to be found.
 */
static int
find_l2 (struct head_file *file, uint64_t entry, struct error *err)
{
  uint64_t value;

  if (file->l2 != 0 && file->l2_of == entry)
    return 0;
  if (pread (file->fd, &value, sizeof value,
             (off_t) (L1 * CLUSTER + 8 * entry)) == sizeof value && value != 0)
    file->l2 = (be64toh (value) & ~ONLY_ONCE) / CLUSTER;
  else {
    file->l2 = file->clusters++;
    if (put_entry (file, L1, entry, file->l2, err) == -1)
      return -1;
  }
  file->l2_of = entry;
  return 0;
}

static int
put_part (struct head_file *file, const struct image_part *part,
          struct error *err)
{
  for (size_t at = 0; at < part->len; at += CLUSTER) {
    const uint64_t block = (part->offset + at) / CLUSTER;
    const size_t left = part->len - at;
    uint64_t cluster;

    if (find_l2 (file, block / L2_ENTRIES, err) == -1)
      return -1;
    cluster = file->clusters++;
    if (put_entry (file, file->l2, block % L2_ENTRIES, cluster, err) == -1 ||
        put (file, part->bytes + at, left < CLUSTER ? left : CLUSTER,
             cluster * CLUSTER, err) == -1)
      return -1;
  }
  return 0;
}

/* Each cluster has one use. */
static int
put_refcounts (const struct head_file *file, struct error *err)
{
  const size_t len = (size_t) file->clusters * sizeof (uint16_t);
  const uint64_t offset = htobe64 (REFCOUNTS * CLUSTER);
  uint16_t *refcounts = alloc_zero (len, err);
  int r;

  if (refcounts == NULL)
    return -1;
  for (uint64_t i = 0; i < file->clusters; i++)
    refcounts[i] = htobe16 (1);
  r = put (file, refcounts, len, REFCOUNTS * CLUSTER, err);
  free (refcounts);
  return r == -1 ? -1
    : put (file, &offset, sizeof offset, REFCOUNT_TABLE * CLUSTER, err);
}

static int
put_all (struct head_file *file, const struct image *image, uint64_t size,
         const char *backing, struct error *err)
{
  for (size_t i = 0; i < image->head.len; i++)
    if (put_part (file, &image->head.ptr[i], err) == -1)
      return -1;
  if (put_refcounts (file, err) == -1 ||
      put_header (file, size, backing, err) == -1)
    return -1;
  return ftruncate (file->fd, (off_t) (file->clusters * CLUSTER)) == 0 ? 0
    : error_errno (err, REASON_WRITE, _("cannot write %s"), file->path);
}

int
image_head_store (const struct image *image, const char *path,
                  const char *backing, struct error *err)
{
  /* Of whole sectors, as qemu takes the size of what is below to be. */
  const uint64_t size = (image->file_size + 511) & ~UINT64_C (511);
  const uint64_t l1_entries = (size + L1_COVERS - 1) / L1_COVERS;
  CLEANUP_FD int fd = -1;
  struct head_file file = { .path = path, .l1_entries = l1_entries };

  if (image->file_size > INT64_MAX || l1_entries > L1_ENTRIES_MAX)
    return error_set (err, REASON_UNSUPPORTED,
                      _("an image in a file of %" PRIu64 " bytes is too "
                        "large"), image->file_size);
  if (unlink (path) == -1 && errno != ENOENT)
    return error_errno (err, REASON_WRITE, _("cannot write %s"), path);
  fd = open (path, O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC, 0600);
  if (fd == -1)
    return error_errno (err, REASON_WRITE, _("cannot write %s"), path);
  file.fd = fd;
  file.clusters = L1 + (l1_entries * 8 + CLUSTER - 1) / CLUSTER;
  return put_all (&file, image, size, backing, err);
}
