/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a kind of target is: a struct target first, then its own fields. */

#ifndef V2V_TARGET_INTERNAL_H
#define V2V_TARGET_INTERNAL_H

#include <stdatomic.h>

#include "target/target.h"

struct target_ops {
  int (*write) (struct target *, const void *buf, uint32_t len,
                uint64_t offset, struct error *err);
  int (*zero) (struct target *, uint32_t len, uint64_t offset,
               struct error *err);
  /* May be NULL: there is nothing to settle, nothing to interrupt. */
  void (*settle) (struct target *, uint64_t len, uint64_t offset);
  void (*interrupt) (struct target *);
  int (*flush) (struct target *, struct error *err);
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
  char first_error[256];        /* that was retried */
};

/* Parts that files and devices share. */

extern int target_fd_write (int fd, const char *path, const void *buf,
                            uint32_t len, uint64_t offset, struct error *err);
/* To be written as data where there is no other way. */
#define TARGET_ZEROES (1 << 20)
extern const char target_zeroes[TARGET_ZEROES];
/* Write zeroes as data. */
extern int target_fd_write_zeroes (int fd, const char *path, uint32_t len,
                                   uint64_t offset, struct error *err);
/* Begin to write the range back, and hand what was written long ago back
 * to the page cache.
 */
struct target_settled;
extern void target_fd_settle (int fd, struct target_settled *,
                              uint64_t len, uint64_t offset);
extern struct target_settled *target_settled_new (struct error *err);
extern void target_settled_free (struct target_settled *);
extern int target_fd_flush (int fd, const char *path, struct error *err);
/* Set errno's error: a full storage is another thing than a bad one. */
extern int target_errno (struct error *err, const char *path);

#endif /* V2V_TARGET_INTERNAL_H */
