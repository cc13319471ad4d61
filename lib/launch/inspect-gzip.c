/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Is what nbdkit's gzip filter serves all that is in the file?  The filter
 * (1.32) stops behind the file's first member, without a word.  Programs that
 * compress with several threads, or pieces that are put together, make files
 * with many of them, which gzip(1) unpacks as one.
 *
 * Each member ends with the size of what is in it.  The last one's is at the
 * end of the file, and shows most files with several members at once.  That
 * of members of one size is no other, and the last may even be the first one
 * again, so that only unpacking tells whether the first ends with the file.
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
#include "io/supervisor.h"
#include "launch/inspect-internal.h"
#include "launch/plan.h"
#include "launch/remote-reader.h"
#include "settings.h"

#define TRAILER 8
#define PIECE (1 << 20)
#define WINDOW_BITS (15 + 16)   /* the largest; and a header of gzip's */

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

/* The file itself, read through an nbdkit without filters. */
static struct reader *
open_remote (const struct plan *plan, const struct launch_context *context,
             struct settings *settings, struct launch_context *plain,
             struct argv *options, struct error *err)
{
  for (size_t i = 0; i < context->settings->input_options.len; i++) {
    const char *option = context->settings->input_options.ptr[i];

    if (strncmp (option, "filter=", strlen ("filter=")) != 0 &&
        argv_append (options, option, err) == -1)
      return NULL;
  }
  *settings = *context->settings;
  settings->input_options = *options;
  *plain = *context;
  plain->settings = settings;
  return remote_reader_new (plan->location, plain, err);
}

/* Give STREAM the file's next piece. */
static int
read_piece (struct reader *file, unsigned char *piece, uint64_t *offset,
            z_stream *stream, const struct launch_context *context,
            struct error *err)
{
  const size_t len = MIN (PIECE, file->size - *offset);

  if (supervisor_signal (context->supervisor) != 0)
    return error_set (err, REASON_INTERRUPTED, _("interrupted"));
  if (reader_pread (file, piece, len, *offset, err) == -1)
    return -1;
  *offset += len;
  stream->next_in = piece;
  stream->avail_in = (uInt) len;
  return 0;
}

/* Does the first member end where the file does?  What zlib does not take the
 * filter, which has it from zlib, has not taken either: it is not looked for
 * here.
 */
static int
ends_with_file (struct reader *file, z_stream *stream, bool *ret,
                const struct launch_context *context, struct error *err)
{
  CLEANUP_BYTES unsigned char *in = alloc_zero (PIECE, err);
  CLEANUP_BYTES unsigned char *out = alloc_zero (PIECE, err);
  uint64_t offset = 0;
  int r = Z_OK;

  if (in == NULL || out == NULL)
    return -1;
  while (r == Z_OK && (stream->avail_in > 0 || offset < file->size)) {
    if (stream->avail_in == 0 &&
        read_piece (file, in, &offset, stream, context, err) == -1)
      return -1;
    stream->next_out = out;
    stream->avail_out = PIECE;
    r = inflate (stream, Z_NO_FLUSH);
  }
  *ret = r == Z_STREAM_END && stream->avail_in == 0 && offset == file->size;
  return 0;
}

static int
has_one_member (struct reader *file, bool *ret,
                const struct launch_context *context, struct error *err)
{
  z_stream stream = { .next_in = NULL };
  int r;

  if (inflateInit2 (&stream, WINDOW_BITS) != Z_OK)
    return error_nomem (err);
  r = ends_with_file (file, &stream, ret, context, err);
  inflateEnd (&stream);
  return r;
}

/* Is the last member as large as all that is SERVED, and the only one? */
static int
look_at_file (struct reader *file, uint64_t served, bool *ret,
              const struct launch_context *context, struct error *err)
{
  unsigned char trailer[TRAILER];

  *ret = false;
  if (file->size < TRAILER)
    return 0;
  if (reader_pread (file, trailer, TRAILER, file->size - TRAILER, err) == -1)
    return -1;
  return le32 (trailer + 4) != (uint32_t) served ? 0
    : has_one_member (file, ret, context, err);
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
  struct settings settings;
  struct launch_context plain;
  CLEANUP_ARGV struct argv options = { .ptr = NULL };
  CLEANUP_READER struct reader *file = NULL;
  bool alone, only;

  if (is_gzip_alone (plan, &alone, err) == -1)
    return -1;
  if (!alone)
    return 0;
  file = plan->location->file != NULL
    ? reader_file_of (plan->location->file, err)
    : open_remote (plan, context, &settings, &plain, &options, err);
  if (file == NULL ||
      look_at_file (file, reader->size, &only, context, err) == -1)
    return -1;
  return only ? 0 : refuse_members (name, err);
}
