/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What has become of an overlay while a user's command could write to it. */

#ifndef V2V_OVERLAY_LOOK_H
#define V2V_OVERLAY_LOOK_H

#include <stdbool.h>
#include <stdint.h>

struct error;
struct launch_context;

struct overlay_look {
  const char *dir, *name;       /* where the overlay is, and its name there */
  const char *backing;          /* the backing file that we gave it ... */
  const char *backing_format;
  const char *socket;           /* ... whose name contains this path; in an
                                   overlay of an earlier run the socket was
                                   in another directory */
  bool earlier_run;
  unsigned index;               /* of the disk */
};

struct overlay_found {
  bool whole;                   /* it has no backing file: what it has not
                                   allocated is zero, not the source's */
  uint64_t virtual_size;        /* bytes */
};

/* Look at the overlay: is it a sound qcow2 image that names no file but the
 * one that we gave it?  Waits until other programs have closed it.
 */
extern int overlay_look (const struct overlay_look *,
                         const struct launch_context *,
                         struct overlay_found *ret, struct error *err);

/* Is the qcow2 image at PATH one without a backing file? */
extern int overlay_file_is_whole (const char *path, bool *ret,
                                  struct error *err);

#endif /* V2V_OVERLAY_LOOK_H */
