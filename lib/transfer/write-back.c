/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Goes through the steps of writing back.  Which disks can be written to is
 * left to write-back-disks.c, the records to write-back-record.c, and copying
 * the extents to write-back-copy.c.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>
#include <sys/random.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/hex.h"
#include "base/i18n.h"
#include "launch/overlay.h"
#include "transfer/write-back-copy.h"
#include "transfer/write-back-data.h"
#include "transfer/write-back-record.h"
#include "transfer/write-back.h"

#define ID_BYTES 16

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
take_overlay (struct write_back_disk *disk, const struct overlays *overlays,
              unsigned index, struct error *err)
{
  const uint64_t before = overlay_size (overlays, index);
  const char *path = overlay_path (overlays, index);

  if (overlay_current_size (overlays, index, &disk->size, err) == -1)
    return -1;
  if (disk->size != before)
    return error_set (err, REASON_CONVERT,
                      _("the command changed the size of the disk from %"
                        PRIu64 " to %" PRIu64 " bytes, which cannot be done "
                        "in place"), before, disk->size);
  return alloc_set (&disk->overlay, strrchr (path, '/') + 1, err);
}

int
write_back_commit (struct write_back *wb, struct overlays *overlays,
                   struct error *err)
{
  for (unsigned i = 0; i < wb->disks.len; i++)
    if (take_overlay (&wb->disks.ptr[i], overlays, i, err) == -1) {
      err->disk = (int) i;
      return -1;
    }
  if (alloc_set (&wb->dir, overlays_dir (overlays), err) == -1 ||
      make_id (wb, err) == -1 || overlays_sync (overlays, err) == -1)
    return -1;
  return record_store (wb, overlays, err);
}

int
write_back_apply (struct write_back *wb, struct transfer_disk *ret,
                  struct error *err)
{
  if (write_back_copy (wb, ret, err) == 0)
    return record_remove (wb, err);
  error_hint (err, _("the changes are kept in %s: run the same command again "
                     "to finish writing them to the disks, which are "
                     "incomplete until then"), wb->dir);
  return -1;
}
