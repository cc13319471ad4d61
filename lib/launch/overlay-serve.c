/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The overlays' servers for a conversion, which reads the sources through
 * them.  Those for the copy are in overlay-view.c; making and keeping the
 * overlays is left to overlay.c.
 */

#include <config.h>

#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "context.h"
#include "guest/guest.h"
#include "io/confine.h"
#include "io/nbd-conn.h"
#include "io/supervisor.h"
#include "io/tempdir.h"
#include "launch/launch.h"
#include "launch/named-file.h"
#include "launch/overlay-internal.h"
#include "launch/overlay.h"
#include "qemu/qemu-nbd.h"
#include "settings.h"

/* Waiting for clients of a command that has ended. */
#define LOOK_AGAIN_MS 50
#define SAY_AFTER_MS 1000

/* Clients must not write to it: qemu-img commit would, and what it takes from
 * the overlay would count as the source's.
 */
#define IMAGE_COPY_ON_READ                                              \
  "json:{\"driver\":\"copy-on-read\",\"read-only\":false,"                \
  "\"file\":{" OVERLAY_QCOW2 ",\"read-only\":false}}"

/* What a qemu-nbd of this disk's overlay opens: the files in the private
 * directory, and those that an image below the overlay may name.
 */
static int
allow_files (const struct overlays *overlays, unsigned index,
             enum qemu_nbd_mode mode, struct confine *ret, struct error *err)
{
  if (confine_path (ret, tempdir_path (overlays->dir),
                    mode == QEMU_NBD_READ ? CONFINE_READ : CONFINE_WRITE,
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

struct qemu_nbd *
overlay_serve (struct overlays *overlays, unsigned index, const char *name,
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
    .mode = keep ? QEMU_NBD_KEEP : QEMU_NBD_READ, .on_demand = true,
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
    overlay->writable = overlay_serve (overlays, i, "overlay",
                                       format (err, OVERLAY_IMAGE,
                                               overlay->name), spec, err);
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

static int
connect_reader (const struct overlays *overlays, unsigned index,
                struct error *err)
{
  const struct overlay *overlay = &overlays->overlays[index];
  const struct launched_disk *disk = launch_disk (overlays->launch, index);
  struct nbd_wait wait = {
    .supervisor = overlays->context->supervisor,
    .deadline_ms = clock_ms () + INT64_C (1000) * disk->plan.open_timeout_s,
  };
  struct nbd_handle *nbd;

  if (overlay->reader == NULL)
    return 0;
  /* It opens its image, and with that the source, before it answers. */
  nbd = nbd_conn_connect (qemu_nbd_uri (overlay->reader), NULL, &wait, err);
  if (nbd != NULL) {
    nbd_conn_close (&nbd);
    return 0;
  }
  return error_is_set (err) || qemu_nbd_check (overlay->reader, err) == -1
    ? -1
    : error_set (err, REASON_UNREACHABLE, "%s: %s", disk->name,
                 nbd_conn_reason ());
}

int
overlays_connect (struct overlays *overlays, struct error *err)
{
  for (unsigned i = 0; i < overlays->n; i++)
    if (connect_reader (overlays, i, err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  return 0;
}

uint64_t
overlays_count_read (const struct overlays *overlays)
{
  uint64_t n = 0;

  for (unsigned i = 0; i < overlays->n; i++) {
    const char *name = overlays->overlays[i].read_name;
    CLEANUP_ERROR struct error ignored = ERROR_INIT;
    CLEANUP_FREE char *path = name == NULL ? NULL
      : format (&ignored, "%s/%s", tempdir_path (overlays->dir), name);
    struct stat st;

    if (path != NULL && stat (path, &st) == 0)
      n += (uint64_t) st.st_size;
  }
  return n;
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
