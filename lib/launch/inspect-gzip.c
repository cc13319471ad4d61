/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Is what nbdkit's gzip filter serves all that is in the file?  The filter
 * (1.32) stops behind the file's first member, without a word.  Programs that
 * compress with several threads, or pieces that are put together, make files
 * with many of them, which gzip(1) unpacks as one.
 *
 * Each member ends with a checksum and the size of what is in it.  The last
 * one's are at the end of the file, and only if there is one are they those of
 * all that is served.
 */

#include <config.h>

#include <string.h>
#include <sys/param.h>

#include <zlib.h>

#include "base/alloc.h"
#include "base/argv.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "context.h"
#include "io/reader.h"
#include "launch/inspect-internal.h"
#include "launch/plan.h"
#include "launch/remote-reader.h"
#include "settings.h"

#define TRAILER 8
#define PIECE (UINT32_C (2) << 20)

/* Nothing but the gzip filter is between the file and what is served. */
static int
is_gzip_alone (const struct plan *plan, bool *ret, struct error *err)
{
  CLEANUP_ARGV struct argv filters = { .ptr = NULL };

  if (source_option_values (&plan->request, "filter", &filters, err) == -1)
    return -1;
  *ret = filters.len == 1 && strcmp (filters.ptr[0], "gzip") == 0 &&
    plan->location->part.tar_entry == NULL &&
    plan->location->part.length == 0;
  return 0;
}

/* The end of the file itself, read through an nbdkit without filters. */
static int
read_remote_trailer (const struct plan *plan,
                     const struct launch_context *context,
                     unsigned char trailer[TRAILER], struct error *err)
{
  struct settings settings = *context->settings;
  struct launch_context plain = *context;
  CLEANUP_ARGV struct argv options = { .ptr = NULL };
  CLEANUP_READER struct reader *reader = NULL;

  for (size_t i = 0; i < settings.input_options.len; i++) {
    const char *option = settings.input_options.ptr[i];

    if (strncmp (option, "filter=", strlen ("filter=")) != 0 &&
        argv_append (&options, option, err) == -1)
      return -1;
  }
  settings.input_options = options;
  plain.settings = &settings;
  reader = remote_reader_new (plan->location, &plain, err);
  return reader == NULL ? -1
    : reader_pread (reader, trailer, TRAILER, reader->size - TRAILER, err);
}

static int
read_trailer (const struct plan *plan, const struct launch_context *context,
              unsigned char trailer[TRAILER], struct error *err)
{
  CLEANUP_READER struct reader *reader = NULL;

  if (plan->location->file == NULL)
    return read_remote_trailer (plan, context, trailer, err);
  reader = reader_file_of (plan->location->file, err);
  return reader == NULL ? -1
    : reader_pread (reader, trailer, TRAILER, reader->size - TRAILER, err);
}

/* It is read from the filter's file, on this host. */
static int
checksum (struct reader *reader, uint32_t *ret, struct error *err)
{
  CLEANUP_BYTES unsigned char *piece = alloc_zero (PIECE, err);
  uLong crc = crc32 (0, NULL, 0);
  uint64_t offset = 0;

  while (piece != NULL && offset < reader->size) {
    const size_t len = MIN (PIECE, reader->size - offset);

    if (reader_pread (reader, piece, len, offset, err) == -1)
      return -1;
    crc = crc32 (crc, piece, (uInt) len);
    offset += len;
  }
  *ret = (uint32_t) crc;
  return piece == NULL ? -1 : 0;
}

static int
refuse_members (const char *name, struct error *err)
{
  error_set (err, REASON_UNSUPPORTED,
             _("%s has several parts (gzip members), or something behind "
               "them, and nbdkit's gzip filter reads only the first one"),
             name);
  error_hint (err, _("unpack it with gzip -d, and give the disk that is in "
                     "it"));
  return -1;
}

int
inspect_check_gzip (struct reader *reader, const struct plan *plan,
                    const char *name, const struct launch_context *context,
                    struct error *err)
{
  unsigned char trailer[TRAILER];
  uint32_t crc;
  bool alone;

  if (is_gzip_alone (plan, &alone, err) == -1)
    return -1;
  if (!alone)
    return 0;
  if (read_trailer (plan, context, trailer, err) == -1)
    return -1;
  if (le32 (trailer + 4) != (uint32_t) reader->size)
    return refuse_members (name, err);
  if (checksum (reader, &crc, err) == -1)
    return -1;
  return crc == le32 (trailer) ? 0 : refuse_members (name, err);
}
