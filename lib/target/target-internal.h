/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What kinds of targets have in common.  Their structures begin with a struct
 * target.
 */

#ifndef V2V_TARGET_INTERNAL_H
#define V2V_TARGET_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct target;

struct target_ops {
  int (*write) (struct target *, const void *buf, uint32_t len,
                uint64_t offset, struct error *err);
  int (*zero) (struct target *, uint32_t len, uint64_t offset,
               struct error *err);
  /* These may be NULL: clone, settle, interrupt, finish. */
  bool (*clone) (struct target *, int fd, uint64_t len, uint64_t offset);
  int (*settle) (struct target *, uint64_t len, uint64_t offset,
                 struct error *err);
  void (*interrupt) (struct target *);
  int (*flush) (struct target *, struct error *err);
  int (*finish) (struct target *, struct error *err);
  void (*free) (struct target *);
};

struct target {
  const struct target_ops *ops;
  uint64_t size;
  uint32_t granule;
  unsigned retries;             /* allowed for a request */
  unsigned timeout_s;           /* for an answer; 0: for ever */
  unsigned retried;
  atomic_bool lost;             /* a connection broke: what was written
                                   before the last flush may be gone */
  char first_error[256];        /* after which a request was retried */

  /* These belong to target.c. */
  pthread_mutex_t lock;         /* guards the failure */
  struct error failure;         /* the first, which stays */
  pthread_mutex_t flushing;     /* held by target_flush: what one of two has
                                   stored, or not, the other one waits for */
  pthread_rwlock_t settling;    /* held by calls of settle; target_flush waits
                                   until they have told what they saw */
};

/* Initialise what the caller's structure begins with; target_reset is the last
 * but one thing that `free' does.
 */
extern void target_init (struct target *, const struct target_ops *,
                         uint64_t size, uint32_t granule);
extern void target_reset (struct target *);

/*--- Descriptors on this host: target-fd.c. ---*/

/* Ranges of a file or device that the kernel writes back.  It is asked to
 * begin with a range when that is complete, and is waited for only
 * SETTLE_DEPTH ranges later: a fast disk is kept busy, and a slow one slows
 * the copy down before its data fills the page cache.
 */
#define SETTLE_DEPTH 4

struct settle {
  pthread_mutex_t lock;         /* initialised by its owner */
  struct settling {
    uint64_t offset, len;
  } ring[SETTLE_DEPTH];
  unsigned next;
};

/* Begin to write the range back, wait for one that was begun earlier, and drop
 * that from the page cache.  -1 if something could not be written: PATH, which
 * FD is open on, has lost it, and fsync may not say so again.
 */
extern int settle_range (struct settle *, int fd, const char *path,
                         uint64_t len, uint64_t offset, struct error *err);

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
extern int target_fd_settle (struct target *, uint64_t len, uint64_t offset,
                             struct error *err);
extern int target_fd_flush (struct target *, struct error *err);
extern void target_fd_free (struct target *);

/*--- All targets: target-fd.c too. ---*/

/* Write zeroes as data. */
extern int target_write_zeroes (struct target *, uint32_t len,
                                uint64_t offset, struct error *err);
/* Set the error that errno says, with a reason of its own for a full disk. */
extern int target_errno (struct error *err, const char *path);
/* Set the error of a target that has less than the disk's SIZE bytes. */
extern int target_too_small (const struct target *, const char *path,
                             uint64_t size, struct error *err);

#endif /* V2V_TARGET_INTERNAL_H */
