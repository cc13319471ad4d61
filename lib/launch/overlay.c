/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The qcow2 overlays: making them over the sources that launch.c serves, and
 * keeping or removing them.  overlay-serve.c serves them, overlay-look.c
 * judges what a conversion has left, and backing.c the image below an overlay.
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
#include "base/uri.h"
#include "context.h"
#include "guest/guest.h"
#include "io/confine.h"
#include "io/disk-identity.h"
#include "io/tempdir.h"
#include "launch/backing.h"
#include "launch/launch.h"
#include "launch/named-file.h"
#include "launch/opening.h"
#include "launch/overlay-internal.h"
#include "launch/overlay.h"
#include "launch/pace.h"
#include "qemu/qemu-img.h"
#include "qemu/qemu-nbd.h"
#include "settings.h"

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

/* Is what a conversion reads of the disk to be kept? */
static bool
keeps_read (const struct overlays *overlays, unsigned index)
{
  return overlays->keep_read &&
    launch_disk (overlays->launch, index)->plan.source->remote;
}

/* Has an earlier run left what was read beside the overlay? */
static bool
has_kept_read (const struct overlays *overlays, unsigned index)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *path =
    format (&ignored, "%s/%s-read.qcow2", tempdir_path (overlays->dir),
            launch_disk (overlays->launch, index)->name);
  struct stat st;

  return path != NULL && lstat (path, &st) == 0;
}

/* Whoever reads the overlay, also from its file as virt-v2v does, then reads
 * through a server that keeps what it has read.  A conversion's reads, 10 ms
 * each, of a guest of Debian 12 with virt-v2v's inspection and an archive of
 * its modules: 4,706 and 151 s without, 300 and 89 s with it.
 */
static int
name_read (struct overlays *overlays, unsigned index, struct error *err)
{
  struct overlay *overlay = &overlays->overlays[index];

  overlay->read_name =
    format (err, "%s-read.qcow2", launch_disk (overlays->launch, index)->name);
  overlay->read_socket = format (err, "%s/read%u",
                                 launch_dir (overlays->launch), index);
  if (overlay->read_name == NULL || overlay->read_socket == NULL)
    return -1;
  overlay->read_uri = uri_of_unix_socket (overlay->read_socket, err);
  return overlay->read_uri != NULL ? 0 : -1;
}

static int
name_backing (struct overlays *overlays, unsigned index, struct error *err)
{
  struct overlay *overlay = &overlays->overlays[index];

  free (overlay->backing);
  overlay->backing = backing_name (launch_disk (overlays->launch, index),
                                   &overlay->info, err);
  return overlay->backing != NULL ? 0 : -1;
}

/* The size that the overlay must have, where qemu could take another one from
 * the source; 0: qemu takes the right one.
 */
static uint64_t
size_to_state (const struct launched_disk *disk)
{
  return image_is_raw (&disk->image) ? 0 : disk->image.size;
}

static int
put_over_source (struct overlays *overlays, unsigned index, bool make,
                 struct error *err)
{
  const struct launched_disk *disk = launch_disk (overlays->launch, index);
  struct overlay *overlay = &overlays->overlays[index];
  const char *dir = tempdir_path (overlays->dir);
  const char *source_format = image_driver (&disk->image);
  const char *name = overlay->read_name != NULL ? overlay->read_name
    : overlay->name;
  const unsigned cluster = overlay->read_name != NULL ? CLUSTER_READ_AHEAD
    : CLUSTER;
  struct qemu_img qemu = qemu_img_of (overlays->context, index);
  CLEANUP_CONFINE struct confine files = { .rules = NULL };
  int r;

  if (name_backing (overlays, index, err) == -1 ||
      named_file_allow (disk, &files, err) == -1)
    return -1;
  qemu.files = &files;
  if (make && pace_keep (&disk->plan, overlays->context, err) == -1)
    return -1;
  r = make ? qemu_img_create_overlay (&qemu, dir, name, overlay->backing,
                                      source_format, size_to_state (disk),
                                      cluster, err)
           : qemu_img_rebase (&qemu, dir, name, overlay->backing,
                              source_format, err);
  if (r == 0 && make && overlay->read_name != NULL)
    r = qemu_img_create_over (&qemu, dir, overlay->name, overlay->read_uri,
                              overlay_size (overlays, index), err);
  if (r == -1 && err->reason == REASON_SPACE)
    error_hint (err, _("free some space in %s, or name another directory with "
                       "--overlay-dir DIR"),
                overlays->context->settings->overlay_dir);
  return r == 0 ? alloc_set (&overlay->backing_socket, disk->socket, err) : -1;
}

int
overlay_put_over_source (struct overlays *overlays, unsigned index,
                         struct error *err)
{
  return put_over_source (overlays, index, false, err);
}

static int
open_overlay (struct overlays *overlays, unsigned index, bool make,
              struct error *err)
{
  const struct launched_disk *disk = launch_disk (overlays->launch, index);
  struct overlay *overlay = &overlays->overlays[index];

  overlay->path = format (err, "%s/%s.qcow2", tempdir_path (overlays->dir),
                          disk->name);
  if (overlay->path == NULL)
    return -1;
  overlay->name = strrchr (overlay->path, '/') + 1;
  if ((make ? keeps_read (overlays, index)
            : has_kept_read (overlays, index)) &&
      name_read (overlays, index, err) == -1)
    return -1;
  if (!disk->image.plain &&
      backing_inspect (disk, index, overlays->context, &overlay->info,
                       err) == -1)
    return -1;
  return make ? put_over_source (overlays, index, true, err)
              : name_backing (overlays, index, err);
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
  opening_warn_exposed (overlays->dir, context);
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
    overlays_keep (overlays, err);
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
  return disk_identity_of_path (path, DISK_IDENTITY_CONTENT, err);
}

void
overlays_free (struct overlays *overlays)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  if (overlays == NULL)
    return;
  for (unsigned i = 0; i < overlays->n; i++) {
    struct overlay *overlay = &overlays->overlays[i];

    qemu_nbd_free (overlay->writable);
    qemu_nbd_free (overlay->reader);
    qemu_nbd_free (overlay->view);
    free (overlay->path);
    free (overlay->read_name);
    free (overlay->read_socket);
    free (overlay->read_uri);
    free (overlay->backing);
    free (overlay->backing_socket);
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
  const bool read = overlay->read_name != NULL;
  const struct overlay_look look = {
    .dir = tempdir_path (overlays->dir),
    .name = overlay->name,
    .backing = read ? overlay->read_uri : overlay->backing,
    .backing_format = read ? "raw" : image_driver (&disk->image),
    .socket = read ? overlay->read_socket : disk->socket,
    .earlier_run = overlay->backing_socket == NULL,
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
  return blocks * fs.f_frsize < CLUSTER_READ_AHEAD;
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
        sync_read (overlays, i, err) == -1)
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

