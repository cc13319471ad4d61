/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A file that this run or, before --resume, an earlier one has created.  A new
 * one reads as zeroes from the start, so that zeroes need not be written.
 * Writing data is left to target-fd.c.
 */

#include <config.h>

#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/file-at.h"
#include "base/i18n.h"
#include "target/target.h"
#include "target/target-internal.h"

/* The usual block of a file system, and so the smallest hole. */
#define GRANULE 4096

struct target_file {
  struct target_fd base;
  int dir_fd;                   /* the directory that it is in */
  int zero_mode;                /* of fallocate; 0: the file is new, and reads
                                   as zeroes where nothing was written */
  bool preallocated;
};

/* An interrupted copy has left a file that may hold anything where nothing is
 * known to be stored, for example what --verify found to be damaged.
 */
static int
file_zero (struct target *target, uint32_t len, uint64_t offset,
           struct error *err)
{
  const struct target_file *file = (struct target_file *) target;

  if (file->zero_mode == 0 ||
      fallocate (file->base.fd, file->zero_mode|FALLOC_FL_KEEP_SIZE,
                 (off_t) offset, (off_t) len) == 0)
    return 0;
  return errno == EOPNOTSUPP || errno == ENOSYS
    ? target_write_zeroes (target, len, offset, err)
    : target_errno (err, file->base.path);
}

/* Whoever wants the space to be allocated wants it for writing: blocks that are
 * shared have to be allocated again for that.
 */
static bool
file_clone (struct target *target, int fd, uint64_t len, uint64_t offset)
{
  const struct target_file *file = (struct target_file *) target;
  const struct file_clone_range range = {
    .src_fd = fd, .src_offset = offset, .src_length = len,
    .dest_offset = offset,
  };

  return !file->preallocated &&
    ioctl (file->base.fd, FICLONERANGE, &range) == 0;
}

static int
file_flush (struct target *target, struct error *err)
{
  const struct target_file *file = (struct target_file *) target;

  if (target_fd_flush (target, err) == -1)
    return -1;
  /* After a crash the file exists only if its directory was synced, too. */
  return file_at_sync_directory (file->dir_fd, file->base.path, err);
}

static void
file_free (struct target *target)
{
  const struct target_file *file = (struct target_file *) target;
  const int dir_fd = file->dir_fd;

  target_fd_free (target);
  close_if_open (dir_fd);
}

static const struct target_ops file_ops = {
  .write = target_fd_write,
  .zero = file_zero,
  .clone = file_clone,
  .settle = target_fd_settle,
  .flush = file_flush,
  .free = file_free,
};

static int
set_size (struct target_fd *file, bool preallocate, struct error *err)
{
  const off_t size = (off_t) file->target.size;
  int r;

  if (file->target.size > INT64_MAX)
    return error_set (err, REASON_WRITE, _("%s: a file cannot be that large"),
                      file->path);
  if (ftruncate (file->fd, size) == -1)
    return target_errno (err, file->path);
  if (!preallocate || size == 0)
    return 0;
  /* On a file system that cannot do it libc writes instead. */
  do
    r = posix_fallocate (file->fd, 0, size);
  while (r == EINTR);
  if (r == 0)
    return 0;
  errno = r;
  target_errno (err, file->path);
  if (r == ENOSPC)
    error_hint (err, _("%" PRIu64 " bytes are needed"), file->target.size);
  return -1;
}

static struct target_file *
file_new (int fd, struct file_at at, uint64_t size, struct error *err)
{
  struct target_file *file = target_fd_new (sizeof *file, &file_ops, at.path,
                                            size, GRANULE, err);

  if (file == NULL)
    return NULL;
  file->base.fd = fcntl (fd, F_DUPFD_CLOEXEC, 0);
  file->dir_fd = fcntl (at.dir_fd, F_DUPFD_CLOEXEC, 0);
  if (file->base.fd != -1 && file->dir_fd != -1)
    return file;
  error_errno (err, REASON_WRITE, _("cannot open %s"), at.path);
  file_free (&file->base.target);
  return NULL;
}

struct target *
target_file_new (int fd, struct file_at at, uint64_t size, bool preallocate,
                 struct error *err)
{
  struct target_file *file = file_new (fd, at, size, err);

  if (file == NULL)
    return NULL;
  file->preallocated = preallocate;
  if (set_size (&file->base, preallocate, err) == 0)
    return &file->base.target;
  unlinkat (at.dir_fd, at.name, 0);
  file_free (&file->base.target);
  return NULL;
}

struct target *
target_file_open (int fd, struct file_at at, uint64_t size, bool preallocated,
                  struct error *err)
{
  struct target_file *file = file_new (fd, at, size, err);
  struct stat st;

  if (file == NULL)
    return NULL;
  file->preallocated = preallocated;
  file->zero_mode = preallocated ? FALLOC_FL_ZERO_RANGE
                                 : FALLOC_FL_PUNCH_HOLE;
  if (fstat (fd, &st) == -1)
    error_errno (err, REASON_WRITE, _("cannot open %s"), at.path);
  else if (!S_ISREG (st.st_mode) || (uint64_t) st.st_size != size)
    error_set (err, REASON_WRITE,
               _("%s is not the file that the interrupted copy was writing"),
               at.path);
  else
    return &file->base.target;
  file_free (&file->base.target);
  return NULL;
}
