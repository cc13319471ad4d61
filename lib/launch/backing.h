/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The image under an overlay, for qemu. */

#ifndef V2V_BACKING_H
#define V2V_BACKING_H

struct error;
struct image_info;
struct launch_context;
struct launched_disk;

/* Write what was kept of the image to a file in DIR, the overlays' directory,
 * where qemu must run to find it.
 */
extern int backing_keep_head (const struct launched_disk *, const char *dir,
                              struct error *err);
/* Let that file reach stable storage. */
extern int backing_sync_head (const struct launched_disk *, const char *dir,
                              struct error *err);

/* Let qemu look at an image that is not plain.  *INFO is to be reset by the
 * caller.
 */
extern int backing_inspect (const struct launched_disk *, unsigned index,
                            const char *dir, const struct launch_context *,
                            struct image_info *info, struct error *err);
/* The disk's name for a qemu that runs there; the caller frees it.  INFO is
 * empty for a plain one.
 */
extern char *backing_name (const struct launched_disk *,
                           const struct image_info *info,
                           struct error *err);

#endif /* V2V_BACKING_H */
