/* SPDX-License-Identifier: GPL-2.0-or-later */

/* An existing block device, or an existing file in its place, that may hold
 * anything.  What the storage refuses once is not asked for again.
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
#include "target/target-internal.h"

/* A call for each small run of zeroes costs more than writing them. */
#define GRANULE 65536

struct target_device {
  struct target target;
  int fd;
  char *path;
  bool is_block;
  uint32_t block;               /* logical block size */
  enum target_zero zero;
  atomic_uint refused;          /* bits: indices into ways[] */
  struct target_settled *settled;
};

static int
way_discard (const struct target_device *dev, uint32_t len, uint64_t offset)
{
  uint64_t range[2] = { offset, len };

  if (!dev->is_block) {
    errno = EOPNOTSUPP;
    return -1;
  }
  return ioctl (dev->fd, BLKDISCARD, range);
}

/* On a device the kernel makes sure that it reads zeroes afterwards. */
static int
way_punch (const struct target_device *dev, uint32_t len, uint64_t offset)
{
  return fallocate (dev->fd, FALLOC_FL_PUNCH_HOLE|FALLOC_FL_KEEP_SIZE,
                    (off_t) offset, len);
}

static int
way_zero_range (const struct target_device *dev, uint32_t len,
                uint64_t offset)
{
  return fallocate (dev->fd, FALLOC_FL_ZERO_RANGE|FALLOC_FL_KEEP_SIZE,
                    (off_t) offset, len);
}

static int
way_zeroout (const struct target_device *dev, uint32_t len, uint64_t offset)
{
  uint64_t range[2] = { offset, len };

  if (!dev->is_block) {
    errno = EOPNOTSUPP;
    return -1;
  }
  return ioctl (dev->fd, BLKZEROOUT, range);
}

/* From the cheapest to the surest. */
static int (*const ways[]) (const struct target_device *, uint32_t len,
                            uint64_t offset) = {
  way_discard, way_punch, way_zero_range, way_zeroout,
};
#define WAY_DISCARD 0

static bool
is_refusal (int errnum)
{
  return errnum == EOPNOTSUPP || errnum == ENOSYS || errnum == ENOTTY ||
    errnum == EINVAL || errnum == ENODEV || errnum == EPERM;
}

/* 0: done; 1: no way; -1: failed. */
static int
zero_blocks (struct target_device *dev, uint32_t len, uint64_t offset,
             struct error *err)
{
  unsigned i = dev->zero == TARGET_ZERO_DISCARD ? WAY_DISCARD
                                                : WAY_DISCARD + 1;

  for (; i < ARRAY_LEN (ways); i++) {
    if (atomic_load (&dev->refused) & (1U << i))
      continue;
    if (ways[i] (dev, len, offset) == 0)
      return 0;
    if (!is_refusal (errno))
      return target_errno (err, dev->path);
    atomic_fetch_or (&dev->refused, 1U << i);
  }
  return 1;
}

static int
write_zeroes (const struct target_device *dev, uint64_t from, uint64_t to,
              struct error *err)
{
  return from >= to ? 0
    : target_fd_write_zeroes (dev->fd, dev->path, (uint32_t) (to - from),
                              from, err);
}

static int
device_zero (struct target *target, uint32_t len, uint64_t offset,
             struct error *err)
{
  struct target_device *dev = (struct target_device *) target;
  const uint64_t end = offset + len;
  /* Whole blocks can be zeroed by the device; edges are written. */
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

static int
device_write (struct target *target, const void *buf, uint32_t len,
              uint64_t offset, struct error *err)
{
  const struct target_device *dev = (struct target_device *) target;

  return target_fd_write (dev->fd, dev->path, buf, len, offset, err);
}

static void
device_settle (struct target *target, uint64_t len, uint64_t offset)
{
  const struct target_device *dev = (struct target_device *) target;

  target_fd_settle (dev->fd, dev->settled, len, offset);
}

static int
device_flush (struct target *target, struct error *err)
{
  const struct target_device *dev = (struct target_device *) target;

  return target_fd_flush (dev->fd, dev->path, err);
}

static void
device_free (struct target *target)
{
  struct target_device *dev = (struct target_device *) target;

  close_if_open (dev->fd);
  target_settled_free (dev->settled);
  free (dev->path);
  free (dev);
}

static const struct target_ops device_ops = {
  .write = device_write,
  .zero = device_zero,
  .settle = device_settle,
  .flush = device_flush,
  .free = device_free,
};

static struct target_device *
device_alloc (const char *path, enum target_zero zero, struct error *err)
{
  struct target_device *dev = calloc (1, sizeof *dev);

  if (dev == NULL) {
    error_nomem (err);
    return NULL;
  }
  dev->target = (struct target) { .ops = &device_ops, .granule = GRANULE };
  dev->fd = -1;
  dev->zero = zero;
  dev->block = 1;
  dev->path = strdup (path);
  dev->settled = target_settled_new (err);
  if (dev->path == NULL || dev->settled == NULL) {
    error_nomem (err);
    device_free (&dev->target);
    return NULL;
  }
  return dev;
}

static int
learn_size (struct target_device *dev, const struct stat *st,
            struct error *err)
{
  uint64_t bytes;
  int block;

  if (S_ISREG (st->st_mode)) {
    dev->target.size = (uint64_t) st->st_size;
    return 0;
  }
  dev->is_block = true;
  if (ioctl (dev->fd, BLKGETSIZE64, &bytes) == -1 ||
      ioctl (dev->fd, BLKSSZGET, &block) == -1)
    return error_errno (err, REASON_WRITE, _("cannot find the size of %s"),
                        dev->path);
  dev->target.size = bytes;
  dev->block = block > 0 ? (uint32_t) block : 512;
  return 0;
}

static int
open_device (struct target_device *dev, struct error *err)
{
  struct stat st;

  if (stat (dev->path, &st) == -1)
    return error_errno (err, REASON_WRITE, "%s", dev->path);
  if (!S_ISBLK (st.st_mode) && !S_ISREG (st.st_mode))
    return error_set (err, REASON_WRITE,
                      _("%s is neither a block device nor a file"), dev->path);
  /* O_EXCL: the kernel refuses a device that is mounted or in a volume
   * group.  On a file it has no meaning without O_CREAT.
   */
  dev->fd = open (dev->path, O_RDWR|O_CLOEXEC|O_NOCTTY|
                  (S_ISBLK (st.st_mode) ? O_EXCL : 0));
  if (dev->fd == -1 && errno == EBUSY) {
    error_errno (err, REASON_TARGET_BUSY, "%s", dev->path);
    error_hint (err, _("it must not be mounted or used by anything else; "
                       "lsblk and fuser -v tell by what"));
    return -1;
  }
  if (dev->fd == -1 || fstat (dev->fd, &st) == -1)
    return error_errno (err, REASON_WRITE, _("cannot open %s"), dev->path);
  return learn_size (dev, &st, err);
}

struct target *
target_device_open (const char *path, uint64_t size, enum target_zero zero,
                    struct error *err)
{
  struct target_device *dev = device_alloc (path, zero, err);

  if (dev == NULL)
    return NULL;
  if (open_device (dev, err) == 0) {
    if (dev->target.size >= size)
      return &dev->target;
    error_set (err, REASON_SPACE,
               _("%s is too small: it has %" PRIu64 " bytes, the disk %"
                 PRIu64), path, dev->target.size, size);
    error_hint (err, _("give it at least the size of the disk"));
  }
  device_free (&dev->target);
  return NULL;
}
