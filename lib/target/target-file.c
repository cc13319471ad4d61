/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A file that this run creates.  It reads as zeroes from the start, so that
 * zeroes are what is not written.
 */

#include <config.h>

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "target/target-internal.h"

/* A file system's block; holes smaller than this do not exist. */
#define GRANULE 4096

struct target_file {
  struct target target;
  int fd;
  char *path;
  struct target_settled *settled;
};

static int
file_write (struct target *target, const void *buf, uint32_t len,
            uint64_t offset, struct error *err)
{
  const struct target_file *file = (struct target_file *) target;

  return target_fd_write (file->fd, file->path, buf, len, offset, err);
}

static int
file_zero (struct target *target __attribute__ ((unused)),
           uint32_t len __attribute__ ((unused)),
           uint64_t offset __attribute__ ((unused)),
           struct error *err __attribute__ ((unused)))
{
  return 0;
}

static void
file_settle (struct target *target, uint64_t len, uint64_t offset)
{
  const struct target_file *file = (struct target_file *) target;

  target_fd_settle (file->fd, file->settled, len, offset);
}

static int
file_flush (struct target *target, struct error *err)
{
  const struct target_file *file = (struct target_file *) target;

  if (target_fd_flush (file->fd, file->path, err) == -1)
    return -1;
  /* A file is there after a crash only if its directory says so. */
  return file_sync_parent (file->path, err);
}

static void
file_free (struct target *target)
{
  struct target_file *file = (struct target_file *) target;

  close_if_open (file->fd);
  target_settled_free (file->settled);
  free (file->path);
  free (file);
}

static const struct target_ops file_ops = {
  .write = file_write,
  .zero = file_zero,
  .settle = file_settle,
  .flush = file_flush,
  .free = file_free,
};

static struct target_file *
file_alloc (const char *path, uint64_t size, struct error *err)
{
  struct target_file *file = calloc (1, sizeof *file);

  if (file == NULL) {
    error_nomem (err);
    return NULL;
  }
  file->target = (struct target) {
    .ops = &file_ops, .size = size, .granule = GRANULE };
  file->fd = -1;
  file->path = strdup (path);
  file->settled = target_settled_new (err);
  if (file->path == NULL || file->settled == NULL) {
    error_nomem (err);
    file_free (&file->target);
    return NULL;
  }
  return file;
}

static int
set_size (struct target_file *file, bool preallocate, struct error *err)
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
  /* Where the file system cannot reserve, libc writes. */
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

struct target *
target_file_new (const char *path, uint64_t size, bool preallocate,
                 struct error *err)
{
  struct target_file *file = file_alloc (path, size, err);

  if (file == NULL)
    return NULL;
  file->fd = open (path, O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC|O_NOCTTY, 0666);
  if (file->fd == -1) {
    if (errno == ENOSPC || errno == EDQUOT)
      target_errno (err, path);
    else
      error_errno (err, REASON_WRITE, _("cannot create %s"), path);
    file_free (&file->target);
    return NULL;
  }
  if (set_size (file, preallocate, err) == -1) {
    unlink (path);
    file_free (&file->target);
    return NULL;
  }
  return &file->target;
}

struct target *
target_file_open (const char *path, uint64_t size, struct error *err)
{
  struct target_file *file = file_alloc (path, size, err);
  struct stat st;

  if (file == NULL)
    return NULL;
  file->fd = open (path, O_RDWR|O_CLOEXEC|O_NOCTTY|O_NOFOLLOW);
  if (file->fd == -1 || fstat (file->fd, &st) == -1)
    error_errno (err, REASON_WRITE, _("cannot open %s"), path);
  else if (!S_ISREG (st.st_mode) || (uint64_t) st.st_size != size)
    error_set (err, REASON_WRITE, _("%s is not what was written before"),
               path);
  else
    return &file->target;
  file_free (&file->target);
  return NULL;
}
