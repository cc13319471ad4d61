/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the files of a package hold, read with libarchive: into memory, or
 * unpacked into a file.  The package is opened, and its files are found, in
 * unpack.c.
 */

#include <config.h>

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "base/file.h"
#include "input/ova/unpack-internal.h"
#include "input/ova/unpack.h"

/* Blocks of zeroes of this size are not written. */
#define HOLE 65536

char *
unpack_text (struct unpack *u, size_t max, size_t *len, struct error *err)
{
  CLEANUP_FREE char *text = malloc (max + 1);

  *len = 0;
  u->err = err;
  if (text == NULL) {
    error_nomem (err);
    return NULL;
  }
  for (;;) {
    const la_ssize_t n = archive_read_data (u->archive, text + *len,
                                            max + 1 - *len);

    if (n < 0) {
      unpack_failed (u);
      return NULL;
    }
    if (n == 0)
      break;
    *len += (size_t) n;
    if (*len > max) {
      error_set (err, REASON_UNTRUSTED_IMAGE,
                 _("it has more than %zu bytes, the limit for such a file"),
                 max);
      return NULL;
    }
  }
  text[*len] = '\0';
  return STEAL (text);
}

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

  for (;;) {
    const void *buf = NULL;
    size_t len = 0;
    la_int64_t offset = (la_int64_t) end;
    const int r = archive_read_data_block (u->archive, &buf, &len, &offset);

    if ((r != ARCHIVE_OK && r != ARCHIVE_EOF) || error_is_set (err))
      return unpack_failed (u);
    if (r == ARCHIVE_EOF)
      len = 0;                  /* OFFSET tells where a last hole ends */
    if (offset < 0 || (uint64_t) offset > limit ||
        len > limit - (uint64_t) offset)
      return error_set (err, REASON_UNTRUSTED_IMAGE,
                        _("it unpacks to more than %" PRIu64 " bytes, which "
                          "is more than its description allows"), limit);
    if (write_sparse (fd, buf, len, (uint64_t) offset) == -1)
      return write_failed (path, err);
    if ((uint64_t) offset + len > end)
      end = (uint64_t) offset + len;
    if (r == ARCHIVE_EOF)
      break;
  }
  return ftruncate (fd, (off_t) end) == -1 ? write_failed (path, err) : 0;
}

int
unpack_file (struct unpack *u, const char *path, uint64_t limit,
             struct error *err)
{
  CLEANUP_FD int fd = open (path, O_WRONLY|O_CREAT|O_EXCL|O_NOFOLLOW|
                            O_CLOEXEC, 0600);

  u->err = err;
  if (fd == -1)
    return write_failed (path, err);
  if (copy_data (u, fd, path, limit, err) == -1) {
    unlink (path);
    return -1;
  }
  return close (STEAL_FD (fd)) == -1 ? write_failed (path, err) : 0;
}

int
unpack_gzip (struct reader *reader, struct supervisor *supervisor,
             const char *path, uint64_t limit, struct error *err)
{
  CLEANUP_UNPACK struct unpack *u = unpack_open (reader, UNPACK_GZIP,
                                                 supervisor, err);

  if (u == NULL)
    return -1;
  if (archive_read_next_header (u->archive, &u->entry) != ARCHIVE_OK)
    return unpack_failed (u);
  if (archive_filter_code (u->archive, 0) != ARCHIVE_FILTER_GZIP)
    return error_set (err, REASON_UNTRUSTED_IMAGE,
                      _("it is not compressed by gzip"));
  return unpack_file (u, path, limit, err);
}
