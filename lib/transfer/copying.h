/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_COPYING_H
#define V2V_COPYING_H

#include "transfer/transfer-request.h"

struct copying {
  const struct transfer *transfer;
  const struct launch_context *context;
  struct copy_hooks hooks;
  unsigned n;
  struct copy_disk *disks;
  struct ranges *missing;  /* of each disk, when the attempt began */
  struct copy_result *results;  /* of the last attempt */
  struct transfer_disk *ret;    /* of all attempts */
  unsigned attempt;             /* the first is 0 */
  unsigned begun, announced;    /* disks, by all attempts: an attempt may end
                                   before it has come to all of them */
  unsigned failures;            /* in succession, without any progress */
  size_t stored;                /* chunks, when the engine began to run in the
                                   last attempt, or that attempt failed */
  bool target_lost;             /* a connection to a target was lost, and
                                   opening the targets has not succeeded
                                   since */
  bool ran;                     /* all was open once, and the engine began */
  bool read_nothing;            /* the last attempt failed before it had read
                                   any byte; or no attempt ever ran */
};

extern int copying_init (struct copying *, const struct transfer *,
                         const struct launch_context *,
                         struct transfer_disk *ret, struct error *err);
extern void copying_reset (struct copying *);

/* One attempt in two parts, between which the disks are copied with the hooks:
 * open everything, and tell what is missing; add what was done.  R is 0 or -1.
 */
extern int copying_open (struct copying *, struct error *err);
extern void copying_ended (struct copying *, int r);

/* Replace servers that died in an earlier attempt, and copy all ranges that
 * are not stored yet.
 */
extern int copying_attempt (struct copying *, struct error *err);

#endif /* V2V_COPYING_H */
