/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The end of a run that has succeeded: what it made. */

#ifndef V2V_SUCCESS_H
#define V2V_SUCCESS_H

#include <stdbool.h>

struct events;
struct filesystems;
struct output;
struct transfer_disk;

struct success {
  bool check;                   /* --check: nothing was done */
  bool changed;                 /* a target or a disk was written to */
  const struct output *output;  /* or NULL */
  const struct transfer_disk *disks;
  unsigned n;                   /* of them */
  const struct filesystems *filesystems; /* of --check; or NULL */
  double seconds;
};

/* Where disk INDEX was written, and in which format; NULL: nowhere. */
extern const char *success_target (const struct success *, unsigned index);
extern const char *success_format (const struct success *, unsigned index);

/* "raw, 10 GiB, 1.2 GiB written, verified": what disk INDEX became.  The
 * caller frees it; NULL: no memory.
 */
extern char *success_describe (const struct success *, unsigned index);

/* Tell people: how long it took, a line for each disk, and what they will
 * want to do next.
 */
extern void success_tell (const struct success *, const struct events *);

#endif /* V2V_SUCCESS_H */
