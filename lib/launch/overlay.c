/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The qcow2 overlays over the sources that launch.c serves: all that is asked
 * of them, and keeping or removing them.  overlay-make.c makes their files,
 * overlay-serve.c serves them, overlay-look.c judges what a conversion has
 * left, and backing.c the image below an overlay.
 */

#include <config.h>

#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/file.h"
#include "base/i18n.h"
#include "context.h"
#include "guest/guest.h"
#include "io/disk-identity.h"
#include "io/tempdir.h"
#include "launch/backing.h"
#include "launch/launch.h"
#include "launch/opening.h"
#include "launch/overlay-internal.h"
#include "launch/overlay.h"
#include "qemu/qemu-img.h"
#include "qemu/qemu-nbd.h"
#include "settings.h"

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
  opening_warn_exposed (overlays->dir, context);
  while (overlays->n < n) {
    const unsigned i = overlays->n++; /* to be freed when half made */

    if (overlay_open (overlays, i, dir == NULL, err) == -1) {
      err->disk = (int) i;
      goto error;
    }
  }
  return overlays;

 error:
  if (dir != NULL && overlays->dir != NULL)
    overlays_keep (overlays, err);
  overlays_free (overlays);
  return NULL;
}

const char *
overlays_dir (const struct overlays *overlays)
{
  return overlays->dir != NULL ? tempdir_path (overlays->dir) : NULL;
}

void
overlays_tell_kept (const char *dir, const struct launch_context *context)
{
  if (context->settings->keep_overlay)
    events_say (context->events, EVENT_MESSAGE, -1,
                _("The overlays are kept in %s"), dir);
}

char *
overlay_identity (const char *dir, unsigned index, struct error *err)
{
  CLEANUP_FREE char *path = NULL;
  char name[DISK_NAME_MAX];
  struct stat st;

  path = format (err, "%s/%s.qcow2", dir, disk_name (index, name));
  if (path == NULL || lstat (path, &st) == -1 || !S_ISREG (st.st_mode))
    return NULL;
  return disk_identity_of_path (path, DISK_IDENTITY_CONTENT, err);
}

void
overlays_free (struct overlays *overlays)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  if (overlays == NULL)
    return;
  overlays_close_views (overlays);
  for (unsigned i = 0; i < overlays->n; i++) {
    struct overlay *overlay = &overlays->overlays[i];

    qemu_nbd_free (overlay->writable);
    qemu_nbd_free (overlay->reader);
    free (overlay->path);
    free (overlay->read_name);
    free (overlay->read_socket);
    free (overlay->read_uri);
    free (overlay->source);
    free (overlay->source_socket);
    image_info_reset (&overlay->info);
  }
  if (overlays->context->settings->keep_overlay && overlays->dir != NULL)
    tempdir_keep (overlays->dir, &ignored);
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

  return disk->image.size != 0 ? disk->image.size
    : overlays->overlays[index].info.virtual_size;
}

static int
examine (struct overlays *overlays, unsigned index, struct error *err)
{
  const struct launched_disk *disk = launch_disk (overlays->launch, index);
  struct overlay *overlay = &overlays->overlays[index];
  const bool read = overlay->read_uri != NULL;
  const struct overlay_look look = {
    .dir = tempdir_path (overlays->dir),
    .name = overlay->name,
    .backing = read ? overlay->read_uri : overlay->source,
    .backing_format = read ? "raw" : image_driver (&disk->image),
    .socket = read ? overlay->read_socket : disk->socket,
    .earlier_run = overlay->source_socket == NULL,
    .index = index,
  };

  if (overlay_look (&look, overlays->context, &overlay->found, err) == -1)
    return -1;
  overlay->examined = true;
  if (overlay->found.whole)
    events_say (overlays->context->events, EVENT_INFO, (int) index,
                _("the command has left the overlay of %s without a backing "
                  "file: the whole disk is read from the overlay"),
                disk->name);
  return 0;
}

int
overlays_examine (struct overlays *overlays, struct error *err)
{
  for (unsigned i = 0; i < overlays->n; i++)
    if (examine (overlays, i, err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  return 0;
}

bool
overlay_is_whole (const struct overlays *overlays, unsigned index)
{
  return overlays->overlays[index].found.whole;
}

bool
overlays_are_full (const struct overlays *overlays)
{
  struct statvfs fs;
  uint64_t blocks;

  if (statvfs (tempdir_path (overlays->dir), &fs) == -1 ||
      fs.f_blocks == 0)         /* it reports nothing */
    return false;
  blocks = geteuid () == 0 ? fs.f_bfree : fs.f_bavail;
  return blocks * fs.f_frsize < OVERLAY_CLUSTER_MAX;
}

static int
find_virtual_size (const struct overlays *overlays, unsigned index,
                   uint64_t *ret, struct error *err)
{
  const struct qemu_img qemu = qemu_img_of (overlays->context, index);
  CLEANUP_IMAGE_INFO struct image_info info = { .format = NULL };

  if (qemu_img_info (&qemu, overlay_path (overlays, index), "qcow2", &info,
                     err) == -1)
    return -1;
  *ret = info.virtual_size;
  return 0;
}

/* qemu rounds a raw source up to whole sectors; the guest's disk has the
 * source's size, unless the conversion changed it.
 */
int
overlay_current_size (const struct overlays *overlays, unsigned index,
                      uint64_t *ret, struct error *err)
{
  const struct launched_disk *disk = launch_disk (overlays->launch, index);
  const struct overlay *overlay = &overlays->overlays[index];
  const uint64_t rounded = (disk->image.size + 511) & ~UINT64_C (511);
  uint64_t size = overlay->found.virtual_size;

  if (!overlay->examined &&
      find_virtual_size (overlays, index, &size, err) == -1)
    return -1;
  *ret = disk->image.plain && size == rounded ? disk->image.size : size;
  return 0;
}

static int
sync_read (const struct overlays *overlays, unsigned index, struct error *err)
{
  const char *name = overlays->overlays[index].read_name;
  CLEANUP_FREE char *path = NULL;

  if (name == NULL)
    return 0;
  path = format (err, "%s/%s", tempdir_path (overlays->dir), name);
  return path != NULL ? file_sync (path, err) : -1;
}

int
overlays_sync (const struct overlays *overlays, struct error *err)
{
  for (unsigned i = 0; i < overlays->n; i++)
    if (file_sync (overlays->overlays[i].path, err) == -1 ||
        sync_read (overlays, i, err) == -1 ||
        backing_sync_head (launch_disk (overlays->launch, i),
                           tempdir_path (overlays->dir), err) == -1)
      return -1;
  if (file_sync_directory (tempdir_path (overlays->dir), err) == -1)
    return -1;
  return file_sync_directory (overlays->context->settings->overlay_dir, err);
}

int
overlays_keep (struct overlays *overlays, struct error *err)
{
  const int r = tempdir_keep (overlays->dir, err);

  tempdir_free (overlays->dir);
  overlays->dir = NULL;
  return r;
}

