/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Unpacking a file of a package into a file with holes.  What the packed file
 * holds is read in unpack.c.
 */

#include <config.h>

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "base/i18n.h"
#include "base/write.h"
#include "input/ova/unpack.h"

/* Blocks of zeroes of this size are not written. */
#define HOLE 65536

static bool
is_zero (const char *buf, size_t len)
{
  return len == 0 || (buf[0] == 0 && memcmp (buf, buf + 1, len - 1) == 0);
}

/* Write all but zeroes. */
static int
write_sparse (int fd, const char *buf, size_t len, uint64_t offset)
{
  while (len > 0) {
    const size_t n = len < HOLE ? len : HOLE;

    if (!is_zero (buf, n) &&
        (lseek (fd, (off_t) offset, SEEK_SET) == -1 ||
         full_write (fd, buf, n) == -1))
      return -1;
    buf += n;
    len -= n;
    offset += n;
  }
  return 0;
}

static int
write_failed (const char *path, struct error *err)
{
  const bool full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;

  error_errno (err, full ? REASON_SPACE : REASON_WRITE,
               _("cannot unpack to %s"), path);
  if (full)
    error_hint (err, _("choose another directory with --overlay-dir"));
  return -1;
}

static int
copy_data (struct unpack *u, int fd, const char *path, uint64_t limit,
           struct error *err)
{
  uint64_t end = 0;
  int r;

  do {
    const void *buf;
    size_t len;
    uint64_t offset = end;

    r = unpack_block (u, &buf, &len, &offset, err);
    if (r == -1)
      return -1;
    if (offset > limit || len > limit - offset)
      return error_set (err, REASON_UNTRUSTED_IMAGE,
                        _("it unpacks to more than %" PRIu64 " bytes, which "
                          "is more than its description allows"), limit);
    if (write_sparse (fd, buf, len, offset) == -1)
      return write_failed (path, err);
    if (offset + len > end)
      end = offset + len;
  } while (r == 1);
  return ftruncate (fd, (off_t) end) == -1 ? write_failed (path, err) : 0;
}

int
unpack_file (struct unpack *u, const char *path, uint64_t limit,
             struct error *err)
{
  CLEANUP_FD int fd = open (path, O_WRONLY|O_CREAT|O_EXCL|O_NOFOLLOW|
                            O_CLOEXEC, 0600);

  if (fd == -1)
    return write_failed (path, err);
  if (copy_data (u, fd, path, limit, err) == -1) {
    unlink (path);
    return -1;
  }
  return close (STEAL_FD (fd)) == -1 ? write_failed (path, err) : 0;
}
