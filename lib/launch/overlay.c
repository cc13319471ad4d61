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
#include "copy/disk.h"
#include "guest/guest.h"
#include "io/tempdir.h"
#include "launch/backing.h"
#include "launch/launch.h"
#include "launch/overlay.h"
#include "qemu/qemu-img.h"
#include "qemu/qemu-nbd.h"
#include "settings.h"

struct overlay {
  char *path;
  char *backing_socket;         /* the socket that it names, or NULL */
  struct image_info info;       /* of a source that is not raw */
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

/* "sda.qcow2", in the directory. */
static const char *
name_of (const struct overlay *overlay)
{
  return strrchr (overlay->path, '/') + 1;
}

/* Make the overlay over the disk's source, or let it name that source again:
 * a server that was started since has another name.  (qemu takes no other
 * name for an NBD backing file than the one in the image.)
 */
static int
put_over_source (struct overlays *overlays, unsigned index, bool make,
                 struct error *err)
{
  const struct launched_disk *disk = launch_disk (overlays->launch, index);
  struct overlay *overlay = &overlays->overlays[index];
  const char *dir = tempdir_path (overlays->dir);
  const char *name = name_of (overlay);
  const char *source_format = disk_format (disk->disk);
  const unsigned cluster = keeps_read (overlays, index) ? CLUSTER_READ_AHEAD
                                                        : CLUSTER;
  const struct qemu_img qemu = qemu_img_of (overlays->context, index);
  CLEANUP_FREE char *backing = backing_name (disk, &overlay->info, err);
  int r;

  if (backing == NULL)
    return -1;
  r = make ? qemu_img_create_overlay (&qemu, dir, name, backing, source_format,
                                      cluster, err)
           : qemu_img_rebase (&qemu, dir, name, backing, source_format, err);
  return r == 0 ? alloc_set (&overlay->backing_socket, disk->socket, err) : -1;
}

static int
open_overlay (struct overlays *overlays, unsigned index, bool make,
              struct error *err)
{
  const struct launched_disk *disk = launch_disk (overlays->launch, index);
  struct overlay *overlay = &overlays->overlays[index];

  overlay->path = format (err, "%s/%s.qcow2", tempdir_path (overlays->dir),
                          disk->name);
  if (overlay->path == NULL ||
      (!disk_is_raw (disk->disk) &&
       backing_inspect (disk, index, overlays->context, &overlay->info,
                        err) == -1))
    return -1;
  return make ? put_over_source (overlays, index, true, err) : 0;
}

struct overlays *
overlays_new (struct launch *launch, const char *dir, bool keep_read,
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

    if (open_overlay (overlays, i, dir == NULL, err) == -1) {
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
    free (overlay->path);
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
  const struct launched_disk *disk = launch_disk (overlays->launch, index);

  return disk_is_raw (disk->disk)
    ? disk->size : overlays->overlays[index].info.virtual_size;
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
       const char *image, struct qemu_nbd_spec spec, struct error *err)
{
  CLEANUP_FREE char *socket =
    format (err, "%s/%s%u-%u", launch_dir (overlays->launch), name, index,
            overlays->sockets++);
  CLEANUP_FREE char *named =
    format (err, image, name_of (&overlays->overlays[index]));

  if (socket == NULL || named == NULL)
    return NULL;
  if (spec.mode == QEMU_NBD_WRITE)
    spec.written = overlay_path (overlays, index);
  spec.image = named;
  spec.socket = socket;
  spec.dir = tempdir_path (overlays->dir);
  spec.disk = (int) index;
  return qemu_nbd_new (&spec, overlays->context->supervisor,
                       overlays->context->events, err);
}

int
overlays_serve (struct overlays *overlays, struct error *err)
{
  const struct qemu_nbd_spec spec = {
    .mode = QEMU_NBD_WRITE, .on_demand = true,
  };

  for (unsigned i = 0; i < overlays->n; i++) {
    struct overlay *overlay = &overlays->overlays[i];

    overlay->writable = serve (overlays, i, "overlay", keeps_read (overlays, i)
                               ? IMAGE_COPY_ON_READ : IMAGE, spec, err);
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

const char *
overlay_socket (const struct overlays *overlays, unsigned index)
{
  return qemu_nbd_socket (overlays->overlays[index].writable);
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

/* The view's URI, or NULL. */
static const char *
serve_view (struct overlays *overlays, unsigned index, const char *image,
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

/* A raw source: only what was written is read from the overlay. */
static int
open_raw_view (struct overlays *overlays, unsigned index, bool changed,
               struct copy_disk *ret, struct error *err)
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

/* Only qemu understands the format, so that all reads go through qemu. */
static int
open_qemu_view (struct overlays *overlays, unsigned index,
                struct copy_disk *ret, struct error *err)
{
  const char *named = overlays->overlays[index].backing_socket;

  if ((named == NULL ||
       strcmp (named, launch_disk (overlays->launch, index)->socket) != 0) &&
      put_over_source (overlays, index, false, err) == -1)
    return -1;
  ret->base_uri = serve_view (overlays, index, IMAGE, false, err);
  return ret->base_uri == NULL ? -1 : 0;
}

/* qemu rounds a raw source up to whole sectors; the guest's disk has the
 * source's size, unless the conversion changed it.
 */
int
overlay_current_size (const struct overlays *overlays, unsigned index,
                      uint64_t *ret, struct error *err)
{
  const struct launched_disk *disk = launch_disk (overlays->launch, index);
  const uint64_t rounded = (disk->size + 511) & ~UINT64_C (511);
  const struct qemu_img qemu = qemu_img_of (overlays->context, index);
  CLEANUP_IMAGE_INFO struct image_info info = { .format = NULL };

  if (qemu_img_info (&qemu, overlay_path (overlays, index), "qcow2", &info,
                     err) == -1)
    return -1;
  *ret = disk_is_raw (disk->disk) && info.virtual_size == rounded
    ? disk->size : info.virtual_size;
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
                   struct copy_disk *ret, struct error *err)
{
  const struct launched_disk *disk = launch_disk (overlays->launch, index);
  const bool raw = disk_is_raw (disk->disk);

  if (!changed && raw)
    ret->size = disk->size;
  else if (overlay_current_size (overlays, index, &ret->size, err) == -1)
    return -1;
  return raw
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
