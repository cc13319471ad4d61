/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Shared by overlay.c, which holds the overlays, overlay-make.c, which makes
 * their files, and overlay-serve.c and overlay-view.c, which serve them.
 */

#ifndef V2V_OVERLAY_INTERNAL_H
#define V2V_OVERLAY_INTERNAL_H

#include <stdbool.h>

#include "launch/overlay-look.h"
#include "qemu/qemu-img.h"
#include "qemu/qemu-nbd.h"

struct launch;
struct launch_context;
struct tempdir;

struct overlay {
  char *path;
  const char *name;             /* in the directory: "sda.qcow2" */
  char *source;                 /* how our qemu names the disk below */
  char *source_socket;          /* the socket in this name, or NULL: what is in
                                   the directory was made by an earlier run */
  char *read_socket, *read_uri; /* what the overlay names instead, where that
                                   is served to it; or NULL */
  char *read_name;              /* in the directory, a file with what was read
                                   of the source: "sda-read.qcow2"; or NULL */
  struct qemu_nbd *reader;      /* serves that, or the source */
  struct image_info info;       /* of a source that is not plain */
  bool examined;                /* since the conversion: */
  struct overlay_found found;
  struct qemu_nbd *writable;    /* for the conversion */
  struct qemu_nbd *base, *view; /* for the copy: what is below the overlay,
                                   unless nbdkit serves it, and the overlay;
                                   or NULL */
  bool cannot_read;             /* their servers have said so */
  struct qemu_nbd *all;         /* both in one; or NULL */
  char *below;                  /* path of the file in the directory through
                                   which that reads what is below; or NULL */
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

/* The clusters of overlays, in bytes: qemu's own choice. */
#define OVERLAY_CLUSTER 65536
/* Where what is read is kept it is read in whole clusters, which therefore
 * say how far it reads ahead.  10 ms a read, 16 MiB of data read in pieces of
 * 64 KiB, and in scattered ones of 4 KiB:
 *    64 KiB   2.87 s   0.77 s,  4 MiB read
 *   512 KiB   0.47 s   0.84 s, 32 MiB read
 *     1 MiB   0.31 s   0.86 s, 62 MiB read
 *     2 MiB   0.28 s   1.37 s, 120 MiB read
 */
#define OVERLAY_CLUSTER_MAX (512 << 10)

/* Image names for qemu, of the file %s.  Our own file names need no quoting in
 * JSON.
 */
#define OVERLAY_QCOW2                                                   \
  "\"driver\":\"qcow2\","                                               \
  "\"file\":{\"driver\":\"file\",\"filename\":\"%s\"}"
#define OVERLAY_IMAGE "json:{" OVERLAY_QCOW2 ",\"discard\":\"unmap\"}"

/* Serve IMAGE, which is freed, and which is of disk INDEX, at a new socket
 * NAME in the launch's directory, whose path is short.
 */
extern struct qemu_nbd *overlay_serve (struct overlays *, unsigned index,
                                       const char *name, char *image,
                                       struct qemu_nbd_spec,
                                       struct error *err);

/* Make the files of disk INDEX in the overlays' directory; not MAKE: find
 * them there.
 */
extern int overlay_open (struct overlays *, unsigned index, bool make,
                         struct error *err);
/* Find out how our qemu names the disk below the overlay at present: its
 * server has another name when it was started again.
 */
extern int overlay_name_source (struct overlays *, unsigned index,
                                struct error *err);
/* Let the file with what was read name its source's server again, which was
 * started after it and has another name.  (qemu takes no other name for an NBD
 * backing file than the one in the image.)
 */
extern int overlay_put_over_source (struct overlays *, unsigned index,
                                    struct error *err);

#endif /* V2V_OVERLAY_INTERNAL_H */
