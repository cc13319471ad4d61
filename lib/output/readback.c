/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Serves a target after the copy, so that it can be compared with what was
 * read: through a qemu-nbd, or from the NBD server that it was written to.
 * The comparison is left to the caller, who connects.
 */

#include <config.h>

#include <fcntl.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "context.h"
#include "output/output-internal.h"
#include "output/readback.h"

/* So that reading back really reads from storage, even where O_DIRECT is not
 * supported.
 */
static void
drop_cache (const char *path)
{
  CLEANUP_FD int fd = open (path, O_RDONLY|O_CLOEXEC);

  if (fd != -1 && fsync (fd) == 0)
    posix_fadvise (fd, 0, 0, POSIX_FADV_DONTNEED);
}

static int
start_reader (struct output *output, unsigned index, const char *path,
              const char *socket_dir, struct error *err)
{
  CLEANUP_FREE char *real = realpath (path, NULL);
  CLEANUP_FREE char *socket = format (err, "%s/back%u", socket_dir, index);

  if (real == NULL)
    return error_errno (err, REASON_VERIFY, "%s", path);
  if (socket == NULL)
    return -1;
  drop_cache (real);
  output->disks[index].reader =
    qemu_nbd_read_file (real, output_settings_format (output->settings),
                        socket, (int) index, output->context->supervisor,
                        output->context->events, err);
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
