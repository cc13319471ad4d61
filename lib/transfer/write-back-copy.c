/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Step 3 of writing back: a qemu-nbd serves each overlay alone, and the copy
 * engine writes the extents that it has allocated to the disk.  It can be
 * done any number of times; when it is due is left to write-back.c.
 */

#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <libnbd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/events.h"
#include "base/file.h"
#include "base/format.h"
#include "base/i18n.h"
#include "context.h"
#include "copy/copy.h"
#include "guest/guest.h"
#include "io/nbd-conn.h"
#include "io/tempdir.h"
#include "launch/opening.h"
#include "qemu/qemu-nbd.h"
#include "settings.h"
#include "target/target.h"
#include "transfer/transfer-request.h"
#include "transfer/write-back-copy.h"
#include "transfer/write-back-data.h"

#define QUERY_MAX (UINT64_C (1) << 30)
#define QUERY_TIMEOUT_MS 60000
#define CONTEXT_DEPTH "qemu:allocation-depth"

/* A disk while it is written. */
struct applying {
  const struct write_back_disk *disk;
  struct qemu_nbd *view;        /* the overlay alone */
  struct qemu_nbd *writer;      /* of a qcow2 image, or NULL */
  struct target *target;
  struct copy_ranges ranges;    /* that the overlay has */
  uint64_t listed;
  bool failed;
};

struct apply {
  const struct write_back *wb;
  struct tempdir *dir;          /* for sockets */
  struct applying *disks;
  struct copy_disk *copies;
  struct copy_result *results;
};

static char *
socket_path (const struct apply *apply, const char *name, size_t index,
             struct error *err)
{
  return format (err, "%s/%s%zu", tempdir_path (apply->dir), name, index);
}

static int
open_view (const struct apply *apply, size_t index, struct error *err)
{
  const struct launch_context *context = apply->wb->context;
  struct applying *a = &apply->disks[index];
  CLEANUP_FREE char *socket = socket_path (apply, "view", index, err);
  CLEANUP_FREE char *image =
    format (err, "json:{\"driver\":\"qcow2\",\"backing\":null,"
            "\"file\":{\"driver\":\"file\",\"filename\":\"%s\"}}",
            a->disk->overlay);

  if (socket == NULL || image == NULL)
    return -1;
  a->view = qemu_nbd_new (&(struct qemu_nbd_spec) {
      .socket = socket, .dir = apply->wb->dir, .image = image,
      .mode = QEMU_NBD_READ, .allocation_depth = true, .disk = (int) index,
    }, context->supervisor, context->events, err);
  return a->view != NULL ? 0 : -1;
}

static int
note_extents (void *data, const char *context __attribute__ ((unused)),
              uint64_t offset, uint32_t *entries, size_t n,
              int *error __attribute__ ((unused)))
{
  struct applying *a = data;

  if (offset != a->listed)
    return 0;
  for (size_t i = 0; i + 1 < n && a->listed < a->disk->size; i += 2) {
    const uint64_t left = a->disk->size - a->listed;
    const uint64_t len = entries[i] < left ? entries[i] : left;
    struct copy_range *last = a->ranges.len > 0
      ? &a->ranges.ptr[a->ranges.len - 1] : NULL;

    if (entries[i + 1] == 0 || len == 0)
      ;                         /* the disk's own */
    else if (last != NULL && last->offset + last->len == a->listed)
      last->len += len;
    else if (copy_ranges_append (&a->ranges, (struct copy_range) {
          .offset = a->listed, .len = len }) == -1)
      a->failed = true;
    a->listed += len;
  }
  return 0;
}

static int
cannot_list (const struct applying *a, struct error *err)
{
  if (error_is_set (err) || qemu_nbd_check (a->view, err) == -1)
    return -1;
  return error_set (err, REASON_READ,
                    _("cannot read the overlay's map at offset %" PRIu64),
                    a->listed);
}

static int
list_with (struct applying *a, struct nbd_handle *nbd,
           struct nbd_wait *wait, struct error *err)
{
  const nbd_extent_callback callback = {
    .callback = note_extents, .user_data = a };

  if (nbd_can_meta_context (nbd, CONTEXT_DEPTH) != 1)
    return error_set (err, REASON_UNSUPPORTED,
                      _("qemu-nbd does not tell what the overlay has "
                        "allocated"));
  while (a->listed < a->disk->size) {
    const uint64_t from = a->listed, left = a->disk->size - from;

    if (nbd_conn_wait (nbd, nbd_aio_block_status (
                         nbd, left < QUERY_MAX ? left : QUERY_MAX, from,
                         callback, NBD_NULL_COMPLETION, 0),
                       wait, err) == -1 ||
        a->listed == from)
      return cannot_list (a, err);
    if (a->failed)
      return error_nomem (err);
  }
  return 0;
}

static int
list_extents (const struct apply *apply, struct applying *a,
              struct error *err)
{
  static const char *const contexts[] = { CONTEXT_DEPTH, NULL };
  struct nbd_wait wait = {
    .supervisor = apply->wb->context->supervisor,
    .deadline_ms = clock_ms () + QUERY_TIMEOUT_MS,
  };
  struct nbd_handle *nbd;
  int r;

  nbd = nbd_conn_connect (qemu_nbd_uri (a->view), contexts, &wait, err);
  if (nbd == NULL)
    return cannot_list (a, err);
  r = list_with (a, nbd, &wait, err);
  nbd_close (nbd);
  return r;
}

static int
open_target (const struct apply *apply, size_t index, struct error *err)
{
  const struct launch_context *context = apply->wb->context;
  struct applying *a = &apply->disks[index];
  const struct write_back_disk *disk = a->disk;
  CLEANUP_FREE char *socket = NULL;

  if (disk->is_nbd)
    a->target = target_nbd_open (disk->place, disk->size, TARGET_ZERO_AUTO,
                                 false, context->settings->stall_timeout_s,
                                 err);
  else if (strcmp (disk->format, "raw") == 0)
    a->target = target_device_open (disk->place, disk->size,
                                    TARGET_ZERO_AUTO, err);
  else {
    socket = socket_path (apply, "disk", index, err);
    if (socket == NULL)
      return -1;
    a->writer = qemu_nbd_write_qcow2 (disk->place, false, socket,
                                      (int) index, context->supervisor,
                                      context->events, err);
    if (a->writer == NULL)
      return -1;
    a->target = target_nbd_open (qemu_nbd_uri (a->writer), disk->size,
                                 TARGET_ZERO_AUTO, false, 0, err);
    if (a->target == NULL)
      qemu_nbd_check (a->writer, err);
  }
  return a->target != NULL ? 0 : -1;
}

static int
announce (const struct apply *apply, size_t index, struct error *err)
{
  const struct applying *a = &apply->disks[index];
  CLEANUP_FREE char *overlay = format (err, "%s/%s", apply->wb->dir,
                                       a->disk->overlay);
  char letters[DISK_LETTERS_MAX], name[16];

  if (overlay == NULL)
    return -1;
  disk_letters ((unsigned) index, letters);
  snprintf (name, sizeof name, "sd%s", letters);
  events_emit (apply->wb->context->events, &(struct event) {
      .type = EVENT_DISK, .disk = (int) index,
      .opened = { .name = name, .size = a->disk->size,
                  .uri = qemu_nbd_uri (a->view), .overlay = overlay,
                  .target = a->disk->place },
    });
  return 0;
}

static int
open_disk (const struct apply *apply, size_t index, struct error *err)
{
  struct applying *a = &apply->disks[index];

  a->disk = &apply->wb->disks.ptr[index];
  if (open_view (apply, index, err) == -1 ||
      list_extents (apply, a, err) == -1 ||
      open_target (apply, index, err) == -1)
    return -1;
  apply->copies[index] = (struct copy_disk) {
    .index = (int) index,
    .base_uri = qemu_nbd_uri (a->view),
    .size = a->disk->size,
    .limits = { 2, 4, 4, 1 << 20, 2 << 20 },
    .target = a->target,
    .ranges = &a->ranges,
  };
  return announce (apply, index, err);
}

/* qemu-nbd writes the last of an image's metadata when it ends. */
static int
close_disk (struct applying *a, struct error *err)
{
  int r = 0;

  target_free (a->target);
  if (a->writer != NULL)
    r = qemu_nbd_check (a->writer, err);
  qemu_nbd_free (a->writer);
  qemu_nbd_free (a->view);
  copy_ranges_reset (&a->ranges);
  if (r == 0 && a->writer != NULL)
    r = file_sync (a->disk->place, err);
  return r;
}

static int
copy_all (const struct apply *apply, struct error *err)
{
  const struct launch_context *context = apply->wb->context;
  const size_t n = apply->wb->disks.len;
  const struct copy_settings settings = {
    .parallel = context->settings->parallel,
    .retries = context->settings->retries,
    .stall_timeout_s = context->settings->stall_timeout_s,
  };

  for (size_t i = 0; i < n; i++)
    if (open_disk (apply, i, err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  return copy_run (apply->copies, (unsigned) n, &settings,
                   context->supervisor, context->events, apply->results, err);
}

static int
copy_and_close (const struct apply *apply, struct transfer_disk *ret,
                struct error *err)
{
  const struct write_back_disks *disks = &apply->wb->disks;
  int r = copy_all (apply, err);

  for (size_t i = 0; i < disks->len; i++)
    if (close_disk (&apply->disks[i], err) == -1)
      r = -1;
  for (size_t i = 0; r == 0 && i < disks->len; i++)
    ret[i] = (struct transfer_disk) {
      .size = disks->ptr[i].size,
      .target = disks->ptr[i].place,
      .format = disks->ptr[i].format,
      .result = apply->results[i],
    };
  return r;
}

int
write_back_copy (const struct write_back *wb, struct transfer_disk *ret,
                 struct error *err)
{
  const size_t n = wb->disks.len;
  const struct apply apply = {
    .wb = wb,
    .dir = opening_dir_new (wb->context->guard, err),
    .disks = alloc_zero (n * sizeof *apply.disks, err),
    .copies = alloc_zero (n * sizeof *apply.copies, err),
    .results = alloc_zero (n * sizeof *apply.results, err),
  };
  const int r = error_is_set (err) ? -1 : copy_and_close (&apply, ret, err);

  tempdir_free (apply.dir);
  free (apply.disks);
  free (apply.copies);
  free (apply.results);
  return r;
}
