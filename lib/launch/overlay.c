/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The qcow2 overlays: making them over the sources that launch.c serves,
 * serving them to a conversion and then to the copy, and keeping or removing
 * them.  backing.c judges the image below an overlay; copying is left to
 * transfer/.
 */

#include <config.h>

#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/file.h"
#include "base/i18n.h"
#include "context.h"
#include "guest/guest.h"
#include "io/tempdir.h"
#include "launch/backing.h"
#include "launch/launch.h"
#include "launch/overlay.h"
#include "qemu/qemu-img.h"
#include "qemu/qemu-nbd.h"
#include "settings.h"

struct overlay {
  char *name;                   /* "sda.qcow2", in the directory */
  char *path;
  char *format;                 /* of the source, as qemu calls it */
  char *backing_socket;         /* the socket that it names, or NULL */
  struct image_info info;       /* of a source that is not raw */
  uint64_t size;                /* of the guest's disk, when it was made */
  struct qemu_nbd *writable;    /* for the conversion */
  struct qemu_nbd *view;        /* for the copy */
};

/* Of overlays, in bytes; qemu's own. */
#define CLUSTER 65536
/* Where what is read is kept it is read in whole clusters, which therefore
 * say how far it reads ahead.  10 ms a read, 16 MiB of data read in pieces of
 * 64 KiB, and in scattered ones of 4 KiB:
 *    64 KiB   2.87 s   0.77 s,  4 MiB read
 *   512 KiB   0.47 s   0.84 s, 32 MiB read
 *     1 MiB   0.31 s   0.86 s, 62 MiB read
 *     2 MiB   0.28 s   1.37 s, 120 MiB read
 */
#define CLUSTER_READ_AHEAD (512 << 10)

struct overlays {
  const struct launch_context *context;
  bool keep_read;
  struct launch *launch;
  struct tempdir *dir;
  struct overlay *overlays;
  unsigned n;
  unsigned sockets;             /* names given to views' sockets */
};

/* Is what a conversion reads of the disk kept, so that it crosses the link
 * once?
 */
static bool
keeps_read (const struct overlays *overlays, unsigned index)
{
  return overlays->keep_read &&
    launch_disk (overlays->launch, index)->plan.source->remote;
}

static bool
is_raw (const struct overlay *overlay)
{
  return strcmp (overlay->format, "raw") == 0;
}

/* Find out the format and the size of what is under the overlay. */
static int
inspect_source (struct overlays *overlays, unsigned index, struct error *err)
{
  const struct launched_disk *disk = launch_disk (overlays->launch, index);
  struct overlay *overlay = &overlays->overlays[index];

  overlay->size = disk->size;
  overlay->format = alloc_copy (disk_format (disk->disk), err);
  if (overlay->format == NULL)
    return -1;
  if (is_raw (overlay))
    return 0;
  if (backing_inspect (disk, index, overlays->context, &overlay->info,
                       err) == -1)
    return -1;
  overlay->size = overlay->info.virtual_size;
  return 0;
}

static int
name_overlay (struct overlays *overlays, unsigned index, struct error *err)
{
  struct overlay *overlay = &overlays->overlays[index];

  overlay->name = format (err, "%s.qcow2",
                          launch_disk (overlays->launch, index)->name);
  if (overlay->name != NULL)
    overlay->path = format (err, "%s/%s", tempdir_path (overlays->dir),
                            overlay->name);
  return overlay->path != NULL ? 0 : -1;
}

static int
remember_source (struct overlays *overlays, unsigned index,
                 struct error *err)
{
  return alloc_set (&overlays->overlays[index].backing_socket,
                    launch_disk (overlays->launch, index)->socket, err);
}

static int
create (struct overlays *overlays, unsigned index, struct error *err)
{
  const struct overlay *overlay = &overlays->overlays[index];
  const char *dir = tempdir_path (overlays->dir);
  const struct qemu_img qemu = qemu_img_of (overlays->context, index);
  CLEANUP_FREE char *backing =
    backing_name (launch_disk (overlays->launch, index), &overlay->info, err);

  if (backing == NULL)
    return -1;
  if (qemu_img_create_overlay (&qemu, dir, overlay->name, backing,
                               overlay->format, keeps_read (overlays, index)
                               ? CLUSTER_READ_AHEAD : CLUSTER, err) == -1)
    return -1;
  return remember_source (overlays, index, err);
}

/* DIR NULL: in a new directory, and the overlays are new. */
static struct overlays *
open_overlays (struct launch *launch, const char *dir, bool keep_read,
               const struct launch_context *context, struct error *err)
{
  const unsigned n = launch_disk_count (launch);
  struct overlays *overlays = alloc_zero (sizeof *overlays, err);

  if (overlays == NULL)
    return NULL;
  overlays->context = context;
  overlays->launch = launch;
  overlays->keep_read = keep_read;
  overlays->overlays = alloc_zero ((n + 1) * sizeof *overlays->overlays, err);
  if (overlays->overlays == NULL)
    goto error;
  overlays->dir = dir != NULL
    ? tempdir_adopt (dir, context->guard, err)
    : tempdir_new (context->settings->overlay_dir, context->guard, err);
  if (overlays->dir == NULL)
    goto error;
  while (overlays->n < n) {
    const unsigned i = overlays->n++; /* to be freed when half made */

    if (name_overlay (overlays, i, err) == -1 ||
        inspect_source (overlays, i, err) == -1 ||
        (dir == NULL && create (overlays, i, err) == -1)) {
      err->disk = (int) i;
      goto error;
    }
  }
  return overlays;

 error:
  if (dir != NULL && overlays->dir != NULL)
    tempdir_keep (overlays->dir);
  overlays_free (overlays);
  return NULL;
}

struct overlays *
overlays_new (struct launch *launch, bool keep_read,
              const struct launch_context *context, struct error *err)
{
  return open_overlays (launch, NULL, keep_read, context, err);
}

struct overlays *
overlays_reuse (struct launch *launch, const char *dir,
                const struct launch_context *context, struct error *err)
{
  return open_overlays (launch, dir, false, context, err);
}

const char *
overlays_dir (const struct overlays *overlays)
{
  return tempdir_path (overlays->dir);
}

char *
overlay_identity (const char *dir, unsigned index, struct error *err)
{
  CLEANUP_FREE char *path = NULL;
  char letters[DISK_LETTERS_MAX];
  struct stat st;

  disk_letters (index, letters);
  path = format (err, "%s/sd%s.qcow2", dir, letters);
  if (path == NULL || lstat (path, &st) == -1 || !S_ISREG (st.st_mode))
    return NULL;
  return format (err, "file %ju, %jd bytes, changed at %jd.%09ld",
                 (uintmax_t) st.st_ino, (intmax_t) st.st_size,
                 (intmax_t) st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

void
overlays_free (struct overlays *overlays)
{
  if (overlays == NULL)
    return;
  for (unsigned i = 0; i < overlays->n; i++) {
    struct overlay *overlay = &overlays->overlays[i];

    qemu_nbd_free (overlay->writable);
    qemu_nbd_free (overlay->view);
    free (overlay->name);
    free (overlay->path);
    free (overlay->format);
    free (overlay->backing_socket);
    image_info_reset (&overlay->info);
  }
  if (overlays->context->settings->keep_overlay && overlays->dir != NULL)
    tempdir_keep (overlays->dir);
  tempdir_free (overlays->dir);
  free (overlays->overlays);
  free (overlays);
}

const char *
overlay_path (const struct overlays *overlays, unsigned index)
{
  return overlays->overlays[index].path;
}

uint64_t
overlay_size (const struct overlays *overlays, unsigned index)
{
  return overlays->overlays[index].size;
}

/* Image names for qemu, of the overlay %s.  Our own file names need no
 * quoting in JSON.
 */
#define QCOW2                                                           \
  "\"driver\":\"qcow2\","                                               \
  "\"file\":{\"driver\":\"file\",\"filename\":\"%s\"}"
#define IMAGE "json:{" QCOW2 ",\"discard\":\"unmap\"}"
#define IMAGE_COPY_ON_READ                                              \
  "json:{\"driver\":\"copy-on-read\",\"discard\":\"unmap\","            \
  "\"file\":{" QCOW2 "}}"
#define IMAGE_WITHOUT_BACKING "json:{" QCOW2 ",\"backing\":null}"

/* Serve the overlay as IMAGE, one of these names, at a new socket NAME in
 * the launch's directory, whose path is short.
 */
static struct qemu_nbd *
serve (struct overlays *overlays, unsigned index, const char *name,
       const char *image, const struct qemu_nbd_spec *wanted,
       struct error *err)
{
  CLEANUP_FREE char *socket =
    format (err, "%s/%s%u-%u", launch_dir (overlays->launch), name, index,
            overlays->sockets++);
  CLEANUP_FREE char *named =
    format (err, image, overlays->overlays[index].name);
  struct qemu_nbd_spec spec = *wanted;

  if (socket == NULL || named == NULL)
    return NULL;
  spec.image = named;
  spec.socket = socket;
  spec.dir = tempdir_path (overlays->dir);
  spec.disk = (int) index;
  return qemu_nbd_new (&spec, overlays->context->supervisor,
                       overlays->context->events, err);
}

static int
serve_writable (struct overlays *overlays, unsigned index, struct error *err)
{
  struct overlay *overlay = &overlays->overlays[index];

  overlay->writable = serve (overlays, index, "overlay",
                             keeps_read (overlays, index)
                             ? IMAGE_COPY_ON_READ : IMAGE,
                             &(struct qemu_nbd_spec) {
                               .mode = QEMU_NBD_WRITE,
                               .on_demand = true,
                             }, err);
  return overlay->writable != NULL ? 0 : -1;
}

int
overlays_serve (struct overlays *overlays, struct error *err)
{
  for (unsigned i = 0; i < overlays->n; i++)
    if (serve_writable (overlays, i, err) == -1)
      return -1;
  return 0;
}

const char *
overlay_uri (const struct overlays *overlays, unsigned index)
{
  return qemu_nbd_uri (overlays->overlays[index].writable);
}

const char *
overlay_socket (const struct overlays *overlays, unsigned index)
{
  return qemu_nbd_socket (overlays->overlays[index].writable);
}

int
overlays_stop (struct overlays *overlays, struct error *err)
{
  int r = 0;

  for (unsigned i = 0; i < overlays->n; i++) {
    struct overlay *overlay = &overlays->overlays[i];

    if (overlay->writable != NULL &&
        qemu_nbd_check (overlay->writable, err) == -1) {
      err->disk = (int) i;
      r = -1;
    }
    qemu_nbd_free (overlay->writable);
    overlay->writable = NULL;
  }
  return r;
}

/* qemu rounds a raw source up to whole sectors; the guest's disk has the
 * source's size, unless the conversion changed it.
 */
static uint64_t
view_size (const struct overlay *overlay, uint64_t virtual_size,
           uint64_t source_size)
{
  const uint64_t rounded = (source_size + 511) & ~UINT64_C (511);

  return is_raw (overlay) && virtual_size == rounded ? source_size
                                                     : virtual_size;
}

/* The view's URI, or NULL. */
static const char *
serve_view (struct overlays *overlays, unsigned index, const char *image,
            bool allocation_depth, struct error *err)
{
  struct overlay *overlay = &overlays->overlays[index];

  overlay->view = serve (overlays, index, "view", image,
                         &(struct qemu_nbd_spec) {
                           .mode = QEMU_NBD_READ,
                           .allocation_depth = allocation_depth,
                         }, err);
  return overlay->view == NULL ? NULL : qemu_nbd_uri (overlay->view);
}

/* A raw source: only what was written is read from the overlay. */
static int
open_raw_view (struct overlays *overlays, unsigned index, bool changed,
               struct overlay_view *ret, struct error *err)
{
  const struct launched_disk *disk = launch_disk (overlays->launch, index);

  ret->base_uri = launch_copy_uri (overlays->launch, index, err);
  if (ret->base_uri == NULL)
    return -1;
  ret->base_size = disk->size;
  ret->base_path = disk->plan.path;
  if (!changed)
    return 0;
  ret->overlay_uri = serve_view (overlays, index, IMAGE_WITHOUT_BACKING,
                                 true, err);
  return ret->overlay_uri == NULL ? -1 : 0;
}

/* The overlay names the server that its source was at when it was made; one
 * that was started since has another name.  (qemu takes no other name
 * for an NBD backing file than the one in the image.)
 */
static int
rebase_onto_source (struct overlays *overlays, unsigned index,
                    struct error *err)
{
  const struct launched_disk *disk = launch_disk (overlays->launch, index);
  struct overlay *overlay = &overlays->overlays[index];
  const struct qemu_img qemu = qemu_img_of (overlays->context, index);
  CLEANUP_FREE char *backing = NULL;

  if (overlay->backing_socket != NULL &&
      strcmp (overlay->backing_socket, disk->socket) == 0)
    return 0;
  backing = backing_name (disk, &overlay->info, err);
  if (backing == NULL ||
      qemu_img_rebase (&qemu, tempdir_path (overlays->dir), overlay->name,
                       backing, overlay->format, err) == -1)
    return -1;
  return remember_source (overlays, index, err);
}

/* Only qemu understands the format, so that all reads go through qemu. */
static int
open_qemu_view (struct overlays *overlays, unsigned index,
                struct overlay_view *ret, struct error *err)
{
  if (rebase_onto_source (overlays, index, err) == -1)
    return -1;
  ret->base_uri = serve_view (overlays, index, IMAGE, false, err);
  return ret->base_uri == NULL ? -1 : 0;
}

int
overlay_current_size (const struct overlays *overlays, unsigned index,
                      uint64_t *ret, struct error *err)
{
  const struct overlay *overlay = &overlays->overlays[index];
  const struct qemu_img qemu = qemu_img_of (overlays->context, index);
  CLEANUP_IMAGE_INFO struct image_info info = { .format = NULL };

  if (qemu_img_info (&qemu, overlay->path, "qcow2", &info, err) == -1)
    return -1;
  *ret = view_size (overlay, info.virtual_size,
                    launch_disk (overlays->launch, index)->size);
  return 0;
}

int
overlays_sync (const struct overlays *overlays, struct error *err)
{
  for (unsigned i = 0; i < overlays->n; i++)
    if (file_sync (overlays->overlays[i].path, err) == -1)
      return -1;
  if (file_sync_directory (tempdir_path (overlays->dir), err) == -1)
    return -1;
  return file_sync_directory (overlays->context->settings->overlay_dir, err);
}

void
overlays_keep (struct overlays *overlays)
{
  tempdir_keep (overlays->dir);
  tempdir_free (overlays->dir);
  overlays->dir = NULL;
}

int
overlay_open_view (struct overlays *overlays, unsigned index, bool changed,
                   struct overlay_view *ret, struct error *err)
{
  const struct launched_disk *disk = launch_disk (overlays->launch, index);
  const struct overlay *overlay = &overlays->overlays[index];

  *ret = (struct overlay_view) { .base_uri = NULL };
  if (!changed && is_raw (overlay))
    ret->size = disk->size;
  else if (overlay_current_size (overlays, index, &ret->size, err) == -1)
    return -1;
  return is_raw (overlay)
    ? open_raw_view (overlays, index, changed, ret, err)
    : open_qemu_view (overlays, index, ret, err);
}

void
overlays_close_views (struct overlays *overlays)
{
  for (unsigned i = 0; i < overlays->n; i++) {
    qemu_nbd_free (overlays->overlays[i].view);
    overlays->overlays[i].view = NULL;
  }
}

int
overlays_check (const struct overlays *overlays, struct error *err)
{
  for (unsigned i = 0; i < overlays->n; i++) {
    const struct qemu_nbd *view = overlays->overlays[i].view;

    if (view != NULL && qemu_nbd_check (view, err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  }
  return 0;
}
