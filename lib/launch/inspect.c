/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a served disk is: the image's own words (lib/image), held against those
 * of the user and of the guest's metadata.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "context.h"
#include "guest/guest.h"
#include "image/image.h"
#include "input/input-request.h"
#include "io/reader.h"
#include "launch/inspect.h"
#include "launch/plan.h"
#include "nbdkit/caps.h"
#include "nbdkit/server.h"

/* Enough for the second attempt (the retry filter's is after two seconds). */
#define ERROR_GRACE_MS 4000

/* What is compressed can also be read through a filter of nbdkit's, if that is
 * installed.
 */
static void
hint_filter (const struct image *image, const struct nbdkit_caps *caps,
             struct error *err)
{
  static const struct { const char *filter, *hint; } filters[] = {
    { "bzip2", N_("or add -io filter=bzip2") },
    { "gzip", N_("or add -io filter=gzip") },
    { "xz", N_("or add -io filter=xz") },
  };
  const char *found = image_format_name (image);

  for (size_t i = 0; i < ARRAY_LEN (filters); i++)
    if (strcmp (found, filters[i].filter) == 0 &&
        nbdkit_caps_has_filter (caps, found))
      error_add_hint (err, _(filters[i].hint));
}

/* Metadata calls it raw, and it is not: a guest would see the image's header
 * where its boot sector should be.  Only the user can know better.
 */
static int
refuse_not_raw (const struct image *image, const char *name,
                struct error *err)
{
  CLEANUP_FREE char *what = image_describe (image, err);

  if (what == NULL)
    return -1;
  error_set (err, REASON_UNSUPPORTED,
             _("%s should be a raw disk, but it is %s"), name, what);
  error_hint (err, _("use -if %s to read it as an image, or -if raw to read "
                     "the file itself as the disk"),
              image_format_for_people (image_format_name (image)));
  return -1;
}

/* A descriptor of one file of plain sectors, beside it: that file is the disk
 * itself.
 */
static void
add_flat_hint (const struct disk *disk, const struct image *image,
               struct error *err)
{
  const struct image_file *file = image->files.ptr;
  const char *path = location_local_path (&disk->location);
  CLEANUP_FREE char *flat = NULL, *hint = NULL;

  if (path == NULL || image->files.len != 1 ||
      file->kind != IMAGE_FILE_FLAT || file->name == NULL ||
      file->offset != 0 || strchr (file->name, '/') != NULL)
    return;
  flat = input_path_beside (path, file->name, err);
  if (flat == NULL || access (flat, F_OK) == -1)
    return;
  hint = format (err, _("or give the disk itself, %s, with -if raw"), flat);
  if (hint != NULL)
    error_add_hint (err, hint);
}

/* Raw is what nothing else is, so that a disk that should be raw is looked at
 * without that expectation.
 */
static int
examine (struct reader *reader, const struct disk *disk,
         const struct nbdkit_caps *caps, const char *name, struct image *ret,
         struct error *err)
{
  const bool expect_raw = !disk->format_given && disk->format != NULL &&
    disk_is_raw (disk);

  if (image_examine (reader, name, expect_raw ? NULL : disk->format, ret,
                     err) == -1)
    return -1;
  if (image_check (ret, name, disk->allow_backing, err) == -1) {
    hint_filter (ret, caps, err);
    add_flat_hint (disk, ret, err);
    return -1;
  }
  return expect_raw && !image_is_raw (ret)
    ? refuse_not_raw (ret, name, err) : 0;
}

/*--- Files that a web server calls a page. ---*/

/* What a disk's first bytes never are: all of them text. */
static bool
is_text (const unsigned char *start, size_t len)
{
  for (size_t i = 0; i < len; i++)
    if (start[i] == '\0' ||
        (start[i] < ' ' && strchr ("\t\n\f\r\033", start[i]) == NULL))
      return false;
  return true;
}

/* text/plain is also what servers say of what they do not know: nginx without
 * mime.types, Apache before 2.4.
 */
static bool
is_page_type (const char *type)
{
  return strncasecmp (type, "text/html", 9) == 0 ||
    strncasecmp (type, "text/xml", 8) == 0 ||
    strcasestr (type, "json") != NULL || strcasestr (type, "xhtml") != NULL ||
    strncasecmp (type, "application/xml", 15) == 0;
}

/* A server may call a disk text/html as well, where that is its default: then
 * it has a partition table, or at least whole sectors that are no text.
 */
static bool
is_page (const char *type, const unsigned char *start, size_t len,
         uint64_t size)
{
  const bool has_table = len >= 512 && start[510] == 0x55 &&
    start[511] == 0xaa;
  const bool whole = size % 512 == 0;

  return is_page_type (type)
    ? !has_table && (!whole || is_text (start, len))
    : !whole && is_text (start, len);
}

/* The page that a server sends for any name, or to who should log in, without
 * an error: nothing else is wrong with it.  The image's own bytes were not
 * recognised.
 */
static int
refuse_page (struct reader *reader, const struct disk *disk,
             const struct plan *plan, const char *name,
             const struct image *image, struct error *err)
{
  const char *type = plan->file.type;
  unsigned char start[512];
  const size_t len = reader->size < sizeof start ? (size_t) reader->size
                                                 : sizeof start;

  if (disk->format_given || type == NULL || !image_is_raw (image) ||
      (!is_page_type (type) && strncasecmp (type, "text/", 5) != 0) ||
      plan->location->part.tar_entry != NULL ||
      plan->location->part.length > 0)
    return 0;
  if (reader_pread (reader, start, len, 0, err) == -1)
    return -1;
  if (!is_page (type, start, len, reader->size))
    return 0;
  error_set (err, REASON_UNSUPPORTED,
             _("%s is not a disk: its Content-Type is %s, and it has %"
               PRIu64 " bytes and no partition table"), name, type,
             reader->size);
  error_hint (err, _("the server may have sent a page instead of the file: "
                     "look at it with curl (does it need a login, or a "
                     "different URL?); if it really is the disk, give -if "
                     "raw"));
  return -1;
}

/* The disk can be read, but may not be what it was meant to be. */
static int
warn_of_state (const struct image *image, int index, const char *name,
               const struct events *events, struct error *err)
{
  CLEANUP_FREE char *what = NULL;

  if (image->state == 0)
    return 0;
  if (image_is_raw (image)) {
    events_say (events, EVENT_WARNING, index,
                _("%s is encrypted (LUKS) and is copied as it is: whoever "
                  "decrypts it today, the guest or its host, has to do so "
                  "afterwards, too"), name);
    return 0;
  }
  what = image_describe (image, err);
  if (what == NULL)
    return -1;
  events_say (events, EVENT_WARNING, index, _("%s: %s"), name, what);
  return 0;
}

int
inspect_refuse_empty (const struct plan *plan, struct error *err)
{
  CLEANUP_FREE char *what = location_describe (plan->location, err);

  if (what == NULL)
    return -1;
  error_set (err, REASON_UNSUPPORTED,
             _("%s: the disk has a size of 0 bytes, so there is nothing "
               "to copy"), what);
  error_hint (err, "%s", plan->source->empty_hint != NULL
              ? _(plan->source->empty_hint)
              : _("is it the right disk, or was the program that made it "
                  "interrupted?"));
  return -1;
}

/* Reads that fail are tried again by nbdkit's retry filter, for about a
 * minute.  That is too long to wait before anything else is known of a disk.
 */
struct patience {
  const struct nbdkit_server *server;
  int64_t first_error_ms;       /* 0: none yet */
};

static bool
is_exhausted (void *data)
{
  struct patience *patience = data;

  if (daemon_has_died (patience->server->daemon))
    return true;
  if (daemon_errors (patience->server->daemon)->len == 0)
    return false;
  if (patience->first_error_ms == 0)
    patience->first_error_ms = clock_ms ();
  return clock_ms () > patience->first_error_ms + ERROR_GRACE_MS;
}

int
inspect_disk (const struct disk *disk, const struct plan *plan,
              const struct nbdkit_server *server, struct nbd_handle *nbd,
              const struct launch_context *context, struct image *ret,
              struct error *err)
{
  struct patience patience = { .server = server };
  CLEANUP_READER struct reader *reader =
    reader_nbd_take (nbd, plan->source->open_timeout_s,
                     context->supervisor, is_exhausted, &patience, err);
  CLEANUP_FREE char *name = location_describe (plan->location, err);

  if (reader == NULL || name == NULL)
    return -1;
  reader->remote = plan->source->remote;
  if (reader->size == 0)
    return inspect_refuse_empty (plan, err);
  reader->pause_ms = (int) plan->pace_ms;
  if (examine (reader, disk, context->caps, name, ret, err) == 0 &&
      refuse_page (reader, disk, plan, name, ret, err) == 0)
    return warn_of_state (ret, plan->disk, name, context->events, err);
  image_reset (ret);
  return -1;
}
