/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A disk in several files that a VMDK descriptor names.  qemu-nbd joins them,
 * and nbdkit serves what that serves, so that everything else sees one nbdkit
 * for each disk.  (nbdkit can start a qemu-nbd by itself, but only since
 * 1.36.)  The names were looked at by input/input-vmdk.c; what of the files
 * themselves can name others is kept from qemu here.
 */

#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/local-file.h"
#include "base/memstream.h"
#include "image/image.h"
#include "image/vmdk.h"
#include "io/confine.h"
#include "io/reader.h"
#include "qemu/qemu-nbd.h"
#include "source/ops.h"
#include "source/source-file.h"

static void
vmdk_describe (const struct source_request *request
               __attribute__ ((unused)), struct nbdkit_cmd *cmd)
{
  nbdkit_cmd_own_file_param (cmd, "socket", SOURCE_BELOW_SUFFIX);
  nbdkit_cmd_no_network (cmd);
}

/* What qemu-nbd opens. */
static char *
image_of (const char *path, struct error *err)
{
  CLEANUP_FREE char *escaped = escape_doubled (path, ',', err);

  return escaped == NULL ? NULL
    : format (err, "driver=vmdk,file.driver=file,file.filename=%s", escaped);
}

static struct qemu_nbd_spec
spec_of (const char *image, const char *socket, int disk)
{
  return (struct qemu_nbd_spec) {
    .socket = socket, .dir = "/", .image = image, .image_opts = true,
    .mode = QEMU_NBD_READ, .disk = disk,
  };
}

/*--- The pieces' headers. ---*/

/* A piece's owner may have rewritten its header so that it is one around a
 * descriptor, whose files qemu would open.  So it is read again, judged, and
 * kept for qemu, over what descriptor number FD reads.
 */
static int
keep_head (const struct local_file *piece, const struct image_file *file,
           bool *rounded, size_t fd, const char *path, struct error *err)
{
  CLEANUP_READER struct reader *reader = reader_file_of (piece, err);
  CLEANUP_IMAGE struct image image = { .format = NULL };
  char below[32];

  snprintf (below, sizeof below, "/dev/fd/%zu", fd);
  if (reader == NULL ||
      vmdk_examine_piece (reader, piece->path, file, rounded, &image,
                          err) == -1)
    return -1;
  return image_head_store (&image, path, below, err);
}

/* Make what our descriptor in DIR, which is OURS, calls the sparse pieces, and
 * write to FP that these are qcow2 images: the driver would take them for what
 * they are not.  It numbers those extents that are not empty.
 */
static int
keep_heads (const struct location *location, const struct image *ours,
            const char *dir, FILE *fp, struct error *err)
{
  const struct image_files *files = &ours->files;

  if (files->len != location->parts.len)
    return error_set (err, REASON_INTERNAL, "%s", dir);
  for (size_t i = 0; i < files->len; i++) {
    CLEANUP_FREE char *path = NULL;
    bool rounded;

    if (files->ptr[i].kind != IMAGE_FILE_SPARSE)
      continue;
    path = format (err, "%s/" LOCATION_HEAD_FORMAT, dir, i);
    if (path == NULL ||
        keep_head (location->parts.ptr[i], &files->ptr[i],
                   i + 1 == files->len ? &rounded : NULL,
                   i + LOCATION_FIRST_FD, path, err) == -1)
      return -1;
    fprintf (fp, ",extents.%zu.driver=qcow2", i);
  }
  return 0;
}

/* Write our descriptor to PATH, in DIR, and see what it says. */
static int
store_descriptor (const struct location *location, const char *dir,
                  const char *path, struct image *ret, struct error *err)
{
  CLEANUP_READER struct reader *reader = NULL;

  if (mkdir (dir, 0700) == -1 && errno != EEXIST)
    return error_errno (err, REASON_WRITE, _("cannot create %s"), dir);
  if (file_replace (path, location->descriptor,
                    strlen (location->descriptor), err) == -1)
    return -1;
  reader = reader_file_new (path, err);
  return reader == NULL ? -1 : image_examine (reader, path, "vmdk", ret, err);
}

/* Write our descriptor and what belongs to it.  Returned is what qemu-nbd
 * opens.
 */
static char *
make_files (const struct location *location, const char *dir,
            struct error *err)
{
  CLEANUP_FREE char *path = format (err, "%s/disk.vmdk", dir);
  CLEANUP_FREE char *image = path == NULL ? NULL : image_of (path, err);
  CLEANUP_FREE char *ret = NULL;
  CLEANUP_IMAGE struct image ours = { .format = NULL };
  size_t len;
  FILE *fp;
  int r;

  if (image == NULL ||
      store_descriptor (location, dir, path, &ours, err) == -1)
    return NULL;
  fp = open_memstream (&ret, &len);
  if (fp == NULL) {
    error_nomem (err);
    return NULL;
  }
  fputs (image, fp);
  r = keep_heads (location, &ours, dir, fp, err);
  if (memstream_close (fp, &ret) == -1 && r == 0)
    r = error_nomem (err);
  return r == -1 ? NULL : STEAL (ret);
}

/*--- Starting it. ---*/

/* With so many pieces qemu-nbd may need more descriptors than the 1024 that
 * programs get: of each piece it has ours, its own, and the header's.
 */
#define MANY_PARTS 256

/* The descriptors of the files that hold the disk. */
static int *
fds_of (const struct location *location, struct error *err)
{
  const struct local_files *parts = &location->parts;
  int *fds = alloc_zero ((parts->len + 1) * sizeof *fds, err);

  for (size_t i = 0; fds != NULL && i < parts->len; i++)
    fds[i] = parts->ptr[i]->fd;
  return fds;
}

/* DIR has our files. */
static int
allow_files (const struct location *location, const char *dir,
             struct confine *ret, struct error *err)
{
  const struct local_files *parts = &location->parts;

  if (confine_path (ret, dir, CONFINE_READ, err) == -1)
    return -1;
  for (size_t i = 0; i < parts->len; i++)
    if (confine_fd (ret, parts->ptr[i]->fd, CONFINE_READ, err) == -1)
      return -1;
  return 0;
}

/* qemu-nbd reads a descriptor of ours, which names the files that are open. */
static struct qemu_nbd *
vmdk_start_below (const struct source_request *request, const char *socket,
                  int disk, const struct launch_context *context,
                  struct error *err)
{
  const struct location *location = request->location;
  CLEANUP_FREE char *dir = format (err, "%s.files", socket);
  CLEANUP_FREE char *image = dir == NULL ? NULL
    : make_files (location, dir, err);
  CLEANUP_CONFINE struct confine files = { .rules = NULL };
  struct qemu_nbd_spec spec = spec_of (image, socket, disk);
  struct qemu_nbd *ret = NULL;
  int *fds;

  if (image == NULL || allow_files (location, dir, &files, err) == -1)
    return NULL;
  fds = fds_of (location, err);
  if (fds == NULL)
    return NULL;
  if (location->parts.len > MANY_PARTS)
    local_file_raise_limit ();
  spec.files = &files;
  spec.passed_fds = fds;
  spec.n_passed = (int) location->parts.len;
  ret = qemu_nbd_new (&spec, context, err);
  free (fds);
  return ret;
}

/* Whoever pastes it has none of our descriptors: it reads the disk's own one,
 * which names the same files.
 */
static int
vmdk_print_below (const struct source_request *request, const char *socket,
                  struct argv *ret, struct error *err)
{
  CLEANUP_FREE char *image = image_of (request->location->path, err);
  const struct qemu_nbd_spec spec = spec_of (image, socket, -1);

  return image == NULL ? -1 : qemu_nbd_argv (&spec, ret, err);
}

static const struct explanation vmdk_explanations[] = {
  { "Permission denied", REASON_AUTH, NULL },
  { .text = NULL }
};

const struct source_ops source_vmdk = {
  .kind = LOCATION_VMDK,
  .plugin = "nbd",
  .open_timeout_s = 30,
  /* qemu 7.2 refuses to prefetch what has no place in a read-only VMDK
   * (EPERM), and nbdkit's filter, which asks for it, then ends with SIGSEGV.
   */
  .no_readahead = true,
  .identity = "file",
  /* The descriptor's; the location's files are looked at by all who ask. */
  .identify = source_file_identify,
  .describe = vmdk_describe,
  .start_below = vmdk_start_below,
  .print_below = vmdk_print_below,
  .explanations = vmdk_explanations,
  /* Local files, with a process more on the way than source_file's. */
  .serial = { 2, 4, 1, 256 << 10, 4 << 20 },
  .parallel = { 2, 4, 2, 256 << 10, 2 << 20 },
};
