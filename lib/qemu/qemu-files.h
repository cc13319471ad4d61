/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What qemu-img and qemu-nbd open, beside the images that they are run for. */

#ifndef V2V_QEMU_FILES_H
#define V2V_QEMU_FILES_H

struct confine;
struct error;

/* Allow what they need themselves.  TCP is not among it: all that they read
 * from elsewhere comes from servers of ours, through Unix sockets.
 */
extern int qemu_files_allow (struct confine *, struct error *err);
/* Allow ALLOW (CONFINE_*) for an image, or for a directory with images. */
extern int qemu_files_allow_image (struct confine *, const char *path,
                                   unsigned allow, struct error *err);

/* The same for the one that FD, which stays open, is open on (O_PATH will do).
 */
extern int qemu_files_allow_fd (struct confine *, int fd, unsigned allow,
                                struct error *err);

#endif /* V2V_QEMU_FILES_H */
