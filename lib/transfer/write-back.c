/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Goes through the steps of writing back.  For step 3 qemu-nbd serves each
 * overlay without its backing file, and the copy engine writes the overlay's
 * allocated extents to the disk.  Which disks can be written to is left to
 * write-back-disks.c, the records to write-back-record.c.
 */

#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/i18n.h"
#include "context.h"
#include "copy/copy.h"
#include "guest/guest.h"
#include "io/disk-identity.h"
#include "io/reader.h"
#include "io/tempdir.h"
#include "launch/launch.h"
#include "launch/opening.h"
#include "launch/overlay.h"
#include "qemu/qemu-nbd.h"
#include "settings.h"
#include "target/target.h"
#include "transfer/transfer-request.h"
#include "transfer/write-back-disks.h"
#include "transfer/write-back-done.h"
#include "transfer/write-back-image.h"
#include "transfer/write-back-record.h"
#include "transfer/write-back-view.h"
#include "transfer/write-back.h"

#define ID_BYTES 16

/*--- Steps 1 and 2. ---*/

static int
make_id (struct write_back *wb, struct error *err)
{
  unsigned char bytes[ID_BYTES];

  if (getrandom (bytes, sizeof bytes, 0) != sizeof bytes)
    return error_errno (err, REASON_INTERNAL, "getrandom");
  free (wb->id);
  wb->id = alloc_zero (2 * sizeof bytes + 1, err);
  if (wb->id == NULL)
    return -1;
  hex_encode (bytes, sizeof bytes, wb->id);
  return 0;
}

/* A conversion that has resized the disk cannot be written back. */
static int
take_overlay (struct write_back *wb, size_t index,
              const struct overlays *overlays, struct error *err)
{
  struct write_back_disk *disk = &wb->disks.ptr[index];
  const uint64_t before = overlay_size (overlays, (unsigned) index);
  const char *path = overlay_path (overlays, (unsigned) index);

  if (overlay_current_size (overlays, (unsigned) index, &disk->size,
                            err) == -1)
    return -1;
  if (disk->size != before)
    return error_set (err, REASON_CONVERT,
                      _("the command changed the size of the disk from %"
                        PRIu64 " to %" PRIu64 " bytes, which cannot be done "
                        "in place"), before, disk->size);
  return alloc_set (&disk->overlay, strrchr (path, '/') + 1, err);
}

int
write_back_take (struct write_back *wb, const struct overlays *overlays,
                 struct error *err)
{
  for (size_t i = 0; i < wb->disks.len; i++)
    if (take_overlay (wb, i, overlays, err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  return alloc_set (&wb->dir, overlays_dir (overlays), err);
}

static int
take_samples (struct write_back *wb, size_t index, const struct launch *launch,
              const char *socket, struct error *err)
{
  const struct launch_context *context = wb->context;
  struct write_back_disk *disk = &wb->disks.ptr[index];
  CLEANUP_READER struct reader *reader = NULL;
  struct ranges written = { .ptr = NULL };
  struct qemu_nbd *view = view_open (wb, index, socket, err);
  int r = view == NULL ? -1 : view_list (wb, index, view, &written, err);

  qemu_nbd_free (view);
  if (r == 0)
    r = samples_choose (&written, disk->size, &disk->samples, err);
  ranges_reset (&written);
  if (r == -1)
    return -1;
  /* Not from an NBD server itself, which may allow one client. */
  reader = !disk->is_nbd ? write_back_read (wb, disk, err)
    : reader_nbd_new (launch_disk (launch, (unsigned) index)->uri,
                      context->settings->startup_timeout_s,
                      context->supervisor, err);
  return reader == NULL ? -1
    : samples_digest (&disk->samples, reader, disk->samples.digest, err);
}

/* Another disk may have got the name meanwhile.  It would not be written to,
 * but it is the one that the guest is started from.
 */
static int
check_identity (const struct write_back_disk *disk, struct error *err)
{
  CLEANUP_FREE char *now = disk->is_nbd ? NULL
    : disk_identity_of_path (disk->place, DISK_IDENTITY_DISK, err);

  if (disk->is_nbd)
    return 0;
  if (now == NULL)
    return -1;
  if (disk_identity_same (disk->identity, now))
    return 0;
  return error_set (err, REASON_TARGET_CHANGED,
                    _("%s is no longer the disk that it was when this run "
                      "started"),
                    disk->place);
}

/* What the record has to know of the disks and overlays as they are now. */
static int
describe_disk (struct write_back *wb, size_t index,
               const struct launch *launch, const char *dir,
               struct error *err)
{
  const struct launched_disk *launched = launch_disk (launch,
                                                      (unsigned) index);
  struct write_back_disk *disk = &wb->disks.ptr[index];
  CLEANUP_FREE char *socket = format (err, "%s/look%zu", dir, index);

  free (disk->overlay_identity);
  disk->overlay_identity = write_back_overlay_identity (wb, index, err);
  if (socket == NULL || disk->overlay_identity == NULL)
    return -1;
  /* Only qemu can read what is in a qcow2 image. */
  if (strcmp (disk->format, "raw") == 0
      ? take_samples (wb, index, launch, socket, err) == -1
      : write_back_digest_names (&launched->image, disk->names, err) == -1)
    return -1;
  return check_identity (disk, err);
}

static int
describe_disks (struct write_back *wb, const struct launch *launch,
                struct error *err)
{
  struct tempdir *dir = opening_dir_new (wb->context->guard, err);
  int r = dir == NULL ? -1 : 0;

  for (size_t i = 0; r == 0 && i < wb->disks.len; i++) {
    r = describe_disk (wb, i, launch, tempdir_path (dir), err);
    if (r == -1)
      err->disk = (int) i;
  }
  tempdir_free (dir);
  return r;
}

int
write_back_commit (struct write_back *wb, struct overlays *overlays,
                   const struct launch *launch, struct error *err)
{
  if (make_id (wb, err) == -1 || write_back_forget_done (wb, err) == -1 ||
      overlays_sync (overlays, err) == -1 ||
      describe_disks (wb, launch, err) == -1)
    return -1;
  return record_store (wb, overlays, err);
}

/*--- Step 3. ---*/

/* A disk while it is being written. */
struct written_disk {
  const struct write_back_disk *disk;
  struct qemu_nbd *view;        /* serves the overlay alone */
  struct qemu_nbd *writer;      /* writes a qcow2 disk; or NULL */
  struct target *target;
  struct ranges ranges;    /* that the overlay has allocated */
};

struct writing {
  const struct write_back *wb;
  struct tempdir *dir;          /* for sockets */
  struct written_disk *disks;
  struct copy_disk *copies;
  struct copy_result *results;
};

static char *
socket_path (const struct writing *writing, const char *name, size_t index,
             struct error *err)
{
  return format (err, "%s/%s%zu", tempdir_path (writing->dir), name, index);
}

static int
open_view (const struct writing *writing, size_t index, struct error *err)
{
  struct written_disk *written = &writing->disks[index];
  CLEANUP_FREE char *socket = socket_path (writing, "view", index, err);

  if (socket == NULL)
    return -1;
  written->view = view_open (writing->wb, index, socket, err);
  return written->view == NULL ? -1
    : view_list (writing->wb, index, written->view, &written->ranges, err);
}

static int
open_qcow2 (const struct writing *writing, size_t index, struct error *err)
{
  struct written_disk *written = &writing->disks[index];
  const struct write_back_disk *disk = written->disk;
  CLEANUP_FREE char *socket = socket_path (writing, "disk", index, err);

  if (socket == NULL)
    return -1;
  written->writer = write_back_write_qcow2 (disk, socket, (int) index,
                                            writing->wb->context, err);
  if (written->writer == NULL)
    return -1;
  written->target = target_nbd_open (qemu_nbd_uri (written->writer),
                                     disk->size, TARGET_ZERO_AUTO, 0,
                                     writing->wb->context->supervisor, err);
  if (written->target != NULL)
    return write_back_check_opened (disk, written->writer, err);
  qemu_nbd_check (written->writer, err);
  return -1;
}

static int
open_target (const struct writing *writing, size_t index, struct error *err)
{
  const struct launch_context *context = writing->wb->context;
  struct written_disk *written = &writing->disks[index];
  const struct write_back_disk *disk = written->disk;

  if (check_identity (disk, err) == -1)
    return -1;
  if (disk->is_nbd)
    written->target = target_nbd_open (disk->place, disk->size,
                                       TARGET_ZERO_AUTO,
                                       context->settings->stall_timeout_s,
                                       context->supervisor, err);
  else if (strcmp (disk->format, "raw") == 0)
    written->target = target_device_open (disk->fd, disk->place, disk->size,
                                          TARGET_ZERO_AUTO, err);
  else
    return open_qcow2 (writing, index, err);
  return written->target != NULL ? 0 : -1;
}

static int
announce (const struct writing *writing, size_t index, struct error *err)
{
  const struct written_disk *written = &writing->disks[index];
  CLEANUP_FREE char *overlay = format (err, "%s/%s", writing->wb->dir,
                                       written->disk->overlay);
  char name[DISK_NAME_MAX];

  if (overlay == NULL)
    return -1;
  events_emit (writing->wb->context->events, &(struct event) {
      .type = EVENT_DISK, .disk = (int) index,
      .opened = { .name = disk_name ((unsigned) index, name),
                  .size = written->disk->size,
                  .uri = qemu_nbd_uri (written->view), .overlay = overlay,
                  .target = written->disk->place },
    });
  return 0;
}

static int
open_disk (const struct writing *writing, size_t index, struct error *err)
{
  struct written_disk *written = &writing->disks[index];

  written->disk = &writing->wb->disks.ptr[index];
  if (open_view (writing, index, err) == -1 ||
      open_target (writing, index, err) == -1)
    return -1;
  writing->copies[index] = (struct copy_disk) {
    .index = (int) index,
    .base_uri = qemu_nbd_uri (written->view),
    .size = written->disk->size,
    .limits = { 2, 4, 4, 1 << 20, 2 << 20 },
    .target = written->target,
    .ranges = &written->ranges,
  };
  return announce (writing, index, err);
}

/* qemu-nbd writes the last metadata of a qcow2 image when it ends. */
static int
close_disk (const struct writing *writing, struct written_disk *written,
            struct error *err)
{
  const struct settings *settings = writing->wb->context->settings;
  int r = written->target != NULL ? target_failure (written->target, err) : 0;

  target_free (written->target);
  if (r == 0 && written->writer != NULL)
    r = qemu_nbd_end (written->writer, settings->stall_timeout_s, err);
  else if (written->writer != NULL)
    qemu_nbd_abandon (written->writer);
  qemu_nbd_free (written->writer);
  qemu_nbd_free (written->view);
  ranges_reset (&written->ranges);
  return r;
}

static int
copy_all (const struct writing *writing, struct error *err)
{
  const size_t n = writing->wb->disks.len;

  for (size_t i = 0; i < n; i++)
    if (open_disk (writing, i, err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  return copy_run (writing->copies, (unsigned) n, "copy", NULL,
                   writing->wb->context, writing->results, err);
}

static int
copy_and_close (const struct writing *writing, struct transfer_disk *ret,
                struct error *err)
{
  const struct write_back_disks *disks = &writing->wb->disks;
  int r = copy_all (writing, err);

  for (size_t i = 0; i < disks->len; i++)
    if (close_disk (writing, &writing->disks[i], err) == -1)
      r = -1;
  for (size_t i = 0; r == 0 && i < disks->len; i++)
    ret[i] = (struct transfer_disk) {
      .size = disks->ptr[i].size,
      .target = disks->ptr[i].place,
      .format = disks->ptr[i].format,
      .result = writing->results[i],
    };
  return r;
}

static int
write_disks (const struct write_back *wb, struct transfer_disk *ret,
             struct error *err)
{
  const size_t n = wb->disks.len;
  const struct writing writing = {
    .wb = wb,
    .dir = opening_dir_new (wb->context->guard, err),
    .disks = alloc_zero (n * sizeof *writing.disks, err),
    .copies = alloc_zero (n * sizeof *writing.copies, err),
    .results = alloc_zero (n * sizeof *writing.results, err),
  };
  const int r = error_is_set (err) ? -1 : copy_and_close (&writing, ret, err);

  tempdir_free (writing.dir);
  free (writing.disks);
  free (writing.copies);
  free (writing.results);
  return r;
}

static int
hint_incomplete (const struct write_back *wb, struct error *err)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *hint =
    format (&ignored, _("the changes are kept in %s: run the same command "
                        "again to finish writing them to the disks, which "
                        "are incomplete until then"), wb->dir);

  err->resumable = true;
  if (hint != NULL)
    error_add_hint (err, hint);
  return -1;
}

int
write_back_apply (struct write_back *wb, struct transfer_disk *ret,
                  struct error *err)
{
  return write_disks (wb, ret, err) == 0 ? 0 : hint_incomplete (wb, err);
}

int
write_back_end (const struct write_back *wb, struct error *err)
{
  return record_remove (wb, err) == 0 ? 0 : hint_incomplete (wb, err);
}
