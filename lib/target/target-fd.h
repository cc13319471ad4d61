/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What targets share: some are descriptors on this host, and all have to write
 * zeroes and to report errors.
 */

#ifndef V2V_TARGET_FD_H
#define V2V_TARGET_FD_H

#include <pthread.h>
#include <stddef.h>

#include "target/target-internal.h"

/* Ranges of a file or device that the kernel writes back.  It is asked to
 * begin with a range when that is complete, and is waited for only
 * SETTLE_DEPTH ranges later: a fast disk is kept busy, and a slow one slows
 * the copy down before its data fills the page cache.
 */
#define SETTLE_DEPTH 4

struct settle {
  pthread_mutex_t lock;
  struct settling {
    uint64_t offset, len;
  } ring[SETTLE_DEPTH];
  unsigned next;
};

extern void settle_init (struct settle *);
/* Begin to write the range back, wait for one that was begun earlier, and drop
 * that from the page cache.  A hint, which does not fail.
 */
extern void settle_range (struct settle *, int fd, uint64_t len,
                          uint64_t offset);
extern void settle_reset (struct settle *);

struct target_fd {
  struct target target;
  int fd;
  char *path;
  struct settle settle;
};

/* Allocate a structure of BYTES bytes that begins with a struct target_fd,
 * which is not open yet; the rest is zero.  SIZE is the target's.
 */
extern void *target_fd_new (size_t bytes, const struct target_ops *,
                            const char *path, uint64_t size,
                            uint32_t granule, struct error *err);

/* These are for struct target_ops. */
extern int target_fd_write (struct target *, const void *buf, uint32_t len,
                            uint64_t offset, struct error *err);
extern void target_fd_settle (struct target *, uint64_t len,
                              uint64_t offset);
extern int target_fd_flush (struct target *, struct error *err);
extern void target_fd_free (struct target *);

/* Write zeroes as data, on any kind of target. */
extern int target_write_zeroes (struct target *, uint32_t len,
                                uint64_t offset, struct error *err);
/* Set the error that errno says, with a reason of its own for a full disk. */
extern int target_errno (struct error *err, const char *path);
/* Set the error of a target that has less than the disk's SIZE bytes. */
extern int target_too_small (const struct target *, const char *path,
                             uint64_t size, struct error *err);

#endif /* V2V_TARGET_FD_H */
