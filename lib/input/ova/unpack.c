/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <config.h>

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <archive.h>
#include <archive_entry.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "input/ova/member-name.h"
#include "input/ova/unpack.h"
#include "io/reader.h"
#include "io/supervisor.h"

/* Read at once: over a network each read is a round trip. */
#define CHUNK (1 << 20)
/* Blocks of zeroes of this size are not written. */
#define HOLE 65536
#define MEMBERS_MAX 4096

struct unpack {
  struct archive *archive;
  struct reader *reader;
  struct supervisor *supervisor;
  uint64_t offset;              /* of the next read */
  char *buf;
  struct error *err;            /* of the call under way */
};

bool
unpack_claims (const unsigned char *start, size_t len)
{
  static const struct {
    const char *magic;
    size_t len;
  } kinds[] = {
    { "\x1f\x8b", 2 },          /* gzip */
    { "\xfd" "7zXZ\0", 6 },     /* xz */
    { "PK\3\4", 4 },            /* zip */
    { "BZh", 3 },               /* bzip2 */
    { "\x28\xb5\x2f\xfd", 4 },  /* zstd */
  };

  for (size_t i = 0; i < ARRAY_LEN (kinds); i++)
    if (len >= kinds[i].len &&
        memcmp (start, kinds[i].magic, kinds[i].len) == 0)
      return true;
  return false;
}

static la_ssize_t
on_read (struct archive *archive __attribute__ ((unused)), void *data,
         const void **ret)
{
  struct unpack *u = data;
  const uint64_t left = u->reader->size - u->offset;
  const size_t len = left < CHUNK ? (size_t) left : CHUNK;

  *ret = u->buf;
  if (u->supervisor != NULL && supervisor_signal (u->supervisor) != 0)
    return error_set (u->err, REASON_INTERRUPTED,
                      _("interrupted while unpacking"));
  if (len > 0 &&
      reader_pread (u->reader, u->buf, len, u->offset, u->err) == -1)
    return -1;
  u->offset += len;
  return (la_ssize_t) len;
}

static la_int64_t
on_skip (struct archive *archive __attribute__ ((unused)), void *data,
         la_int64_t request)
{
  struct unpack *u = data;
  const uint64_t left = u->reader->size - u->offset;

  if (request < 0)
    return 0;
  if ((uint64_t) request > left)
    request = (la_int64_t) left;
  u->offset += (uint64_t) request;
  return request;
}

/* Zip's index is at its end. */
static la_int64_t
on_seek (struct archive *archive __attribute__ ((unused)), void *data,
         la_int64_t offset, int whence)
{
  struct unpack *u = data;
  const la_int64_t from = whence == SEEK_SET ? 0
    : (la_int64_t) (whence == SEEK_CUR ? u->offset : u->reader->size);
  la_int64_t to;

  if (__builtin_add_overflow (from, offset, &to) || to < 0 ||
      (uint64_t) to > u->reader->size)
    return ARCHIVE_FATAL;
  u->offset = (uint64_t) to;
  return to;
}

/* What libarchive complains about, unless the cause is known better. */
static int
failed (struct unpack *u)
{
  const char *why = archive_error_string (u->archive);

  return error_set (u->err, REASON_READ, _("cannot unpack: %s"),
                    why == NULL ? _("it is damaged") : why);
}

static int
set_up (struct unpack *u)
{
  if (u->archive == NULL || u->buf == NULL)
    return error_nomem (u->err);
  if (archive_read_set_callback_data (u->archive, u) != ARCHIVE_OK ||
      archive_read_set_read_callback (u->archive, on_read) != ARCHIVE_OK ||
      archive_read_set_skip_callback (u->archive, on_skip) != ARCHIVE_OK ||
      archive_read_set_seek_callback (u->archive, on_seek) != ARCHIVE_OK ||
      archive_read_open1 (u->archive) != ARCHIVE_OK)
    return failed (u);
  return 0;
}

static void
cleanup_unpack (struct unpack *u)
{
  if (u->archive != NULL)
    archive_read_free (u->archive);
  free (u->buf);
}
#define CLEANUP_UNPACK __attribute__ ((cleanup (cleanup_unpack)))

/* Only what packages come in; libarchive knows much more. */
static void
support_packages (struct archive *archive)
{
  if (archive == NULL)
    return;
  archive_read_support_filter_gzip (archive);
  archive_read_support_filter_xz (archive);
  archive_read_support_filter_bzip2 (archive);
  archive_read_support_filter_zstd (archive);
  archive_read_support_format_tar (archive);
  archive_read_support_format_zip (archive);
}

static const char *
entry_name (struct archive_entry *entry)
{
  const char *name = archive_entry_pathname_utf8 (entry);

  return name != NULL ? name : archive_entry_pathname (entry);
}

static int
check_entry (struct archive_entry *entry, const char *name,
             struct error *err)
{
  if (archive_entry_filetype (entry) != AE_IFREG ||
      archive_entry_hardlink (entry) != NULL)
    return error_set (err, REASON_UNTRUSTED_IMAGE,
                      _("the package holds '%s', which is a link or a "
                        "device"), name);
  if (archive_entry_is_encrypted (entry))
    return error_set (err, REASON_UNSUPPORTED,
                      _("'%s' is encrypted"), name);
  return 0;
}

static int
visit (struct unpack *u, struct archive_entry *entry, unpack_fn fn,
       void *data)
{
  CLEANUP_FREE char *name = NULL;

  if (archive_entry_filetype (entry) == AE_IFDIR)
    return 0;
  name = member_name_clean (entry_name (entry) == NULL ? ""
                            : entry_name (entry), u->err);
  if (name == NULL || check_entry (entry, name, u->err) == -1)
    return -1;
  return fn (data, u, name, u->err);
}

static int
walk (struct unpack *u, unpack_fn fn, void *data)
{
  for (unsigned n = 0;; n++) {
    struct archive_entry *entry;
    int r = archive_read_next_header (u->archive, &entry);

    if (r == ARCHIVE_EOF && !error_is_set (u->err))
      return 0;
    if (r != ARCHIVE_OK && r != ARCHIVE_WARN)
      return failed (u);
    if (n == MEMBERS_MAX)
      return error_set (u->err, REASON_UNTRUSTED_IMAGE,
                        _("the package has more than %d members"),
                        MEMBERS_MAX);
    r = visit (u, entry, fn, data);
    if (r != 0)
      return r == 1 ? 0 : -1;
  }
}

int
unpack_walk (struct reader *reader, struct supervisor *supervisor,
             unpack_fn fn, void *data, struct error *err)
{
  CLEANUP_UNPACK struct unpack u = {
    .archive = archive_read_new (), .reader = reader,
    .supervisor = supervisor, .buf = malloc (CHUNK), .err = err,
  };

  support_packages (u.archive);
  return set_up (&u) == -1 ? -1 : walk (&u, fn, data);
}

char *
unpack_text (struct unpack *u, size_t max, size_t *len, struct error *err)
{
  CLEANUP_FREE char *text = malloc (max + 1);

  *len = 0;
  if (text == NULL) {
    error_nomem (err);
    return NULL;
  }
  for (;;) {
    const la_ssize_t n = archive_read_data (u->archive, text + *len,
                                            max + 1 - *len);

    if (n < 0) {
      failed (u);
      return NULL;
    }
    if (n == 0)
      break;
    *len += (size_t) n;
    if (*len > max) {
      error_set (err, REASON_UNTRUSTED_IMAGE,
                 _("it has more than the %zu bytes that such a file may "
                   "have"), max);
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

static int
write_all (int fd, const char *buf, size_t len, uint64_t offset)
{
  while (len > 0) {
    const ssize_t n = pwrite (fd, buf, len, (off_t) offset);

    if (n == -1 && errno == EINTR)
      continue;
    if (n == -1)
      return -1;
    buf += n;
    len -= (size_t) n;
    offset += (uint64_t) n;
  }
  return 0;
}

/* Write all but zeroes. */
static int
write_sparse (int fd, const char *buf, size_t len, uint64_t offset)
{
  while (len > 0) {
    const size_t n = len < HOLE ? len : HOLE;

    if (!is_zero (buf, n) && write_all (fd, buf, n, offset) == -1)
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
      return failed (u);
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
  CLEANUP_UNPACK struct unpack u = {
    .archive = archive_read_new (), .reader = reader,
    .supervisor = supervisor, .buf = malloc (CHUNK), .err = err,
  };
  struct archive_entry *entry;

  if (u.archive != NULL) {
    archive_read_support_filter_gzip (u.archive);
    archive_read_support_format_raw (u.archive);
  }
  if (set_up (&u) == -1)
    return -1;
  if (archive_read_next_header (u.archive, &entry) != ARCHIVE_OK)
    return failed (&u);
  if (archive_filter_code (u.archive, 0) != ARCHIVE_FILTER_GZIP)
    return error_set (err, REASON_UNTRUSTED_IMAGE,
                      _("it is not compressed by gzip"));
  return unpack_file (&u, path, limit, err);
}
