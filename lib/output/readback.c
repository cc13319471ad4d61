/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Serves what has been written, for a comparison with what was read: through
 * a qemu-nbd, or from the NBD server that it was written to.  Comparing is
 * left to whoever connects.
 */

#include <config.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/format.h"
#include "base/quote.h"
#include "context.h"
#include "output/output-internal.h"
#include "output/readback.h"

/* Can reads bypass the page cache?  Then what comes is from storage. */
static bool
can_go_direct (const char *path)
{
  const int fd = open (path, O_RDONLY|O_DIRECT|O_CLOEXEC);

  close_if_open (fd);
  return fd != -1;
}

/* It is all on storage by now, so that the cache can forget it. */
static void
drop_cache (const char *path)
{
  CLEANUP_FD int fd = open (path, O_RDONLY|O_CLOEXEC);

  if (fd != -1 && fsync (fd) == 0)
    posix_fadvise (fd, 0, 0, POSIX_FADV_DONTNEED);
}

/* As qemu-nbd is to open the file PATH, which is called NAME in its
 * directory.
 */
static char *
image_options (const struct output *output, const char *path,
               const char *name, struct error *err)
{
  CLEANUP_FREE char *doubled = escape_doubled (name, ',');
  struct stat st;

  if (doubled == NULL) {
    error_nomem (err);
    return NULL;
  }
  return format (err, "driver=%s,cache.direct=%s,file.driver=%s,"
                 "file.filename=./%s",
                 output_settings_format (output->settings),
                 can_go_direct (path) ? "on" : "off",
                 stat (path, &st) == 0 && S_ISBLK (st.st_mode)
                 ? "host_device" : "file", doubled);
}

static int
start_reader (struct output *output, unsigned index, const char *path,
              const char *socket_dir, struct error *err)
{
  CLEANUP_FREE char *dir = realpath (path, NULL);
  CLEANUP_FREE char *socket = format (err, "%s/back%u", socket_dir, index);
  CLEANUP_FREE char *image = NULL;
  char *name;

  if (dir == NULL)
    return error_errno (err, REASON_VERIFY, "%s", path);
  drop_cache (dir);
  name = strrchr (dir, '/') + 1;
  image = image_options (output, dir, name, err);
  if (socket == NULL || image == NULL)
    return -1;
  *name = '\0';
  output->disks[index].reader = qemu_nbd_new (&(struct qemu_nbd_spec) {
      .socket = socket, .dir = dir, .image = image, .image_opts = true,
      .mode = QEMU_NBD_READ, .disk = (int) index,
    }, output->context->supervisor, output->context->events, err);
  return output->disks[index].reader != NULL ? 0 : -1;
}

const char *
output_serve (struct output *output, unsigned index, const char *socket_dir,
              struct error *err)
{
  struct output_disk_state *disk = &output->disks[index];

  if (disk->location.uri != NULL)
    return disk->location.uri;
  if (start_reader (output, index, disk->part != NULL
                    ? disk->part : disk->location.path, socket_dir,
                    err) == -1)
    return NULL;
  return qemu_nbd_uri (disk->reader);
}

void
output_unserve (struct output *output, unsigned index)
{
  qemu_nbd_free (output->disks[index].reader);
  output->disks[index].reader = NULL;
}
