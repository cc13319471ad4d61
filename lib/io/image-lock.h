/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The lock of a disk that is written to: against other runs, and in the way
 * in which qemu locks images, so that a running guest, a qemu-nbd or a
 * qemu-img and this program do not write to the same disk.  It belongs to
 * the file or device and not to its name: symbolic and hard links make no
 * difference.  The kernel frees it when a process dies.
 */

#ifndef V2V_IMAGE_LOCK_H
#define V2V_IMAGE_LOCK_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/file-at.h"

struct error;
struct image_lock;

enum image_lock_how {
  IMAGE_LOCK_WRITE,             /* this process writes: hold what a qemu that
                                   writes holds */
  IMAGE_LOCK_FOR_QEMU,          /* a qemu-nbd of ours will write, which takes
                                   qemu's locks itself: only look whether it
                                   can */
};

/* Open the file or block device PATH, which exists, to lock it and to write
 * to it; a link on the way, or a second name, that another user could have
 * made is refused.  -1 with REASON_TARGET_BUSY: a device that is mounted or
 * otherwise in use.  As long as a device is open nobody else, and not even
 * this process, can open it with O_EXCL.
 */
extern int image_open (const char *path, struct error *err);

/* The same without opening it: the path, without links, of what would be
 * opened.  The caller frees it.  NULL: it would be refused.
 */
extern char *image_real_path (const char *path, struct error *err);

/* Lock the file or block device FD, open for writing, of which the lock gets a
 * descriptor of its own; messages call it PATH.  NULL with REASON_TARGET_BUSY:
 * another program has it.  Nothing is written.  A file system that has no
 * locks is no error: then there is none.
 */
extern struct image_lock *image_lock_new (int fd, const char *path,
                                          enum image_lock_how,
                                          struct error *err);
extern void image_lock_free (struct image_lock *); /* NULL is fine */

/* Is this name, no symbolic link, one of the file that is locked? */
extern bool image_lock_has (const struct image_lock *, struct file_at);

/* Give the file that is locked this mode.  -1 with errno. */
extern int image_lock_chmod (const struct image_lock *, mode_t mode);

/* Has another program opened PATH in order to write to it, as far as qemu's
 * locks tell?  *HOLDER says which; it may be NULL, the caller frees it.
 * False also if PATH cannot be opened.
 */
extern bool image_is_written (const char *path, char **holder);
/* The same of what FD is open on, which may be -1. */
extern bool image_fd_is_written (int fd, char **holder);

#endif /* V2V_IMAGE_LOCK_H */
