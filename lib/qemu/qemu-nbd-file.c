/* SPDX-License-Identifier: GPL-2.0-or-later */

/* qemu-nbd for one file or device: how it is opened, and which of qemu's
 * drivers serve it, with which options.  The server is qemu-nbd.c's.
 */

#include <config.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/argv.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "qemu/qemu-nbd-internal.h"
#include "qemu/qemu-nbd.h"

/* The first descriptor behind the socket (io/subprocess.h). */
#define PASSED "/dev/fd/4"

int
qemu_place_open (const struct qemu_place *place, int flags)
{
  char name[64];

  flags |= O_NOCTTY|O_NONBLOCK|O_CLOEXEC;
  if (place->fd != -1) {
    snprintf (name, sizeof name, "/proc/self/fd/%d", place->fd);
    return open (name, flags);
  }
  if (place->dir_fd == -1)
    return open (place->path, flags);
  return openat (place->dir_fd, strrchr (place->path, '/') + 1,
                 flags|O_NOFOLLOW);
}

static bool
is_block_device (const struct qemu_place *place)
{
  CLEANUP_FD int fd = qemu_place_open (place, O_PATH);
  struct stat st;

  return fd != -1 && fstat (fd, &st) == 0 && S_ISBLK (st.st_mode);
}

/* A device is written past the page cache, which a large copy would push
 * everything else out of.
 */
#define DIRECT ",cache.direct=on,file.cache.direct=on,file.aio=native"

/* Serve the file or device with OPTIONS of qemu's drivers above it.  Any bytes
 * may be in its name, which JSON would not take, so FILE is where the options
 * of the lowest driver go ("file.").
 */
static struct qemu_nbd *
serve_file (const struct qemu_place *place, const char *options,
            const char *file, struct qemu_nbd_spec *spec,
            const struct launch_context *context, struct error *err)
{
  const char *slash = strrchr (place->path, '/');
  const char *basename = slash != NULL ? slash + 1 : place->path;
  CLEANUP_FREE char *dir = strndup (place->path,
                                    (size_t) (basename - place->path));
  CLEANUP_FREE char *doubled = escape_doubled (basename, ',', err);
  CLEANUP_FREE char *image = NULL;

  if (dir == NULL || doubled == NULL) {
    error_nomem (err);
    return NULL;
  }
  image = format (err, "%s,%sdriver=%s,%sfilename=%s%s", options, file,
                  is_block_device (place) ? "host_device" : "file", file,
                  place->fd != -1 ? PASSED : "./",
                  place->fd != -1 ? "" : doubled);
  if (image == NULL)
    return NULL;
  /* Where qemu-nbd gets the image it needs no directory. */
  spec->dir = place->fd != -1 ? "/" : dir;
  spec->place = place;
  spec->image = image;
  spec->image_opts = true;
  return qemu_nbd_new (spec, context, err);
}

struct qemu_nbd *
qemu_nbd_write_qcow2 (const struct qemu_place *place, const char *socket,
                      int disk,
                      const struct launch_context *context, struct error *err)
{
  struct qemu_nbd_spec spec = {
    .socket = socket, .mode = QEMU_NBD_WRITE, .written = true, .disk = disk,
    .files = place->files,
  };
  CLEANUP_FREE char *options =
    format (err, "driver=qcow2,discard=unmap%s%s",
            is_block_device (place) ? DIRECT : "",
            place->options != NULL ? place->options : "");

  return options == NULL ? NULL
    : serve_file (place, options, "file.", &spec, context, err);
}

/* Does O_DIRECT work?  Then what is read comes from storage, not from the
 * page cache.
 */
static bool
can_go_direct (const struct qemu_place *place)
{
  CLEANUP_FD int fd = qemu_place_open (place, O_RDONLY|O_DIRECT);

  return fd != -1;
}

struct qemu_nbd *
qemu_nbd_read_file (const struct qemu_place *place, const char *image_format,
                    const char *socket, int disk,
                    const struct launch_context *context, struct error *err)
{
  struct qemu_nbd_spec spec = {
    .socket = socket, .mode = QEMU_NBD_READ, .disk = disk,
  };
  CLEANUP_FREE char *options =
    format (err, "driver=%s,force-share=on,cache.direct=%s", image_format,
            can_go_direct (place) ? "on" : "off");

  return options == NULL ? NULL
    : serve_file (place, options, "file.", &spec, context, err);
}
