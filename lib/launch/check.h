/* SPDX-License-Identifier: GPL-2.0-or-later */

/* --check: what can be found out before hours are spent on a copy.  Results
 * are reported as EVENT_CHECK.  A function returns -1 with the error that
 * the run would have, which has been reported as an event as well.
 */

#ifndef V2V_CHECK_H
#define V2V_CHECK_H

struct error;
struct filesystems;
struct launch;
struct launch_context;
struct overlays;
struct space_estimate;

/* nbdkit itself, which the context's caps describe, and SELinux. */
extern int check_nbdkit (const struct launch_context *, struct error *err);
/* qemu-img and qemu-nbd.  An error that is set already stays. */
extern int check_qemu (const struct launch_context *, struct error *err);
/* The nbdkit that disk INDEX gets: plugin, filters, library. */
extern void check_plan (const struct launch *, unsigned index,
                        const struct launch_context *);
/* Disk INDEX, which has been opened: its image and size, both ends, extents.
 */
extern int check_disk (const struct launch *, unsigned index,
                       const struct launch_context *, struct error *err);
/* The disk's size, where only its overlay tells. */
extern void check_size (const struct launch *, const struct overlays *,
                        unsigned index, const struct launch_context *);
/* What the disks' file systems do not use, as a run without a conversion finds
 * it; *RET was empty.
 */
extern int check_filesystems (const struct launch *, struct overlays *,
                              const struct launch_context *,
                              struct filesystems *ret, struct error *err);
/* Room for what ITEM names. */
extern int check_room (const char *item, const struct space_estimate *,
                       const struct launch_context *, struct error *err);

/* Report the error of any step as the check's ITEM. */
extern void check_failed (const struct launch_context *, const char *item,
                          const struct error *);

#endif /* V2V_CHECK_H */
