/* SPDX-License-Identifier: GPL-2.0-or-later */

/* -o device -of qcow2: images on devices.  Whether the device is large enough
 * is found out before anything is written, as far as that can be known: a
 * device may be smaller than the disk, and the image fits all the same,
 * because it holds only what is used.
 *
 * The image is made in a file, and its few clusters of metadata are written to
 * the device: qemu-img 10.1 clears 512 bytes of a device first, which one with
 * sectors of 4096 bytes does not take.  What the device holds elsewhere does
 * no harm: clusters that have not been allocated read as zeroes.
 *
 * A file in a device's place keeps its size.  Nothing would stop qemu at its
 * end, so it must have room for any image of the disk.
 */

#include <config.h>

#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/write.h"
#include "context.h"
#include "output/output-device-qcow2.h"
#include "output/output-internal.h"
#include "output/output.h"
#include "qemu/qemu-img.h"

/* The file, for as long as it has a name. */
#define MADE "image"
/* It is copied in pieces of this size. */
#define BLOCK UINT32_C (65536)

static const char may_fill[] =
  N_("it is smaller than a qcow2 image in which all of the disk is written: "
     "the copy fails if what the disk holds does not fit");

static int
too_small (const char *path, uint64_t has, const struct image_measure *needed,
           struct error *err)
{
  error_set (err, REASON_SPACE,
             _("%s is too small: it has %" PRIu64 " bytes, and a qcow2 image "
               "of the disk takes at least %" PRIu64), path, has,
             needed->empty);
  error_hint (err, _("%" PRIu64 " bytes are always enough"), needed->full);
  return -1;
}

static int
would_grow (const char *path, uint64_t has, const struct image_measure *needed,
            struct error *err)
{
  error_set (err, REASON_SPACE,
             _("%s is a file of %" PRIu64 " bytes, and a qcow2 image of the "
               "disk may take more"), path, has);
  error_hint (err, _("%" PRIu64 " bytes are always enough"), needed->full);
  return -1;
}

int
output_device_qcow2_try (struct output *output, unsigned index,
                         uint64_t size, enum output_how how
                         __attribute__ ((unused)), struct error *err)
{
  struct output_disk_state *disk = &output->disks[index];
  const struct qemu_img qemu = qemu_img_of (output->context, index);
  const off_t has = lseek (disk->fd, 0, SEEK_END);
  struct image_measure needed;
  struct stat st;

  if (has == -1 || fstat (disk->fd, &st) == -1)
    return error_errno (err, REASON_WRITE, _("cannot find the size of %s"),
                        disk->location.path);
  if (qemu_img_measure (&qemu, size, &needed, err) == -1)
    return -1;
  if (!S_ISBLK (st.st_mode) && (uint64_t) has < needed.full)
    return would_grow (disk->location.path, (uint64_t) has, &needed, err);
  if ((uint64_t) has < needed.empty)
    return too_small (disk->location.path, (uint64_t) has, &needed, err);
  disk->caveat = (uint64_t) has < needed.full ? may_fill : NULL;
  disk->has = disk->caveat != NULL ? (uint64_t) has : 0;
  disk->needed = needed;
  return 0;
}

/* Besides the empty image. */
uint64_t
output_room (const struct output *output, unsigned index)
{
  const struct output_disk_state *disk = &output->disks[index];

  return disk->has > 0 ? disk->has - disk->needed.empty : UINT64_MAX;
}

int
output_refuse_room (const struct output *output, unsigned index,
                    uint64_t data, struct error *err)
{
  const struct output_disk_state *disk = &output->disks[index];

  return too_small (disk->location.path, disk->has,
                    &(struct image_measure) {
                      .empty = disk->needed.empty + data,
                      .full = disk->needed.full,
                    }, err);
}

/* Holes, too: the device may hold something else there. */
static int
write_whole (int from, int to, const char *path, struct error *err)
{
  CLEANUP_FREE char *buf = alloc_zero (BLOCK, err);
  ssize_t n = 1;

  if (buf == NULL)
    return -1;
  if (lseek (to, 0, SEEK_SET) == -1)
    return error_errno (err, REASON_WRITE, _("cannot write %s"), path);
  while (n > 0) {
    n = read (from, buf, BLOCK);
    if (n == -1)
      return error_errno (err, REASON_INTERNAL, "%s", MADE);
    if (full_write (to, buf, (size_t) n) == -1)
      return error_errno (err, write_reason (), _("cannot write %s"), path);
  }
  return fsync (to) == 0 ? 0
    : error_errno (err, write_reason (), _("cannot write %s"), path);
}

/* In the private directory DIR_FD. */
static int
make_file (const struct output *output, unsigned index, uint64_t size,
           int dir_fd, struct error *err)
{
  const struct qemu_img qemu = qemu_img_of (output->context, index);
  CLEANUP_FD int fd = openat (dir_fd, MADE, O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC,
                              0600);

  if (fd == -1)
    return error_errno (err, write_reason (), _("cannot create %s"), MADE);
  return qemu_img_create (&qemu, dir_fd, MADE, size, false, err) == -1 ? -1
    : STEAL_FD (fd);
}

static int
make_image (struct output *output, unsigned index, uint64_t size,
            const char *socket_dir, struct error *err)
{
  struct output_disk_state *disk = &output->disks[index];
  CLEANUP_FD int dir_fd = open (socket_dir, O_PATH|O_DIRECTORY|O_CLOEXEC);
  CLEANUP_FD int fd = -1;

  if (dir_fd == -1)
    return error_errno (err, REASON_INTERNAL, "%s", socket_dir);
  fd = make_file (output, index, size, dir_fd, err);
  unlinkat (dir_fd, MADE, 0);
  if (fd == -1 ||
      write_whole (fd, disk->fd, disk->location.path, err) == -1)
    return -1;
  disk->made = true;
  return 0;
}

/* Go on in an image that this copy has begun.  If its server was killed while
 * it flushed, all that was written since the last flush is allocated, and
 * nothing refers to it: written once more it would not fit any more.
 */
static int
go_on (const struct output *output, unsigned index, uint64_t size,
       struct error *err)
{
  const struct qemu_img qemu = qemu_img_of (output->context, index);
  const struct output_disk_state *disk = &output->disks[index];

  if (output_qcow2_check (output, index, size, err) == -1)
    return -1;
  if (qemu_img_reclaim (&qemu, disk->fd, err) == 0)
    return 0;
  error_wrap (err, "%s", disk->location.path);
  return -1;
}

int
output_device_qcow2_open (struct output *output, unsigned index,
                          uint64_t size, const char *socket_dir,
                          enum output_how how, struct error *err)
{
  struct output_disk_state *disk = &output->disks[index];
  const bool begun = how == OUTPUT_CONTINUE || disk->made;
  const bool is_new = !begun && !output->settings->existing;

  if ((begun ? go_on (output, index, size, err)
       : is_new ? make_image (output, index, size, socket_dir, err)
       : output_qcow2_check (output, index, size, err)) == -1)
    return -1;
  return output_qcow2_open (output, index, size, disk->fd, socket_dir,
                            is_new, err);
}
