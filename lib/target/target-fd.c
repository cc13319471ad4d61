/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Writing to a descriptor on this host, for files and block devices.  How they
 * are opened, and how zeroes are written, is left to target-file.c and
 * target-device.c.
 */

#include <config.h>

#include <fcntl.h>
#include <inttypes.h>
#include <sys/param.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "target/target-internal.h"

static const char zeroes[1 << 20];

int
target_errno (struct error *err, const char *path)
{
  if (errno == ENOSPC || errno == EDQUOT)
    return error_errno (err, REASON_SPACE, "%s", path);
  return error_errno (err, REASON_WRITE, _("cannot write %s"), path);
}

int
target_too_small (const struct target *target, const char *path,
                  uint64_t size, struct error *err)
{
  return error_set (err, REASON_SPACE,
                    _("%s is too small: it has %" PRIu64
                      " bytes, the disk has %" PRIu64),
                    path, target->size, size);
}

int
target_write_zeroes (struct target *target, uint32_t len, uint64_t offset,
                     struct error *err)
{
  while (len > 0) {
    const uint32_t part = MIN (len, (uint32_t) sizeof zeroes);

    if (target->ops->write (target, zeroes, part, offset, err) == -1)
      return -1;
    offset += part;
    len -= part;
  }
  return 0;
}

void
settle_range (struct settle *settle, int fd, uint64_t len, uint64_t offset)
{
  const struct settling range = { offset, len };
  struct settling old;

  pthread_mutex_lock (&settle->lock);
  old = settle->ring[settle->next];
  settle->ring[settle->next] = range;
  settle->next = (settle->next + 1) % SETTLE_DEPTH;
  pthread_mutex_unlock (&settle->lock);

  /* Failures are not lost: fsync reports them at the end. */
  sync_file_range (fd, (off_t) offset, (off_t) len, SYNC_FILE_RANGE_WRITE);
  if (old.len == 0)
    return;
  sync_file_range (fd, (off_t) old.offset, (off_t) old.len,
                   SYNC_FILE_RANGE_WAIT_BEFORE|SYNC_FILE_RANGE_WRITE|
                   SYNC_FILE_RANGE_WAIT_AFTER);
  posix_fadvise (fd, (off_t) old.offset, (off_t) old.len,
                 POSIX_FADV_DONTNEED);
}

void *
target_fd_new (size_t bytes, const struct target_ops *ops, const char *path,
               uint64_t size, uint32_t granule, struct error *err)
{
  struct target_fd *file = alloc_zero (bytes, err);

  if (file == NULL)
    return NULL;
  file->target = (struct target) {
    .ops = ops, .size = size, .granule = granule };
  file->fd = -1;
  pthread_mutex_init (&file->settle.lock, NULL);
  file->path = alloc_copy (path, err);
  if (file->path != NULL)
    return file;
  target_fd_free (&file->target);
  return NULL;
}

int
target_fd_write (struct target *target, const void *buf, uint32_t len,
                 uint64_t offset, struct error *err)
{
  const struct target_fd *file = (struct target_fd *) target;
  const char *p = buf;

  while (len > 0) {
    const ssize_t n = pwrite (file->fd, p, len, (off_t) offset);

    if (n == -1) {
      if (errno == EINTR)
        continue;
      return target_errno (err, file->path);
    }
    p += n;
    offset += (uint64_t) n;
    len -= (uint32_t) n;
  }
  return 0;
}

void
target_fd_settle (struct target *target, uint64_t len, uint64_t offset)
{
  struct target_fd *file = (struct target_fd *) target;

  settle_range (&file->settle, file->fd, len, offset);
}

int
target_fd_flush (struct target *target, struct error *err)
{
  const struct target_fd *file = (struct target_fd *) target;

  return fsync (file->fd) == -1 ? target_errno (err, file->path) : 0;
}

void
target_fd_free (struct target *target)
{
  struct target_fd *file = (struct target_fd *) target;

  close_if_open (file->fd);
  pthread_mutex_destroy (&file->settle.lock);
  free (file->path);
  free (file);
}
