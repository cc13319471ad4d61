/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Shared by overlay.c, which makes and keeps the overlays, and
 * overlay-serve.c, which serves them.
 */

#ifndef V2V_OVERLAY_INTERNAL_H
#define V2V_OVERLAY_INTERNAL_H

#include <stdbool.h>

#include "launch/overlay-look.h"
#include "qemu/qemu-img.h"

struct launch;
struct launch_context;
struct qemu_nbd;
struct tempdir;

struct overlay {
  char *path;
  const char *name;             /* in the directory: "sda.qcow2" */
  char *backing;                /* what it names, or would name if this run
                                   had made it; with a file of what was read,
                                   what that one names */
  char *backing_socket;         /* the socket in this name, or NULL: an earlier
                                   run made it */
  char *read_name;              /* in the directory, a file between the overlay
                                   and the source with what was read of it:
                                   "sda-read.qcow2"; or NULL */
  char *read_socket, *read_uri; /* what the overlay names then */
  struct qemu_nbd *reader;      /* serves that */
  struct image_info info;       /* of a source that is not plain */
  bool examined;                /* since the conversion: */
  struct overlay_found found;
  struct qemu_nbd *writable;    /* for the conversion */
  struct qemu_nbd *view;        /* for the copy */
  bool cannot_read;             /* its server has said so */
};

struct overlays {
  const struct launch_context *context;
  bool keep_read;
  struct launch *launch;
  struct tempdir *dir;
  struct overlay *overlays;
  unsigned n;
  unsigned sockets;             /* names given to views' sockets */
};

/* Let the overlay, or the file with what was read, name its source's server
 * again, which was started after it and has another name.  (qemu takes no
 * other name for an NBD backing file than the one in the image.)
 */
extern int overlay_put_over_source (struct overlays *, unsigned index,
                                    struct error *err);

#endif /* V2V_OVERLAY_INTERNAL_H */
