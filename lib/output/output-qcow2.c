/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Targets that are qcow2 images and that qemu-nbd writes to: existing ones,
 * which are looked at first, those on devices, and those whose space is
 * allocated.  Making them is left to output-files.c and output-device-qcow2.c.
 */

#include <config.h>

#include <inttypes.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "context.h"
#include "output/output-internal.h"
#include "qemu/qemu-img.h"

int
output_qcow2_open (struct output *output, unsigned index, uint64_t size,
                   int fd, const char *socket_dir,
                   bool is_new, struct error *err)
{
  struct output_disk_state *disk = &output->disks[index];
  const struct qemu_place place = output_place (output, index);
  /* A new name each time: the socket of a server that died still exists. */
  CLEANUP_FREE char *socket = format (err, "%s/out%u", socket_dir,
                                      output->sockets++);

  if (socket == NULL)
    return -1;
  disk->server = qemu_nbd_write_qcow2 (&place, socket, (int) index,
                                       output->context, err);
  if (disk->server == NULL)
    return -1;
  disk->target = target_nbd_open (qemu_nbd_uri (disk->server), size,
                                  is_new ? TARGET_ZERO_SKIP : TARGET_ZERO_AUTO,
                                  0, output->context->supervisor, err);
  if (disk->target != NULL)
    return target_nbd_settle_file (disk->target, fd, place.path, err);
  qemu_nbd_check (disk->server, err);
  return -1;
}

int
output_wrong_size (const char *path, uint64_t is, uint64_t should,
                   struct error *err)
{
  error_set (err, REASON_SOURCE_CHANGED,
             _("%s has %" PRIu64 " bytes, but the source has %" PRIu64),
             path, is, should);
  error_hint (err, _("changed extents can only be copied onto a copy of the "
                     "same disk: was its size changed since, or is it "
                     "another disk?"));
  return -1;
}

int
output_qcow2_check (const struct output *output, unsigned index,
                    uint64_t size, struct error *err)
{
  const char *path = output->disks[index].location.path;
  const struct qemu_img qemu = qemu_img_of (output->context, index);
  CLEANUP_IMAGE_INFO struct image_info info = { .format = NULL };

  if (qemu_img_info_fd (&qemu, output->disks[index].fd, "qcow2", &info,
                        err) == -1) {
    error_wrap (err, "%s", path);
    error_add_hint (err, _("something else may have written to it: see "
                           "whether it still holds the copy"));
    return -1;
  }
  if (info.backing != NULL)
    return error_set (err, REASON_UNTRUSTED_IMAGE,
                      _("%s refers to another file, %s"), path, info.backing);
  /* The size of a qcow2 image is a multiple of 512. */
  if (info.virtual_size != ((size + 511) & ~UINT64_C (511)))
    return output_wrong_size (path, info.virtual_size, size, err);
  return 0;
}

int
output_qcow2_check_written (const struct output *output, unsigned index,
                            struct error *err)
{
  const struct qemu_img qemu = qemu_img_of (output->context, index);
  CLEANUP_IMAGE_INFO struct image_info info = { .format = NULL };
  CLEANUP_ERROR struct error why = ERROR_INIT;

  if (qemu_img_info_fd (&qemu, output->disks[index].fd, "qcow2", &info,
                        &why) == 0 && info.backing == NULL)
    return 0;
  if (why.reason == REASON_INTERRUPTED) {
    error_move (err, &why);
    return -1;
  }
  error_set (err, REASON_TARGET_CHANGED,
             _("%s does not hold the qcow2 image any more that was written "
               "to it"), output->disks[index].location.path);
  if (error_is_set (&why))
    error_detail (err, why.message);
  return -1;
}
