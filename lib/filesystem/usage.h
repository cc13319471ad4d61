/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a reader of one kind of file systems says of a volume. */

#ifndef V2V_USAGE_H
#define V2V_USAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ranges.h"
#include "filesystem/filesystem.h"

struct error;
struct reader;

struct usage {
  char *why_not;                /* a doubt: all of it counts as used */
  struct ranges unused;         /* bytes of the volume, sorted */
  uint64_t free;                /* bytes: all that usage_free was told of */
  uint64_t min_run;             /* shorter runs are left out of `unused' */
  enum guest_state state;
  bool if_shut_down;            /* what is free is so only then */
};

/* One kind of file systems: filesystem/NAME.c. */
struct filesystem_ops {
  /* As libblkid calls them, ended by NULL. */
  const char *const *types;
  /* Look at VOLUME, which holds TYPE, and call usage_free for what is free, or
   * usage_doubt.  -1: VOLUME cannot be read, or there is no memory.
   */
  int (*read) (struct reader *volume, const char *type, struct usage *ret,
               struct error *err);
};

extern const struct filesystem_ops filesystem_ext, filesystem_xfs,
  filesystem_swap;
#ifdef HAVE_NTFS_3G
extern const struct filesystem_ops filesystem_ntfs;
#endif

/* LEN bytes from OFFSET on are free.  Calls come in the order of the offsets,
 * and adjacent runs are joined.  What is not whole 512-byte sectors is left
 * to the used ones.  There may be any number of runs: beyond RUNS_MAX the
 * shortest are left out (counted as used), so that memory is bounded.
 */
extern int usage_free (struct usage *, uint64_t offset, uint64_t len,
                       struct error *err);
/* Why nothing of the volume counts as free, for people ("the file system was
 * not unmounted").  Returns 0, or -1 when there is no memory.  The first doubt
 * stays.
 */
extern int usage_doubt (struct usage *, struct error *err,
                        const char *fmt, ...)
  __attribute__ ((format (printf, 3, 4)));
extern void usage_reset (struct usage *);

#define USAGE_MIN_RUN UINT64_C (512)
#define USAGE_RUNS_MAX (UINT64_C (1) << 20)

#endif /* V2V_USAGE_H */
