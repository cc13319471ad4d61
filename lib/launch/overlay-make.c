/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Makes the files of an overlay, or takes those that an earlier run has made,
 * and names what is below: the source itself where it is plain and what is
 * read of it need not be kept, and else a server of ours (overlay-serve.c).
 */

#include <config.h>

#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/uri.h"
#include "context.h"
#include "guest/guest.h"
#include "io/confine.h"
#include "io/tempdir.h"
#include "launch/backing.h"
#include "launch/launch.h"
#include "launch/overlay-internal.h"
#include "launch/overlay.h"
#include "qemu/qemu-img.h"
#include "settings.h"

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

/* An image is read through a server of ours, so that a program that opens the
 * overlay, also from its file as virt-v2v does, never interprets by itself
 * what comes from outside.  So is what is to be kept when it was read: a
 * conversion's reads, 10 ms each, of a guest of Debian 12 with virt-v2v's
 * inspection and an archive of its modules: 4,706 and 151 s without, 300 and
 * 89 s with it.
 */
static int
name_read (struct overlays *overlays, unsigned index, bool keep,
           struct error *err)
{
  const struct launched_disk *disk = launch_disk (overlays->launch, index);
  struct overlay *overlay = &overlays->overlays[index];

  if (disk->image.plain && !keep)
    return 0;
  if (keep) {
    overlay->read_name = format (err, "%s-read.qcow2", disk->name);
    if (overlay->read_name == NULL)
      return -1;
  }
  overlay->read_socket = format (err, "%s/read%u",
                                 launch_dir (overlays->launch), index);
  if (overlay->read_socket == NULL)
    return -1;
  overlay->read_uri = uri_of_unix_socket (overlay->read_socket, err);
  return overlay->read_uri != NULL ? 0 : -1;
}

int
overlay_name_source (struct overlays *overlays, unsigned index,
                     struct error *err)
{
  struct overlay *overlay = &overlays->overlays[index];

  free (overlay->source);
  overlay->source = backing_name (launch_disk (overlays->launch, index),
                                  &overlay->info, err);
  return overlay->source != NULL ? 0 : -1;
}

static void
hint_space (const struct overlays *overlays, struct error *err)
{
  error_hint (err, _("free some space in %s, or name another directory with "
                     "--overlay-dir DIR"),
              overlays->context->settings->overlay_dir);
}

/* It is known what the source is: qemu does not look at it, which over a
 * network takes many round trips.
 */
static int
create_over (struct overlays *overlays, unsigned index, const char *name,
             const char *backing, const char *format, unsigned cluster,
             struct error *err)
{
  const struct qemu_img qemu = qemu_img_of (overlays->context, index);

  return qemu_img_create_overlay (&qemu, tempdir_path (overlays->dir), name,
                                  backing, format,
                                  overlay_size (overlays, index), cluster,
                                  err);
}

static int
create_over_source (struct overlays *overlays, unsigned index,
                    const char *name, unsigned cluster, struct error *err)
{
  return create_over (overlays, index, name,
                      overlays->overlays[index].source,
                      image_driver (&launch_disk (overlays->launch,
                                                  index)->image),
                      cluster, err);
}

static int
create_files (struct overlays *overlays, unsigned index, struct error *err)
{
  const struct overlay *overlay = &overlays->overlays[index];

  if (overlay->read_uri == NULL)
    return create_over_source (overlays, index, overlay->name,
                               OVERLAY_CLUSTER, err);
  if (overlay->read_name != NULL &&
      create_over_source (overlays, index, overlay->read_name,
                          OVERLAY_CLUSTER_MAX, err) == -1)
    return -1;
  return create_over (overlays, index, overlay->name, overlay->read_uri,
                      "raw", OVERLAY_CLUSTER, err);
}

static int
note_socket (struct overlays *overlays, unsigned index, struct error *err)
{
  return alloc_set (&overlays->overlays[index].source_socket,
                    launch_disk (overlays->launch, index)->socket, err);
}

static int
make_files (struct overlays *overlays, unsigned index, struct error *err)
{
  if (create_files (overlays, index, err) == 0)
    return note_socket (overlays, index, err);
  if (err->reason == REASON_SPACE)
    hint_space (overlays, err);
  return -1;
}

int
overlay_put_over_source (struct overlays *overlays, unsigned index,
                         struct error *err)
{
  const struct launched_disk *disk = launch_disk (overlays->launch, index);
  const struct overlay *overlay = &overlays->overlays[index];
  const struct qemu_img qemu = qemu_img_of (overlays->context, index);

  if (overlay_name_source (overlays, index, err) == -1 ||
      qemu_img_rebase (&qemu, tempdir_path (overlays->dir),
                       overlay->read_name, overlay->source,
                       image_driver (&disk->image), err) == -1)
    return -1;
  return note_socket (overlays, index, err);
}

static int
look_at_source (struct overlays *overlays, unsigned index, struct error *err)
{
  const struct launched_disk *disk = launch_disk (overlays->launch, index);
  const char *dir = tempdir_path (overlays->dir);

  if (backing_keep_head (disk, dir, err) == 0)
    return backing_inspect (disk, index, dir, overlays->context,
                            &overlays->overlays[index].info, err);
  if (err->reason == REASON_SPACE)
    hint_space (overlays, err);
  return -1;
}

int
overlay_open (struct overlays *overlays, unsigned index, bool make,
              struct error *err)
{
  const struct launched_disk *disk = launch_disk (overlays->launch, index);
  struct overlay *overlay = &overlays->overlays[index];

  overlay->path = format (err, "%s/%s.qcow2", tempdir_path (overlays->dir),
                          disk->name);
  if (overlay->path == NULL)
    return -1;
  overlay->name = strrchr (overlay->path, '/') + 1;
  if (name_read (overlays, index, make ? keeps_read (overlays, index)
                 : has_kept_read (overlays, index), err) == -1)
    return -1;
  if (!disk->image.plain && look_at_source (overlays, index, err) == -1)
    return -1;
  if (overlay_name_source (overlays, index, err) == -1)
    return -1;
  return make ? make_files (overlays, index, err) : 0;
}
