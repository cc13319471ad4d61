/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A disk in several files that a VMDK descriptor names.  qemu-nbd joins them,
 * and nbdkit serves what that serves, so that everything else sees one nbdkit
 * for each disk.  (nbdkit can start a qemu-nbd by itself, but only since
 * 1.36.)  The names were looked at by input/input-vmdk.c.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/i18n.h"
#include "io/confine.h"
#include "qemu/qemu-files.h"
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

/* PATH is that of our descriptor. */
static int
allow_files (const struct location *location, const char *path,
             struct confine *ret, struct error *err)
{
  const struct local_files *parts = &location->parts;

  if (qemu_files_allow_image (ret, path, CONFINE_READ, err) == -1)
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
  CLEANUP_FREE char *path = format (err, "%s.files", socket);
  CLEANUP_FREE char *image = path == NULL ? NULL : image_of (path, err);
  CLEANUP_CONFINE struct confine files = { .rules = NULL };
  struct qemu_nbd_spec spec = spec_of (image, socket, disk);
  struct qemu_nbd *ret = NULL;
  int *fds;

  if (image == NULL ||
      file_replace (path, location->descriptor,
                    strlen (location->descriptor), err) == -1 ||
      allow_files (location, path, &files, err) == -1)
    return NULL;
  fds = fds_of (location, err);
  if (fds == NULL)
    return NULL;
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
