/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reading packages with libarchive: opening a package, going through its
 * files, and reading what they hold.  unpack-file.c writes that to files.
 *
 * A plain tar file that is used in place is read one block at a time, and only
 * where libarchive looks for a header, so that nothing of the members crosses
 * a network: 512 bytes for each member of an OVA that GNU tar made, and 1024
 * more for each pax header.
 */

#include <config.h>

#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "image/tar-header.h"
#include "input/ova/member-name.h"
#include "input/ova/unpack.h"
#include "io/reader.h"
#include "io/supervisor.h"

/* Read at once: over a network each read is a round trip. */
#define CHUNK (1 << 20)
/* An OVA has a handful of members.  Of a plain tar file each costs a read.
 */
#define MEMBERS_MAX 4096
/* Of a plain tar file: all headers, with what extends them (long names, pax
 * records).
 */
#define HEADERS_MAX (UINT64_C (64) << 20)

struct unpack {
  struct archive *archive;
  struct archive_entry *entry;  /* the current one */
  unsigned entries;             /* how many there were so far */
  char *name;                   /* of the current file */

  struct reader *reader;
  struct supervisor *supervisor;
  unsigned char *buf;           /* what was read last */
  size_t chunk;                 /* bytes that are read at once */
  uint64_t offset;              /* of the next read */
  struct error *err;            /* of the function that was called */

  /* Of a tar file in place: */
  bool tar_in_place;
  uint64_t headers;             /* bytes of headers that were read */
  locale_t callers_locale, c_locale;
  uint64_t place, size;         /* of the current file in the tar file */
  uint64_t next_header;         /* offset of the one after that file; 0: not
                                   known */
  bool in_pieces;               /* some file is stored so */
};

/* What libarchive complains about, unless the cause is known better. */
static int
failed (struct unpack *u)
{
  const char *why = archive_error_string (u->archive);

  if (why == NULL)
    why = _("it is damaged");
  if (!u->tar_in_place)
    return error_set (u->err, REASON_READ, _("cannot unpack: %s"), why);
  return error_set (u->err, REASON_UNTRUSTED_IMAGE,
                    _("the tar file is damaged: %s"), why);
}

static uint64_t
round_up (uint64_t size)
{
  return (size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
}

/* The padding of a tar file's last member may be missing. */
static uint64_t
end_of (const struct unpack *u)
{
  return u->tar_in_place ? round_up (u->reader->size) : u->reader->size;
}

/* libarchive takes a member of an unknown type for a file, and a size that
 * begins with digits for a number.
 */
static int
check_block (struct unpack *u)
{
  u->headers += TAR_BLOCK;
  if (u->headers > HEADERS_MAX)
    return error_set (u->err, REASON_UNTRUSTED_IMAGE,
                      _("the tar file has more than %" PRIu64 " bytes of "
                        "headers"), HEADERS_MAX);
  if (tar_is_header (u->buf) && !tar_header_is_known (u->buf))
    return error_set (u->err, REASON_UNTRUSTED_IMAGE,
                      _("the tar file is damaged: the header at byte %"
                        PRIu64 " has an unknown type, or a size that is not "
                        "a number"), u->offset);
  return 0;
}

static la_ssize_t
read_chunk (struct unpack *u)
{
  const uint64_t left = end_of (u) - u->offset;
  const size_t len = left < u->chunk ? (size_t) left : u->chunk;
  size_t stored = len;

  if (u->supervisor != NULL && supervisor_signal (u->supervisor) != 0)
    return error_set (u->err, REASON_INTERRUPTED,
                      _("interrupted while unpacking"));
  if (len == 0)
    return 0;
  if (stored > u->reader->size - u->offset) {
    stored = (size_t) (u->reader->size - u->offset);
    memset (u->buf + stored, 0, len - stored);
  }
  if (reader_pread (u->reader, u->buf, stored, u->offset, u->err) == -1 ||
      (u->tar_in_place && check_block (u) == -1))
    return -1;
  u->offset += len;
  return (la_ssize_t) len;
}

static la_ssize_t
on_read (struct archive *archive __attribute__ ((unused)), void *data,
         const void **ret)
{
  struct unpack *u = data;
  const locale_t locale = uselocale (u->callers_locale);
  const la_ssize_t len = read_chunk (u);

  uselocale (locale);
  *ret = u->buf;
  return len;
}

static la_int64_t
on_skip (struct archive *archive __attribute__ ((unused)), void *data,
         la_int64_t request)
{
  struct unpack *u = data;
  const uint64_t left = end_of (u) - u->offset;

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

/* libarchive knows many more formats than packages come in. */
static void
support (struct archive *archive, enum unpack_kind kind)
{
  if (kind != UNPACK_TAR_IN_PLACE) {
    archive_read_support_filter_gzip (archive);
    archive_read_support_filter_bzip2 (archive);
  }
  if (kind == UNPACK_COMPRESSED) {
    archive_read_support_format_raw (archive);
    return;
  }
  archive_read_support_format_tar (archive);
  if (kind == UNPACK_TAR_IN_PLACE)
    return;
  archive_read_support_filter_xz (archive);
  archive_read_support_filter_zstd (archive);
  archive_read_support_format_zip (archive);
}

static int
set_up (struct unpack *u, enum unpack_kind kind)
{
  u->tar_in_place = kind == UNPACK_TAR_IN_PLACE;
  u->chunk = u->tar_in_place ? TAR_BLOCK : CHUNK;
  u->buf = malloc (u->chunk);
  u->archive = archive_read_new ();
  if (u->tar_in_place)
    u->c_locale = newlocale (LC_CTYPE_MASK, "C", (locale_t) 0);
  if (u->archive == NULL || u->buf == NULL ||
      (u->tar_in_place && u->c_locale == (locale_t) 0))
    return error_nomem (u->err);
  support (u->archive, kind);
  if (archive_read_set_seek_callback (u->archive, on_seek) != ARCHIVE_OK ||
      archive_read_open2 (u->archive, u, NULL, on_read, on_skip, NULL)
      != ARCHIVE_OK)
    return failed (u);
  return 0;
}

/* The file in a compressed file is the only one. */
static int
begin_compressed (struct unpack *u)
{
  if (archive_read_next_header (u->archive, &u->entry) != ARCHIVE_OK)
    return failed (u);
  if (archive_filter_code (u->archive, 0) == ARCHIVE_FILTER_NONE)
    return error_set (u->err, REASON_UNTRUSTED_IMAGE,
                      _("it is not compressed, although the OVF says so"));
  return 0;
}

struct unpack *
unpack_open (struct reader *reader, enum unpack_kind kind,
             struct supervisor *supervisor, struct error *err)
{
  CLEANUP_UNPACK struct unpack *u = alloc_zero (sizeof *u, err);

  if (u == NULL)
    return NULL;
  u->reader = reader;
  u->supervisor = supervisor;
  u->err = err;
  if (set_up (u, kind) == -1 ||
      (kind == UNPACK_COMPRESSED && begin_compressed (u) == -1))
    return NULL;
  return STEAL (u);
}

void
unpack_free (struct unpack *u)
{
  if (u == NULL)
    return;
  if (u->archive != NULL)
    archive_read_free (u->archive);
  if (u->c_locale != (locale_t) 0)
    freelocale (u->c_locale);
  free (u->buf);
  free (u->name);
  free (u);
}

/* Has the archive warned of what is wrong with a file's format?  libarchive's
 * code for that is EFTYPE where the headers that it was built with have one
 * (Linux 7's do), else EILSEQ.
 */
static bool
warned_of_format (const struct unpack *u)
{
#ifdef EFTYPE
  if (archive_errno (u->archive) == EFTYPE)
    return true;
#endif
  return archive_errno (u->archive) == EILSEQ;
}

/* libarchive knows that names in pax headers are UTF-8, converts them to the
 * locale's encoding, and composes letters with their accents.  The names have
 * to stay as they are, to be compared with those in the OVF: in the C locale
 * libarchive cannot convert them, gives them unchanged, and warns.
 */
static int
next_header (struct unpack *u)
{
  int r;

  u->callers_locale = uselocale (u->c_locale);
  r = archive_read_next_header (u->archive, &u->entry);
  uselocale (u->callers_locale);
  if (!u->tar_in_place)
    return r == ARCHIVE_WARN ? ARCHIVE_OK : r;
  return r == ARCHIVE_WARN && warned_of_format (u) ? ARCHIVE_OK : r;
}

static int
next_entry (struct unpack *u)
{
  const int r = next_header (u);

  if (r == ARCHIVE_EOF || r == ARCHIVE_OK) {
    const la_int64_t at = archive_read_header_position (u->archive);

    if (u->next_header != 0 && (uint64_t) at != u->next_header)
      u->in_pieces = true;
    u->next_header = 0;
  }
  if (r == ARCHIVE_EOF && !error_is_set (u->err))
    return 0;
  if (r != ARCHIVE_OK)
    return failed (u);
  if (u->entries++ == MEMBERS_MAX)
    return error_set (u->err, REASON_UNTRUSTED_IMAGE,
                      _("the package has more than %d members"),
                      MEMBERS_MAX);
  return 1;
}

static int
read_name (struct unpack *u)
{
  const char *name = NULL;

  if (!u->tar_in_place)
    name = archive_entry_pathname_utf8 (u->entry);
  if (name == NULL)
    name = archive_entry_pathname (u->entry);
  free (u->name);
  u->name = member_name_clean (name == NULL ? "" : name, u->err);
  return u->name == NULL ? -1 : 0;
}

/* The type in the member's tar header, which was the last block read.  Only
 * after a sparse file's header libarchive has read its map too.
 */
static char
tar_type (const struct unpack *u)
{
  if (archive_entry_sparse_count (u->entry) > 0 || !tar_is_header (u->buf))
    return TAR_SPARSE;
  return tar_header_type (u->buf);
}

/* libarchive takes a link whose target is empty for a file. */
static bool
is_regular (const struct unpack *u)
{
  return archive_entry_filetype (u->entry) == AE_IFREG &&
    archive_entry_hardlink (u->entry) == NULL &&
    (!u->tar_in_place || memchr (TAR_FILES, tar_type (u),
                                 sizeof TAR_FILES) != NULL);
}

static int
check_entry (const struct unpack *u)
{
  if (!is_regular (u))
    return error_set (u->err, REASON_UNTRUSTED_IMAGE,
                      _("the package holds '%s', which is a link or a "
                        "device"), u->name);
  if (archive_entry_is_encrypted (u->entry))
    return error_set (u->err, REASON_UNSUPPORTED,
                      _("'%s' is encrypted"), u->name);
  return 0;
}

static int
find_place (struct unpack *u)
{
  u->place = (uint64_t) archive_filter_bytes (u->archive, 0);
  u->size = (uint64_t) archive_entry_size (u->entry);
  if (tar_type (u) == TAR_SPARSE) {
    u->in_pieces = true;
    return 1;
  }
  if (u->place > u->reader->size ||
      u->size > u->reader->size - u->place) {
    error_set (u->err, REASON_READ,
               _("the tar file has %" PRIu64 " bytes, but the member at byte "
                 "%" PRIu64 " should have %" PRIu64),
               u->reader->size, u->place, u->size);
    error_hint (u->err, _("the file is cut off or damaged: fetch it again"));
    return -1;
  }
  u->next_header = u->place + round_up (u->size);
  return 1;
}

/* Directories are skipped: the names of the files tell in which one they are.
 */
int
unpack_next (struct unpack *u, struct error *err)
{
  int r;

  u->err = err;
  do
    r = next_entry (u);
  while (r == 1 && archive_entry_filetype (u->entry) == AE_IFDIR);
  if (r != 1)
    return r;
  if (read_name (u) == -1 || check_entry (u) == -1)
    return -1;
  return u->tar_in_place ? find_place (u) : 1;
}

const char *
unpack_name (const struct unpack *u)
{
  return u->name;
}

void
unpack_place (const struct unpack *u, uint64_t *offset, uint64_t *size)
{
  *offset = u->place;
  *size = u->size;
}

bool
unpack_any_in_pieces (const struct unpack *u)
{
  return u->in_pieces;
}

/* archive_read_data returns less than it is asked for only at the end. */
char *
unpack_text (struct unpack *u, size_t max, size_t *len, struct error *err)
{
  CLEANUP_FREE char *text = malloc (max + 1);
  la_ssize_t n;

  u->err = err;
  if (text == NULL) {
    error_nomem (err);
    return NULL;
  }
  n = archive_read_data (u->archive, text, max + 1);
  if (n < 0) {
    failed (u);
    return NULL;
  }
  *len = (size_t) n;
  if (*len > max) {
    error_set (err, REASON_UNTRUSTED_IMAGE,
               _("it is larger than %zu bytes, the limit for such a file"),
               max);
    return NULL;
  }
  text[*len] = '\0';
  return STEAL (text);
}

int
unpack_block (struct unpack *u, const void **buf, size_t *len,
              uint64_t *offset, struct error *err)
{
  la_int64_t at = (la_int64_t) *offset;
  int r;

  u->err = err;
  *buf = NULL;
  r = archive_read_data_block (u->archive, buf, len, &at);
  if ((r != ARCHIVE_OK && r != ARCHIVE_EOF) || error_is_set (err))
    return failed (u);
  *offset = (uint64_t) at;
  if (r == ARCHIVE_EOF)
    *len = 0;
  return r == ARCHIVE_OK;
}
