/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Serves an overlay without its backing file, and says what it has allocated:
 * that is what is written back.
 */

#include <config.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "context.h"
#include "io/confine.h"
#include "launch/overlay-look.h"
#include "qemu/qemu-map.h"
#include "qemu/qemu-nbd.h"
#include "transfer/write-back-disks.h"
#include "transfer/write-back-view.h"

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
  const uint64_t size = wb->disks.ptr[index].size;
  CLEANUP_FREE char *path = format (err, "%s/%s", wb->dir,
                                    wb->disks.ptr[index].overlay);
  bool whole;

  if (path == NULL || overlay_file_is_whole (path, &whole, err) == -1)
    return -1;
  if (whole)
    return list_all (size, ret, err);
  return qemu_map_list (view, size, wb->context->supervisor, ret, err);
}
