/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What kinds of targets have in common.  Their structures begin with a struct
 * target.
 */

#ifndef V2V_TARGET_INTERNAL_H
#define V2V_TARGET_INTERNAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct error;
struct target;

struct target_ops {
  int (*write) (struct target *, const void *buf, uint32_t len,
                uint64_t offset, struct error *err);
  int (*zero) (struct target *, uint32_t len, uint64_t offset,
               struct error *err);
  /* These two may be NULL. */
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
  char first_error[256];        /* after which a request was retried */
};

#endif /* V2V_TARGET_INTERNAL_H */
