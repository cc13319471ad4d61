/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Asks a qemu-nbd what its image has allocated itself.  What is done with that
 * is left to those who copy it: --in-place writes it back, and a copy that ran
 * beside the conversion is changed by it.
 */

#include <config.h>

#include <inttypes.h>

#include <libnbd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "io/nbd-conn.h"
#include "qemu/qemu-map.h"
#include "qemu/qemu-nbd.h"

#define QUERY_MAX (UINT64_C (1) << 30)
#define QUERY_TIMEOUT_MS 60000
#define CONTEXT_DEPTH "qemu:allocation-depth"
/* 0: in no image of the chain; 2 and more: in one below. */
#define DEPTH_ITSELF 1

struct listing {
  const struct qemu_nbd *server;
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

    if (entries[i + 1] == DEPTH_ITSELF &&
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
  if (error_is_set (err) || qemu_nbd_check (listing->server, err) == -1)
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

    wait->deadline_ms = clock_ms () + QUERY_TIMEOUT_MS;
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

int
qemu_map_list (const struct qemu_nbd *server, uint64_t size,
               struct supervisor *supervisor, struct ranges *ret,
               struct error *err)
{
  static const char *const contexts[] = { CONTEXT_DEPTH, NULL };
  struct nbd_wait wait = {
    .supervisor = supervisor,
    .deadline_ms = clock_ms () + QUERY_TIMEOUT_MS,
  };
  struct listing listing = { .server = server, .size = size, .ranges = ret };
  struct nbd_handle *nbd =
    nbd_conn_connect (qemu_nbd_uri (server), contexts, &wait, err);
  int r;

  if (nbd == NULL)
    return cannot_list (&listing, err);
  r = list_with (&listing, nbd, &wait, err);
  nbd_close (nbd);
  return r;
}
