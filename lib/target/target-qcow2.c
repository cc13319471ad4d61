/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A qcow2 image that this run or, before --resume, an earlier one has begun:
 * clusters get their places when they are written first, in the order in which
 * they come, so that the image is written from its beginning to its end.
 * Where they are is left to qcow2-map.c, the rest of the image to
 * qcow2-image.c, compressing them to qcow2-pack.c.
 *
 * The tables are stored by each flush, before the journal says what is on
 * stable storage.
 */

#include <config.h>

#include <fcntl.h>
#include <string.h>
#include <sys/param.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/file-at.h"
#include "base/i18n.h"
#include "base/lock.h"
#include "target/clusters.h"
#include "target/qcow2-image.h"
#include "target/target-qcow2.h"
#include "target/target.h"

/* Write the image back each time that it has grown by this much. */
#define SETTLE_MIN (UINT64_C (32) << 20)

static int
write_at (struct target_qcow2 *qcow2, const void *data, uint64_t len,
          uint64_t host, struct error *err)
{
  return target_fd_write (&qcow2->base.target, data, (uint32_t) len, host,
                          err);
}

/*--- Whole clusters. ---*/

int
target_qcow2_write_plain (struct target_qcow2 *qcow2, const char *data,
                          uint64_t first, uint64_t n, struct error *err)
{
  while (n > 0) {
    struct qcow2_run run;
    bool is_set;

    if (qcow2_map_find (qcow2->map, first, n, &run, err) == -1)
      return -1;
    is_set = run.kind == QCOW2_DATA;
    if (run.host == 0 || run.kind == QCOW2_PACKED)
      run.host = qcow2_map_take (qcow2->map, run.n);
    run.kind = QCOW2_DATA;
    if (write_at (qcow2, data, run.n * QCOW2_CLUSTER, run.host, err) == -1 ||
        (!is_set && qcow2_map_set (qcow2->map, first, &run, err) == -1))
      return -1;
    data += run.n * QCOW2_CLUSTER;
    first += run.n;
    n -= run.n;
  }
  return 0;
}

static int
write_whole (struct target_qcow2 *qcow2, const char *data, uint64_t first,
             uint64_t n, struct error *err)
{
  return qcow2->packers != NULL
    ? target_qcow2_write_packed (qcow2, data, first, n, err)
    : target_qcow2_write_plain (qcow2, data, first, n, err);
}

/* What is zero needs no room, although it keeps its place.  That is not
 * possible everywhere.
 */
static void
free_room (const struct target_qcow2 *qcow2, uint64_t host, uint64_t n)
{
  if (fallocate (qcow2->base.fd, FALLOC_FL_PUNCH_HOLE|FALLOC_FL_KEEP_SIZE,
                 (off_t) host, (off_t) (n * QCOW2_CLUSTER)) == -1)
    return;
}

/* What was never written is zero.  What was may have been copied by an earlier
 * run, or before a conversion has changed it, or is there a second time.
 */
static int
zero_whole (struct target_qcow2 *qcow2, uint64_t first, uint64_t n,
            struct error *err)
{
  while (n > 0) {
    struct qcow2_run run;
    bool is_zero, has_room;

    if (qcow2_map_find (qcow2->map, first, n, &run, err) == -1)
      return -1;
    is_zero = run.kind == QCOW2_NOTHING || run.kind == QCOW2_ZEROED;
    has_room = run.kind == QCOW2_DATA;
    if (run.kind == QCOW2_PACKED)
      run.host = 0;
    run.kind = QCOW2_ZEROED;
    if (!is_zero && qcow2_map_set (qcow2->map, first, &run, err) == -1)
      return -1;
    if (has_room)
      free_room (qcow2, run.host, run.n);
    first += run.n;
    n -= run.n;
  }
  return 0;
}

/*--- Parts of clusters. ---*/

/* Its first part: the rest is zeroes, until that is written. */
static int
new_place (struct target_qcow2 *qcow2, const char *data, uint32_t len,
           uint64_t offset, struct qcow2_run *run, struct error *err)
{
  CLEANUP_BYTES unsigned char *whole = alloc_zero (QCOW2_CLUSTER, err);

  if (whole == NULL)
    return -1;
  memcpy (whole + offset % QCOW2_CLUSTER, data, len);
  if (run->host == 0)
    run->host = qcow2_map_take (qcow2->map, 1);
  run->kind = QCOW2_DATA;
  return write_at (qcow2, whole, QCOW2_CLUSTER, run->host, err) == -1 ? -1
    : qcow2_map_set (qcow2->map, offset / QCOW2_CLUSTER, run, err);
}

/* DATA NULL: zeroes.  Another thread may be about to change another part of
 * the same cluster.
 */
static int
change_part (struct target_qcow2 *qcow2, const char *data, uint32_t len,
             uint64_t offset, struct error *err)
{
  struct qcow2_run run;
  LOCK_SCOPE (&qcow2->part_lock);

  if (qcow2_map_find (qcow2->map, offset / QCOW2_CLUSTER, 1, &run, err) == -1)
    return -1;
  if (run.kind == QCOW2_DATA)
    return write_at (qcow2, data != NULL ? data : qcow2_zeroes, len,
                     run.host + offset % QCOW2_CLUSTER, err);
  return data == NULL ? 0 : new_place (qcow2, data, len, offset, &run, err);
}

/* A cluster that is compressed is written when all of it is there. */
static int
keep_part (struct target_qcow2 *qcow2, const char *data, uint32_t len,
           uint64_t offset, struct error *err)
{
  const uint64_t index = offset / QCOW2_CLUSTER;
  CLEANUP_FREE char *whole = NULL;
  bool complete;

  if (clusters_add (qcow2->clusters, data, len, offset, &whole, &complete,
                    err) == -1)
    return -1;
  if (whole != NULL)
    return write_whole (qcow2, whole, index, 1, err);
  return complete ? zero_whole (qcow2, index, 1, err) : 0;
}

/*--- Both. ---*/

/* How many of LEN bytes at OFFSET are a part of a cluster?  0: a whole one
 * begins there.
 */
static uint32_t
part_of_cluster (uint32_t len, uint64_t offset)
{
  const uint32_t into = (uint32_t) (offset % QCOW2_CLUSTER);

  return into == 0 && len >= QCOW2_CLUSTER ? 0
    : MIN (len, QCOW2_CLUSTER - into);
}

static int
change_whole (struct target_qcow2 *qcow2, const char *data, uint32_t len,
              uint64_t offset, struct error *err)
{
  const uint64_t first = offset / QCOW2_CLUSTER, n = len / QCOW2_CLUSTER;

  return data != NULL ? write_whole (qcow2, data, first, n, err)
    : zero_whole (qcow2, first, n, err);
}

/* DATA NULL: zeroes. */
static int
change (struct target_qcow2 *qcow2, const char *data, uint32_t len,
        uint64_t offset, struct error *err)
{
  while (len > 0) {
    const uint32_t part = part_of_cluster (len, offset);
    const uint32_t n = part > 0 ? part : len - len % QCOW2_CLUSTER;
    const int r = part == 0 ? change_whole (qcow2, data, n, offset, err)
      : qcow2->clusters != NULL ? keep_part (qcow2, data, n, offset, err)
      : change_part (qcow2, data, n, offset, err);

    if (r == -1)
      return -1;
    if (data != NULL)
      data += n;
    offset += n;
    len -= n;
  }
  return 0;
}

static int
qcow2_write (struct target *target, const void *buf, uint32_t len,
             uint64_t offset, struct error *err)
{
  return change ((struct target_qcow2 *) target, buf, len, offset, err);
}

static int
qcow2_zero (struct target *target, uint32_t len, uint64_t offset,
            struct error *err)
{
  return change ((struct target_qcow2 *) target, NULL, len, offset, err);
}

/* The image grows at its end, whatever offset of the disk is written to. */
static int
qcow2_settle (struct target *target, uint64_t len __attribute__ ((unused)),
              uint64_t offset __attribute__ ((unused)), struct error *err)
{
  struct target_qcow2 *qcow2 = (struct target_qcow2 *) target;
  const uint64_t end = qcow2_map_end (qcow2->map);
  uint64_t from, grown = 0;

  pthread_mutex_lock (&qcow2->settled_lock);
  from = qcow2->settled_to;
  if (end >= from + SETTLE_MIN) {
    grown = end - from;
    qcow2->settled_to = end;
  }
  pthread_mutex_unlock (&qcow2->settled_lock);
  return grown == 0 ? 0
    : settle_range (&qcow2->base.settle, qcow2->base.fd, qcow2->base.path,
                    grown, from, err);
}

static int
qcow2_flush (struct target *target, struct error *err)
{
  const struct target_qcow2 *qcow2 = (struct target_qcow2 *) target;

  if (qcow2_map_store (qcow2->map, err) == -1 ||
      target_fd_flush (target, err) == -1)
    return -1;
  /* After a crash the file exists only if its directory was synced, too. */
  return qcow2->dir_fd == -1 ? 0
    : file_at_sync_directory (qcow2->dir_fd, qcow2->base.path, err);
}

static int
qcow2_finish (struct target *target, struct error *err)
{
  struct target_qcow2 *qcow2 = (struct target_qcow2 *) target;

  if (qcow2->clusters != NULL && clusters_pending (qcow2->clusters))
    return error_set (err, REASON_INTERNAL, "%s: incomplete clusters",
                      qcow2->base.path);
  return qcow2_flush (target, err) == -1 ? -1
    : qcow2_image_end (&qcow2->base, qcow2->map, qcow2->compression, err);
}

static void
qcow2_free (struct target *target)
{
  struct target_qcow2 *qcow2 = (struct target_qcow2 *) target;
  const int dir_fd = qcow2->dir_fd;

  clusters_free (qcow2->clusters);
  qcow2_packers_free (qcow2->packers);
  qcow2_map_free (qcow2->map);
  pthread_mutex_destroy (&qcow2->settled_lock);
  pthread_mutex_destroy (&qcow2->part_lock);
  target_fd_free (target);
  close_if_open (dir_fd);
}

static const struct target_ops qcow2_ops = {
  .write = qcow2_write,
  .zero = qcow2_zero,
  .settle = qcow2_settle,
  .flush = qcow2_flush,
  .finish = qcow2_finish,
  .free = qcow2_free,
};

static int
open_file (struct target_qcow2 *qcow2, int fd, struct file_at at,
           enum target_compression compression, struct error *err)
{
  const uint64_t size = qcow2->base.target.size;
  const bool packs = compression != TARGET_UNCOMPRESSED;

  qcow2->base.fd = fcntl (fd, F_DUPFD_CLOEXEC, 0);
  if (at.dir_fd != -1)
    qcow2->dir_fd = fcntl (at.dir_fd, F_DUPFD_CLOEXEC, 0);
  if (qcow2->base.fd == -1 || (at.dir_fd != -1 && qcow2->dir_fd == -1))
    return error_errno (err, REASON_WRITE, _("cannot open %s"), at.path);
  qcow2->map = qcow2_map_new (&qcow2->base, size, packs, err);
  if (qcow2->map == NULL || !packs)
    return qcow2->map != NULL ? 0 : -1;
  qcow2->packers = qcow2_packers_new (compression, err);
  qcow2->clusters = clusters_new (size, err);
  return qcow2->packers != NULL && qcow2->clusters != NULL ? 0 : -1;
}

struct target *
target_qcow2_open (int fd, struct file_at at, uint64_t size, bool is_new,
                   enum target_compression compression, struct error *err)
{
  struct target_qcow2 *qcow2 = target_fd_new (sizeof *qcow2, &qcow2_ops,
                                              at.path, size, QCOW2_CLUSTER,
                                              err);

  if (qcow2 == NULL)
    return NULL;
  qcow2->dir_fd = -1;
  qcow2->compression = compression;
  pthread_mutex_init (&qcow2->part_lock, NULL);
  pthread_mutex_init (&qcow2->settled_lock, NULL);
  if (open_file (qcow2, fd, at, compression, err) == 0 &&
      (is_new ? qcow2_image_begin (&qcow2->base, qcow2->map, compression, err)
              : qcow2_image_go_on (&qcow2->base, qcow2->map, compression,
                                   err)) == 0) {
    qcow2->settled_to = qcow2_map_end (qcow2->map);
    return &qcow2->base.target;
  }
  qcow2_free (&qcow2->base.target);
  return NULL;
}
