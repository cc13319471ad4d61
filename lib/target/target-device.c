/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A block device, or an existing file in its place, with unknown content: how
 * it is opened, and how zeroes are written to it.  A way to zero that the
 * storage has refused is not tried again.  Writing data is left to
 * target-fd.c.
 */

#include <config.h>

#include <fcntl.h>
#include <inttypes.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "io/cut-sector.h"
#include "target/target.h"
#include "target/target-internal.h"

/* For a shorter run of zeroes a call costs more than writing it. */
#define GRANULE 65536

struct target_device {
  struct target_fd base;
  bool is_block;
  uint32_t block;               /* logical block size */
  uint64_t told;                /* the size, with a part of a block at its end
                                   that cannot be written */
  enum target_zero zero;
  atomic_uint refused;          /* bits: indices into ways[] */
};

/* Ways to zero, from the cheapest to the one that works most often. */
static const struct way {
  unsigned long request;        /* an ioctl, of devices only */
  int mode;                     /* or a mode of fallocate: with devices the
                                   kernel makes sure that they read as
                                   zeroes afterwards */
} ways[] = {
  { .request = BLKDISCARD },
  { .mode = FALLOC_FL_PUNCH_HOLE|FALLOC_FL_KEEP_SIZE },
  { .mode = FALLOC_FL_ZERO_RANGE|FALLOC_FL_KEEP_SIZE },
  { .request = BLKZEROOUT },
};
#define WAY_DISCARD 0

static int
try_way (const struct target_device *dev, const struct way *way, uint32_t len,
         uint64_t offset)
{
  uint64_t range[2] = { offset, len };

  if (way->mode != 0)
    return fallocate (dev->base.fd, way->mode, (off_t) offset, len);
  if (dev->is_block)
    return ioctl (dev->base.fd, way->request, range);
  errno = EOPNOTSUPP;
  return -1;
}

static bool
is_refusal (int errnum)
{
  return errnum == EOPNOTSUPP || errnum == ENOSYS || errnum == ENOTTY ||
    errnum == EINVAL || errnum == ENODEV || errnum == EPERM;
}

/* 0: done; 1: no way works; -1: failed. */
static int
zero_blocks (struct target_device *dev, uint32_t len, uint64_t offset,
             struct error *err)
{
  unsigned i = dev->zero == TARGET_ZERO_DISCARD ? WAY_DISCARD
                                                : WAY_DISCARD + 1;

  for (; i < ARRAY_LEN (ways); i++) {
    if (atomic_load (&dev->refused) & (1U << i))
      continue;
    if (try_way (dev, &ways[i], len, offset) == 0)
      return 0;
    if (!is_refusal (errno))
      return target_errno (err, dev->base.path);
    atomic_fetch_or (&dev->refused, 1U << i);
  }
  return 1;
}

static int
write_zeroes (struct target_device *dev, uint64_t from, uint64_t to,
              struct error *err)
{
  return from >= to ? 0
    : target_write_zeroes (&dev->base.target, (uint32_t) (to - from), from,
                           err);
}

static int
device_zero (struct target *target, uint32_t len, uint64_t offset,
             struct error *err)
{
  struct target_device *dev = (struct target_device *) target;
  const uint64_t end = offset + len;
  /* The device can zero whole blocks; the rest is written. */
  const uint64_t first = (offset + dev->block - 1) / dev->block * dev->block;
  const uint64_t last = end / dev->block * dev->block;
  int r;

  if (dev->zero == TARGET_ZERO_SKIP)
    return 0;
  if (dev->zero == TARGET_ZERO_WRITE || first >= last)
    return write_zeroes (dev, offset, end, err);
  r = zero_blocks (dev, (uint32_t) (last - first), first, err);
  if (r == 1)
    return write_zeroes (dev, offset, end, err);
  if (r == 0)
    r = write_zeroes (dev, offset, first, err);
  if (r == 0)
    r = write_zeroes (dev, last, end, err);
  return r;
}

static const struct target_ops device_ops = {
  .write = target_fd_write,
  .zero = device_zero,
  .settle = target_fd_settle,
  .flush = target_fd_flush,
  .free = target_fd_free,
};

static int
learn_size (struct target_device *dev, const struct stat *st,
            struct error *err)
{
  uint64_t bytes;
  int block;

  if (S_ISREG (st->st_mode)) {
    dev->base.target.size = (uint64_t) st->st_size;
    return 0;
  }
  dev->is_block = true;
  if (ioctl (dev->base.fd, BLKGETSIZE64, &bytes) == -1 ||
      ioctl (dev->base.fd, BLKSSZGET, &block) == -1)
    return error_errno (err, REASON_WRITE, _("cannot find the size of %s"),
                        dev->base.path);
  dev->block = block > 0 ? (uint32_t) block : 512;
  dev->told = bytes;
  dev->base.target.size = bytes - cut_sector_of (dev->base.fd, bytes,
                                                 dev->block);
  return 0;
}

static int
open_device (struct target_device *dev, int fd, struct error *err)
{
  struct stat st;

  dev->base.fd = fcntl (fd, F_DUPFD_CLOEXEC, 0);
  if (dev->base.fd == -1 || fstat (dev->base.fd, &st) == -1)
    return error_errno (err, REASON_WRITE, _("cannot open %s"),
                        dev->base.path);
  if (!S_ISBLK (st.st_mode) && !S_ISREG (st.st_mode))
    return error_set (err, REASON_WRITE,
                      _("%s is neither a block device nor a file"),
                      dev->base.path);
  return learn_size (dev, &st, err);
}

struct target *
target_device_open (int fd, const char *path, uint64_t size,
                    enum target_zero zero, struct error *err)
{
  struct target_device *dev = target_fd_new (sizeof *dev, &device_ops, path, 0,
                                             GRANULE, err);

  if (dev == NULL)
    return NULL;
  dev->zero = zero;
  dev->block = 1;
  if (open_device (dev, fd, err) == 0) {
    if (dev->base.target.size >= size)
      return &dev->base.target;
    if (dev->told >= size)
      cut_sector_error (err, REASON_WRITE, path, dev->told, dev->block);
    else
      target_too_small (&dev->base.target, path, size, err);
    error_hint (err, _("make it at least as large as the disk"));
  }
  target_fd_free (&dev->base.target);
  return NULL;
}
