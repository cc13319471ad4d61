/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The overlays' servers: qemu-nbd for a conversion, which reads the sources
 * through them, and then for the copy, which reads from them what the
 * conversion wrote.  Making and keeping the overlays is left to overlay.c.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "context.h"
#include "copy/disk.h"
#include "guest/guest.h"
#include "io/confine.h"
#include "io/supervisor.h"
#include "io/tempdir.h"
#include "launch/launch.h"
#include "launch/named-file.h"
#include "launch/overlay-internal.h"
#include "launch/overlay.h"
#include "qemu/qemu-nbd.h"
#include "qemu/qemu-words.h"
#include "settings.h"

/* Waiting for clients of a command that has ended. */
#define LOOK_AGAIN_MS 50
#define SAY_AFTER_MS 1000

/* Image names for qemu, of the file %s.  Our own file names need no quoting in
 * JSON.  The second file is that with what was read.
 */
#define QCOW2                                                           \
  "\"driver\":\"qcow2\","                                               \
  "\"file\":{\"driver\":\"file\",\"filename\":\"%s\"}"
#define IMAGE "json:{" QCOW2 ",\"discard\":\"unmap\"}"
#define IMAGE_COPY_ON_READ                                              \
  "json:{\"driver\":\"copy-on-read\",\"file\":{" QCOW2 "}}"
#define IMAGE_WITHOUT_BACKING "json:{" QCOW2 ",\"backing\":null}"
#define IMAGE_WITHOUT_SOURCE                                            \
  "json:{" QCOW2 ",\"backing\":{" QCOW2 ",\"backing\":null}}"

/* What a qemu-nbd of this disk's overlay opens: the files in the private
 * directory, and those that an image below the overlay may name.
 */
static int
allow_files (const struct overlays *overlays, unsigned index,
             enum qemu_nbd_mode mode, struct confine *ret, struct error *err)
{
  if (confine_path (ret, tempdir_path (overlays->dir),
                    mode == QEMU_NBD_WRITE ? CONFINE_WRITE : CONFINE_READ,
                    err) == -1)
    return -1;
  return named_file_allow (launch_disk (overlays->launch, index), ret, err);
}

/* Serve IMAGE, which is freed, at SOCKET. */
static struct qemu_nbd *
serve_at (struct overlays *overlays, unsigned index, const char *socket,
          char *image, struct qemu_nbd_spec spec, struct error *err)
{
  CLEANUP_FREE char *named = image;
  CLEANUP_CONFINE struct confine files = { .rules = NULL };

  if (socket == NULL || named == NULL ||
      allow_files (overlays, index, spec.mode, &files, err) == -1)
    return NULL;
  spec.files = &files;
  spec.image = named;
  spec.socket = socket;
  spec.dir = tempdir_path (overlays->dir);
  spec.disk = (int) index;
  return qemu_nbd_new (&spec, overlays->context, err);
}

/* The same at a new socket NAME in the launch's directory, whose path is
 * short.
 */
static struct qemu_nbd *
serve (struct overlays *overlays, unsigned index, const char *name,
       char *image, struct qemu_nbd_spec spec, struct error *err)
{
  CLEANUP_FREE char *socket =
    format (err, "%s/%s%u-%u", launch_dir (overlays->launch), name, index,
            overlays->sockets++);

  return serve_at (overlays, index, socket, image, spec, err);
}

/* Whatever opens the overlay reads the source through this one. */
static int
serve_read (struct overlays *overlays, unsigned index, struct error *err)
{
  struct overlay *overlay = &overlays->overlays[index];
  const bool keep = overlay->read_name != NULL;
  const struct qemu_nbd_spec spec = {
    .mode = keep ? QEMU_NBD_WRITE : QEMU_NBD_READ, .on_demand = true,
  };

  if (overlay->read_uri == NULL)
    return 0;
  overlay->reader = serve_at (overlays, index, overlay->read_socket,
                              keep ? format (err, IMAGE_COPY_ON_READ,
                                             overlay->read_name)
                              : alloc_copy (overlay->source, err), spec, err);
  return overlay->reader != NULL ? 0 : -1;
}

int
overlays_serve (struct overlays *overlays, struct error *err)
{
  struct qemu_nbd_spec spec = { .mode = QEMU_NBD_WRITE, .on_demand = true };

  for (unsigned i = 0; i < overlays->n; i++) {
    struct overlay *overlay = &overlays->overlays[i];

    if (serve_read (overlays, i, err) == -1)
      return -1;
    spec.written = overlay->path;
    overlay->writable = serve (overlays, i, "overlay",
                               format (err, IMAGE, overlay->name), spec, err);
    if (overlay->writable == NULL)
      return -1;
  }
  return 0;
}

const char *
overlay_uri (const struct overlays *overlays, unsigned index)
{
  return qemu_nbd_uri (overlays->overlays[index].writable);
}

/* Programs that the command started may still write through its overlays
 * after it has ended: guestunmount returns before guestmount has written.
 */
static int
await_clients (const struct overlays *overlays, unsigned index,
               struct error *err)
{
  const unsigned timeout_s = overlays->context->settings->stall_timeout_s;
  const int64_t began_ms = clock_ms ();
  const struct overlay *overlay = &overlays->overlays[index];
  bool said = false;
  int r;

  while ((r = qemu_nbd_close (overlay->writable, err)) == 1) {
    const int64_t ms = clock_ms () - began_ms;

    if (timeout_s != 0 && ms >= INT64_C (1000) * timeout_s) {
      error_set (err, REASON_CONVERT,
                 _("the command has ended, but %u seconds later a program "
                   "that it left running still uses the overlay %s"),
                 timeout_s, overlay->path);
      error_hint (err, _("make the command wait for the programs that it "
                         "starts: guestunmount, for example, returns before "
                         "guestmount has written everything"));
      return -1;
    }
    if (!said && ms >= SAY_AFTER_MS) {
      events_say (overlays->context->events, EVENT_MESSAGE, (int) index,
                  _("Waiting for a program that the command left running: it "
                    "still uses the overlay %s"), overlay->path);
      said = true;
    }
    if (supervisor_pause (overlays->context->supervisor, LOOK_AGAIN_MS,
                          err) == -1)
      return -1;
  }
  return r;
}

int
overlays_await_clients (const struct overlays *overlays, struct error *err)
{
  for (unsigned i = 0; i < overlays->n; i++)
    if (await_clients (overlays, i, err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  return 0;
}

int
overlays_stop (struct overlays *overlays, struct error *err)
{
  const unsigned timeout_s = overlays->context->settings->stall_timeout_s;
  int r = 0;

  for (unsigned i = 0; i < overlays->n; i++) {
    struct overlay *overlay = &overlays->overlays[i];

    if (overlay->writable != NULL && !error_is_set (err) &&
        qemu_nbd_end (overlay->writable, timeout_s, err) == -1) {
      err->disk = (int) i;
      r = -1;
    }
    qemu_nbd_free (overlay->writable);
    overlay->writable = NULL;
  }
  return r;
}

int
overlays_stop_reading (struct overlays *overlays, struct error *err)
{
  const unsigned timeout_s = overlays->context->settings->stall_timeout_s;

  for (unsigned i = 0; i < overlays->n; i++) {
    struct overlay *overlay = &overlays->overlays[i];

    if (overlay->reader != NULL &&
        qemu_nbd_end (overlay->reader, timeout_s, err) == -1) {
      err->disk = (int) i;
      return -1;
    }
    qemu_nbd_free (overlay->reader);
    overlay->reader = NULL;
  }
  return 0;
}

/* The view's URI, or NULL. */
static const char *
serve_view (struct overlays *overlays, unsigned index, char *image,
            bool allocation_depth, struct error *err)
{
  struct overlay *overlay = &overlays->overlays[index];

  overlay->view = serve (overlays, index, "view", image,
                         (struct qemu_nbd_spec) {
                           .mode = QEMU_NBD_READ,
                           .allocation_depth = allocation_depth,
                         }, err);
  return overlay->view == NULL ? NULL : qemu_nbd_uri (overlay->view);
}

/* Of what was written nothing but the overlay is read. */
static int
open_written (struct overlays *overlays, unsigned index,
              struct copy_disk *ret, struct error *err)
{
  const struct overlay *overlay = &overlays->overlays[index];

  ret->overlay_uri = serve_view (overlays, index, overlay->read_name == NULL
                                 ? format (err, IMAGE_WITHOUT_BACKING,
                                           overlay->name)
                                 : format (err, IMAGE_WITHOUT_SOURCE,
                                           overlay->name, overlay->read_name),
                                 true, err);
  return ret->overlay_uri == NULL ? -1 : 0;
}

static int
open_plain_base (struct overlays *overlays, unsigned index,
                 struct copy_disk *ret, struct error *err)
{
  const struct launched_disk *disk = launch_disk (overlays->launch, index);

  ret->base_uri = launch_copy_uri (overlays->launch, index, err);
  ret->base_size = disk->size;
  ret->base_file = disk->plan.direct;
  return ret->base_uri == NULL ? -1 : 0;
}

/* Nothing but the overlay is read. */
static int
open_whole_view (struct overlays *overlays, unsigned index,
                 struct copy_disk *ret, struct error *err)
{
  ret->base_uri = serve_view (overlays, index,
                              format (err, IMAGE_WITHOUT_BACKING,
                                      overlays->overlays[index].name),
                              false, err);
  return ret->base_uri == NULL ? -1 : 0;
}

/* Only qemu understands the format, so that all reads go through qemu. */
static int
open_image_base (struct overlays *overlays, unsigned index,
                 struct copy_disk *ret, struct error *err)
{
  struct overlay *overlay = &overlays->overlays[index];
  const bool kept = overlay->read_name != NULL;
  const char *named = overlay->source_socket;
  const bool named_well = named != NULL &&
    strcmp (named, launch_disk (overlays->launch, index)->socket) == 0;

  if (kept ? !named_well && overlay_put_over_source (overlays, index,
                                                     err) == -1
           : overlay_name_source (overlays, index, err) == -1)
    return -1;
  overlay->base = serve (overlays, index, "base", kept
                         ? format (err, IMAGE, overlay->read_name)
                         : alloc_copy (overlay->source, err),
                         (struct qemu_nbd_spec) { .mode = QEMU_NBD_READ },
                         err);
  if (overlay->base == NULL)
    return -1;
  ret->base_uri = qemu_nbd_uri (overlay->base);
  ret->base_size = kept ? 0 : overlay->info.virtual_size;
  return 0;
}

int
overlay_open_view (struct overlays *overlays, unsigned index, bool changed,
                   struct copy_disk *ret, struct error *err)
{
  const struct launched_disk *disk = launch_disk (overlays->launch, index);
  const bool plain = disk->image.plain;

  if (!changed && plain)
    ret->size = disk->image.size;
  else if (overlay_current_size (overlays, index, &ret->size, err) == -1)
    return -1;
  if (changed && overlay_is_whole (overlays, index))
    return open_whole_view (overlays, index, ret, err);
  if ((plain ? open_plain_base (overlays, index, ret, err)
             : open_image_base (overlays, index, ret, err)) == -1)
    return -1;
  return changed ? open_written (overlays, index, ret, err) : 0;
}

void
overlays_close_views (struct overlays *overlays)
{
  for (unsigned i = 0; i < overlays->n; i++) {
    struct overlay *overlay = &overlays->overlays[i];

    qemu_nbd_free (overlay->view);
    qemu_nbd_free (overlay->base);
    overlay->view = overlay->base = NULL;
    overlay->cannot_read = false;
  }
}

int
overlays_check (const struct overlays *overlays, struct error *err)
{
  for (unsigned i = 0; i < overlays->n; i++) {
    const struct overlay *overlay = &overlays->overlays[i];

    if ((overlay->base != NULL &&
         qemu_nbd_check (overlay->base, err) == -1) ||
        (overlay->view != NULL &&
         qemu_nbd_check (overlay->view, err) == -1)) {
      err->disk = (int) i;
      return -1;
    }
  }
  return 0;
}

/* What a server of the copy's has said of a read that failed, where one has:
 * below the overlay first.  NULL: none has said anything.
 */
static const struct argv *
words_of_read (const struct overlay *overlay)
{
  struct qemu_nbd *const servers[] = { overlay->base, overlay->view };

  for (size_t i = 0; i < ARRAY_LEN (servers); i++)
    if (servers[i] != NULL &&
        qemu_words_of_read (qemu_nbd_last_lines (servers[i])))
      return qemu_nbd_last_lines (servers[i]);
  return NULL;
}

/* What nbdkit could not read it has said before qemu-nbd did.  Its line may
 * be seen later all the same, so that the next look decides.
 */
int
overlays_watch (struct overlays *overlays, unsigned index, struct error *err)
{
  struct overlay *overlay = &overlays->overlays[index];
  const bool before = overlay->cannot_read;
  const struct argv *lines = words_of_read (overlay);

  overlay->cannot_read = lines != NULL &&
    !launch_had_errors (overlays->launch, index);
  if (!before || !overlay->cannot_read)
    return 0;
  qemu_words_explain_read (lines, REASON_UNSUPPORTED, err);
  return -1;
}

void
overlays_explain (const struct overlays *overlays, struct error *err)
{
  const struct argv *lines;

  if (err->reason != REASON_READ || err->detail.len > 0 || err->disk < 0 ||
      (unsigned) err->disk >= overlays->n)
    return;
  lines = words_of_read (&overlays->overlays[err->disk]);
  if (lines != NULL)
    qemu_words_explain_read (lines, REASON_READ, err);
}
