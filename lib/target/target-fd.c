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

/* For what is written at once the page cache takes memory that hangs together,
 * which in a virtual machine may be memory that the host has taken back: it
 * comes with a fault for each page.  System time of 1 GiB on ext4, Linux 6.18,
 * in a virtual machine that reports free pages: 4.2 s in pieces of 4 MiB,
 * 0.4 s of 1 MiB, 0.3 s of 256 KiB, 0.6 s of 16 KiB.
 */
#define WRITE_MAX (UINT32_C (256) << 10)

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

/* Errors of the descriptor or the system mean that this cannot be done here,
 * which fsync makes up for.  Any other is about data that was written, and
 * fsync would not tell it again.
 */
static bool
cannot_settle (int errnum)
{
  return errnum == ESPIPE || errnum == EINVAL || errnum == ENOSYS ||
    errnum == EOPNOTSUPP;
}

static int
sync_range (int fd, const struct settling *range, unsigned flags)
{
  return sync_file_range (fd, (off_t) range->offset, (off_t) range->len,
                          flags) == -1 && !cannot_settle (errno) ? -1 : 0;
}

int
settle_range (struct settle *settle, int fd, const char *path, uint64_t len,
              uint64_t offset, struct error *err)
{
  const struct settling range = { offset, len };
  struct settling old;

  pthread_mutex_lock (&settle->lock);
  old = settle->ring[settle->next];
  settle->ring[settle->next] = range;
  settle->next = (settle->next + 1) % SETTLE_DEPTH;
  pthread_mutex_unlock (&settle->lock);

  if (sync_range (fd, &range, SYNC_FILE_RANGE_WRITE) == -1)
    return target_errno (err, path);
  if (old.len == 0)
    return 0;
  if (sync_range (fd, &old, SYNC_FILE_RANGE_WAIT_BEFORE|
                  SYNC_FILE_RANGE_WRITE|SYNC_FILE_RANGE_WAIT_AFTER) == -1)
    return target_errno (err, path);
  /* Only a hint: it drops what is clean, and asks about nothing. */
  posix_fadvise (fd, (off_t) old.offset, (off_t) old.len,
                 POSIX_FADV_DONTNEED);
  return 0;
}

void *
target_fd_new (size_t bytes, const struct target_ops *ops, const char *path,
               uint64_t size, uint32_t granule, struct error *err)
{
  struct target_fd *file = alloc_zero (bytes, err);

  if (file == NULL)
    return NULL;
  target_init (&file->target, ops, size, granule);
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
    const ssize_t n = pwrite (file->fd, p, MIN (len, WRITE_MAX),
                              (off_t) offset);

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

int
target_fd_settle (struct target *target, uint64_t len, uint64_t offset,
                  struct error *err)
{
  struct target_fd *file = (struct target_fd *) target;

  return settle_range (&file->settle, file->fd, file->path, len, offset, err);
}

int
target_fd_flush (struct target *target, struct error *err)
{
  const struct target_fd *file = (struct target_fd *) target;

  return fsync (file->fd) == -1 ? target_errno (err, file->path) : 0;
}

/* The kernel shall tell all that it has to tell now: it would greet the next
 * who opens this, perhaps the run that makes good what was lost.
 */
static void
take_errors (const struct target_fd *file)
{
  if (file->fd != -1 && error_is_set (&file->target.failure) &&
      fsync (file->fd) == -1)
    return;                     /* there is an error already */
}

void
target_fd_free (struct target *target)
{
  struct target_fd *file = (struct target_fd *) target;

  take_errors (file);
  close_if_open (file->fd);
  pthread_mutex_destroy (&file->settle.lock);
  target_reset (target);
  free (file->path);
  free (file);
}
