/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the guest's file systems do not use of disks that are served. */

#ifndef V2V_DISK_USE_H
#define V2V_DISK_USE_H

#include <stdbool.h>

struct error;
struct filesystems;
struct launch;
struct launch_context;
struct overlays;

/* Ask the file systems on all disks of the launch, through views that are
 * opened for that and closed again; CHANGED as for overlay_open_view.  The
 * sources are not asked by more clients than the copy has, and what cannot be
 * read is tried again as often.  -1 also when a server has died.
 */
extern int disk_use_find (const struct launch *, struct overlays *,
                          bool changed, const struct launch_context *,
                          struct filesystems *ret, struct error *err);

#endif /* V2V_DISK_USE_H */
