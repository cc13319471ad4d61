/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a served disk is: the image's own words (lib/image), held against those
 * of the user and of the guest's metadata.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "context.h"
#include "guest/guest.h"
#include "image/image.h"
#include "io/reader.h"
#include "launch/inspect.h"
#include "launch/inspect-internal.h"
#include "launch/plan.h"
#include "nbdkit/caps.h"
#include "nbdkit/server.h"

/* Enough for the second attempt (the retry filter's is after two seconds). */
#define ERROR_GRACE_MS 4000

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

/* Raw is what nothing else is, so that a disk that should be raw is looked at
 * without that expectation.
 */
static int
examine (struct reader *reader, const struct disk *disk,
         const struct plan *plan, const struct nbdkit_caps *caps,
         const char *name, struct image *ret, struct error *err)
{
  const bool expect_raw = !disk->format_given && disk->format != NULL &&
    disk_is_raw (disk);

  if (image_examine (reader, name, expect_raw ? NULL : disk->format, ret,
                     err) == -1)
    return -1;
  if (image_check (ret, name, disk->allow_backing, err) == -1) {
    inspect_hint (disk, plan, ret, caps, err);
    return -1;
  }
  return expect_raw && !image_is_raw (ret)
    ? refuse_not_raw (ret, name, err) : 0;
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
  error_hint (err, _("is it the right disk, or was the program that made it "
                     "interrupted?"));
  if (plan->source->empty_hint != NULL)
    error_add_hint (err, _(plan->source->empty_hint));
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
    reader_nbd_take (nbd, plan->open_timeout_s,
                     context->supervisor, is_exhausted, &patience, err);
  CLEANUP_FREE char *name = location_describe (plan->location, err);

  if (reader == NULL || name == NULL)
    return -1;
  reader_nbd_start (reader, server->start, server->start_len);
  if (server->end_cookie > 0)
    reader_nbd_end (reader, server->end, sizeof server->end,
                    server->end_cookie);
  reader->remote = plan->source->remote;
  if (reader->size == 0)
    return inspect_refuse_empty (plan, err);
  reader->pause_ms = (int) plan->pace_ms;
  if (inspect_check_gzip (reader, plan, name, context, err) == -1)
    return -1;
  if (examine (reader, disk, plan, context->caps, name, ret, err) == 0 &&
      inspect_refuse_text (reader, disk, plan, name, ret, err) == 0 &&
      (!image_is_raw (ret) ||
       inspect_check_flat (reader, disk, plan, name, context, err) == 0))
    return warn_of_state (ret, plan->disk, name, context->events, err);
  image_reset (ret);
  return -1;
}
