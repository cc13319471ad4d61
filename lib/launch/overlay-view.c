/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the copy reads: the views of the disks, and their servers.  Where
 * nothing lies between, the nbdkit of launch.c serves; else a qemu-nbd is
 * started here, for the overlay or the image below it.
 */

#include <config.h>

#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"
#include "context.h"
#include "copy/disk.h"
#include "io/tempdir.h"
#include "launch/launch.h"
#include "launch/overlay-internal.h"
#include "launch/overlay.h"
#include "qemu/qemu-map.h"
#include "qemu/qemu-nbd.h"
#include "qemu/qemu-words.h"

/* The second file is that with what was read. */
#define IMAGE_WITHOUT_BACKING "json:{" OVERLAY_QCOW2 ",\"backing\":null}"
#define IMAGE_WITHOUT_SOURCE                                            \
  "json:{" OVERLAY_QCOW2 ",\"backing\":{" OVERLAY_QCOW2                \
  ",\"backing\":null}}"

/* The last file is that through which what is below is read: qemu takes no
 * other name for an NBD backing file than the one in the image, but any name
 * of a file.
 */
#define IMAGE_OVER_BELOW "json:{" OVERLAY_QCOW2 ",\"backing\":{"        \
  OVERLAY_QCOW2 "}}"
#define IMAGE_OVER_READ "json:{" OVERLAY_QCOW2 ",\"backing\":{"         \
  OVERLAY_QCOW2 ",\"backing\":{" OVERLAY_QCOW2 "}}}"

/* The view's URI, or NULL. */
static const char *
serve_view (struct overlays *overlays, unsigned index, char *image,
            bool allocation_depth, struct error *err)
{
  struct overlay *overlay = &overlays->overlays[index];

  overlay->view = overlay_serve (overlays, index, "view", image,
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
  ret->single_uri = launch_single_uri (overlays->launch, index);
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
  overlay->base = overlay_serve (overlays, index, "base", kept
                                 ? format (err, OVERLAY_IMAGE,
                                           overlay->read_name)
                                 : alloc_copy (overlay->source, err),
                                 (struct qemu_nbd_spec) {
                                   .mode = QEMU_NBD_READ
                                 }, err);
  if (overlay->base == NULL)
    return -1;
  ret->base_uri = qemu_nbd_uri (overlay->base);
  ret->base_size = kept ? 0 : overlay->info.virtual_size;
  return 0;
}

static int
open_view (struct overlays *overlays, unsigned index, bool changed,
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

int
overlay_open_view (struct overlays *overlays, unsigned index, bool changed,
                   struct copy_disk *ret, struct error *err)
{
  const struct plan *plan = &launch_disk (overlays->launch, index)->plan;

  if (open_view (overlays, index, changed, ret, err) == -1)
    return -1;
  ret->limits = ret->base_file != NULL ? plan->direct_limits : plan->limits;
  return 0;
}

int
overlay_list_written (const struct overlays *overlays, unsigned index,
                      uint64_t size, struct ranges *ret, struct error *err)
{
  return qemu_map_list (overlays->overlays[index].view, size,
                        overlays->context->supervisor, ret, err);
}

static const char *
name_of_below (const struct overlay *overlay)
{
  return strrchr (overlay->below, '/') + 1;
}

/* An image of ours that has nothing of its own over what VIEW has below. */
static int
make_below (struct overlays *overlays, unsigned index,
            const struct copy_disk *view, struct error *err)
{
  const struct qemu_img qemu = qemu_img_of (overlays->context, index);
  struct overlay *overlay = &overlays->overlays[index];

  overlay->below = format (err, "%s/%s-below.qcow2",
                           tempdir_path (overlays->dir),
                           launch_disk (overlays->launch, index)->name);
  return overlay->below == NULL ? -1
    : qemu_img_create_overlay (&qemu, tempdir_path (overlays->dir),
                               name_of_below (overlay), view->base_uri,
                               "raw", overlay_size (overlays, index),
                               OVERLAY_CLUSTER, err);
}

/* What a conversion has read of a plain source need not be read again. */
static char *
name_of_all (const struct overlays *overlays, unsigned index,
             struct error *err)
{
  const struct overlay *overlay = &overlays->overlays[index];

  return overlay->read_name == NULL ||
    !launch_disk (overlays->launch, index)->image.plain
    ? format (err, IMAGE_OVER_BELOW, overlay->name, name_of_below (overlay))
    : format (err, IMAGE_OVER_READ, overlay->name, overlay->read_name,
              name_of_below (overlay));
}

const char *
overlay_serve_all (struct overlays *overlays, unsigned index,
                   const struct copy_disk *view, struct error *err)
{
  struct overlay *overlay = &overlays->overlays[index];

  if (view->overlay_uri == NULL)
    return view->base_uri;
  if (make_below (overlays, index, view, err) == -1)
    return NULL;
  overlay->all = overlay_serve (overlays, index, "all",
                                name_of_all (overlays, index, err),
                                (struct qemu_nbd_spec) {
                                  .mode = QEMU_NBD_READ
                                }, err);
  return overlay->all == NULL ? NULL : qemu_nbd_uri (overlay->all);
}

static void
remove_below (struct overlay *overlay)
{
  if (overlay->below != NULL)
    unlink (overlay->below);
  free (overlay->below);
  overlay->below = NULL;
}

void
overlays_close_views (struct overlays *overlays)
{
  for (unsigned i = 0; i < overlays->n; i++) {
    struct overlay *overlay = &overlays->overlays[i];

    qemu_nbd_free (overlay->all);
    qemu_nbd_free (overlay->view);
    qemu_nbd_free (overlay->base);
    overlay->all = overlay->view = overlay->base = NULL;
    overlay->cannot_read = false;
    remove_below (overlay);
  }
}

/* Those of the copy, some of which may be NULL: below the overlay first. */
#define SERVERS 3
static void
list_servers (const struct overlay *overlay, struct qemu_nbd *ret[SERVERS])
{
  ret[0] = overlay->base;
  ret[1] = overlay->view;
  ret[2] = overlay->all;
}

int
overlays_check (const struct overlays *overlays, struct error *err)
{
  for (unsigned i = 0; i < overlays->n; i++) {
    struct qemu_nbd *servers[SERVERS];

    list_servers (&overlays->overlays[i], servers);
    for (size_t k = 0; k < SERVERS; k++)
      if (servers[k] != NULL && qemu_nbd_check (servers[k], err) == -1) {
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
  struct qemu_nbd *servers[SERVERS];

  list_servers (overlay, servers);
  for (size_t i = 0; i < SERVERS; i++)
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
