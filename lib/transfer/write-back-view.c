/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Serves an overlay without its backing file, and asks what it has allocated:
 * that is what is written back.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>

#include <libnbd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "context.h"
#include "io/confine.h"
#include "io/nbd-conn.h"
#include "launch/overlay-look.h"
#include "qemu/qemu-nbd.h"
#include "transfer/write-back-disks.h"
#include "transfer/write-back-view.h"

#define QUERY_MAX (UINT64_C (1) << 30)
#define QUERY_TIMEOUT_MS 60000
#define CONTEXT_DEPTH "qemu:allocation-depth"

struct qemu_nbd *
view_open (const struct write_back *wb, size_t index, const char *socket,
           struct error *err)
{
  CLEANUP_FREE char *image =
    format (err, "json:{\"driver\":\"qcow2\",\"backing\":null,"
            "\"file\":{\"driver\":\"file\",\"filename\":\"%s\"}}",
            wb->disks.ptr[index].overlay);
  CLEANUP_CONFINE struct confine files = { .rules = NULL };

  return image == NULL ||
    confine_path (&files, wb->dir, CONFINE_READ, err) == -1 ? NULL
    : qemu_nbd_new (&(struct qemu_nbd_spec) {
        .socket = socket, .dir = wb->dir, .image = image,
        .mode = QEMU_NBD_READ, .files = &files, .allocation_depth = true,
        .disk = (int) index,
      }, wb->context, err);
}

/*--- What it has allocated. ---*/

struct listing {
  const struct qemu_nbd *view;
  uint64_t size;                /* bytes of the disk */
  struct ranges *ranges;
  uint64_t listed;              /* bytes whose extents are known */
  bool failed;                  /* no memory for ranges */
};

static int
note_extents (void *data, const char *context __attribute__ ((unused)),
              uint64_t offset, uint32_t *entries, size_t n,
              int *error __attribute__ ((unused)))
{
  struct listing *listing = data;

  if (offset != listing->listed)
    return 0;
  for (size_t i = 0; i + 1 < n; i += 2) {
    const uint64_t left = listing->size - listing->listed;
    const uint64_t len = entries[i] < left ? entries[i] : left;

    /* Otherwise it is not allocated in the overlay. */
    if (entries[i + 1] != 0 &&
        ranges_add (listing->ranges, (struct range) {
            .offset = listing->listed, .len = len }) == -1)
      listing->failed = true;
    listing->listed += len;
  }
  return 0;
}

static int
cannot_list (const struct listing *listing, struct error *err)
{
  if (error_is_set (err) || qemu_nbd_check (listing->view, err) == -1)
    return -1;
  return error_set (err, REASON_READ,
                    _("cannot read the overlay's map at offset %" PRIu64),
                    listing->listed);
}

static int
list_with (struct listing *listing, struct nbd_handle *nbd,
           struct nbd_wait *wait, struct error *err)
{
  const nbd_extent_callback callback = {
    .callback = note_extents, .user_data = listing };

  if (nbd_can_meta_context (nbd, CONTEXT_DEPTH) != 1)
    return error_set (err, REASON_UNSUPPORTED,
                      _("qemu-nbd does not report what is allocated in the "
                        "overlay"));
  while (listing->listed < listing->size) {
    const uint64_t from = listing->listed, left = listing->size - from;

    if (nbd_conn_wait (nbd, nbd_aio_block_status (
                         nbd, left < QUERY_MAX ? left : QUERY_MAX, from,
                         callback, NBD_NULL_COMPLETION, 0),
                       wait, err) == -1 ||
        listing->listed == from)
      return cannot_list (listing, err);
    if (listing->failed)
      return error_nomem (err);
  }
  return 0;
}

/* An overlay that needs no other image holds the whole disk: what it has not
 * allocated is zero.
 */
static int
list_all (uint64_t size, struct ranges *ret, struct error *err)
{
  if (size == 0 ||
      ranges_append (ret, (struct range) { .len = size }) == 0)
    return 0;
  return error_nomem (err);
}

int
view_list (const struct write_back *wb, size_t index,
           const struct qemu_nbd *view, struct ranges *ret,
           struct error *err)
{
  static const char *const contexts[] = { CONTEXT_DEPTH, NULL };
  struct nbd_wait wait = {
    .supervisor = wb->context->supervisor,
    .deadline_ms = clock_ms () + QUERY_TIMEOUT_MS,
  };
  struct listing listing = {
    .view = view, .size = wb->disks.ptr[index].size, .ranges = ret,
  };
  CLEANUP_FREE char *path = format (err, "%s/%s", wb->dir,
                                    wb->disks.ptr[index].overlay);
  struct nbd_handle *nbd;
  bool whole;
  int r;

  if (path == NULL || overlay_file_is_whole (path, &whole, err) == -1)
    return -1;
  if (whole)
    return list_all (listing.size, ret, err);
  nbd = nbd_conn_connect (qemu_nbd_uri (view), contexts, &wait, err);
  if (nbd == NULL)
    return cannot_list (&listing, err);
  r = list_with (&listing, nbd, &wait, err);
  nbd_close (nbd);
  return r;
}
