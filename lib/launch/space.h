/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Is there room for what a run will write? */

#ifndef V2V_SPACE_H
#define V2V_SPACE_H

#include <stdbool.h>
#include <stdint.h>

struct error;
struct launch;
struct launch_context;
struct overlays;
struct ranges;

struct space_target {
  const char *dir;              /* where the disks' files are made */
  bool preallocated;            /* every block of them will exist */
  const struct ranges *unused;  /* of each disk, in bytes of it: not copied;
                                   NULL: everything is, */
  bool more_unused;             /* unless that is found out later */
};

/* What is free and what is needed, in bytes. */
struct space_estimate {
  const char *dir;              /* in this directory's file system */
  uint64_t free, needed;
  bool certain;                 /* no less than that is needed */
};

/* Estimate how much the target needs, from the extents of the sources where
 * they report them; the overlays say how large the disks are.  RET->needed is
 * 0 when the file system does not report how much is free.
 */
extern int space_of_target (const struct space_target *,
                            const struct launch *, const struct overlays *,
                            const struct launch_context *,
                            struct space_estimate *ret, struct error *err);

/* The same for disk INDEX alone, to a place of its own that has FREE bytes;
 * TARGET has no directory, and RET none either.
 */
extern int space_of_disk (const struct space_target *, const struct launch *,
                          const struct overlays *, unsigned index,
                          uint64_t free, const struct launch_context *,
                          struct space_estimate *ret, struct error *err);

/* The same for the overlays.  What a conversion will write is not known;
 * CONVERTED says that there is one.
 */
extern int space_of_overlays (const struct launch *, const struct overlays *,
                              bool converted, const struct launch_context *,
                              struct space_estimate *ret, struct error *err);

extern bool space_is_enough (const struct space_estimate *);
/* Set the error that says that it is not. */
extern int space_missing (const struct space_estimate *, struct error *err);

#endif /* V2V_SPACE_H */
