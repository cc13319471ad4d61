/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The lock of a disk that this run writes to. */

#ifndef V2V_PLACE_LOCK_H
#define V2V_PLACE_LOCK_H

#include "base/file-at.h"

struct error;
struct launch_context;
struct location;
struct place_lock;

/* Lock a local file or device, which FD is open on (-1: it
 * is opened), or an NBD export.  IMAGE_FORMAT is that of the
 * image in it: we write raw ones ourselves, others through qemu-nbd.  NULL
 * with REASON_TARGET_BUSY: another run or another program has it.  To be
 * called before anything is told to the guard that another run could trip
 * over: what was told first is removed last.
 */
extern struct place_lock *place_lock_new (const struct location *, int fd,
                                          const char *image_format,
                                          const struct launch_context *,
                                          struct error *err);
/* The same for the name of a file that need not be there. */
extern struct place_lock *place_lock_new_name (struct file_at,
                                               const struct launch_context *,
                                               struct error *err);
extern void place_lock_free (struct place_lock *); /* NULL is fine */

#endif /* V2V_PLACE_LOCK_H */
