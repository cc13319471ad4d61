/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_COPYING_H
#define V2V_COPYING_H

#include "transfer/transfer-request.h"

struct copying {
  const struct transfer *transfer;
  const struct launch_context *context;
  unsigned n;
  struct copy_disk *disks;
  struct copy_ranges *missing;
  struct copy_result *results;  /* of the last attempt */
  struct transfer_disk *ret;
  unsigned attempt;             /* from 0 on */
  unsigned failures;            /* in a row, without any progress */
  size_t stored;                /* chunks, when the last attempt began */
  bool read_nothing;            /* in the last attempt */
};

extern int copying_init (struct copying *, const struct transfer *,
                         const struct launch_context *,
                         struct transfer_disk *ret, struct error *err);
extern void copying_reset (struct copying *);

/* Copy what is not stored yet, after servers that died in an earlier attempt
 * have been replaced.
 */
extern int copying_attempt (struct copying *, struct error *err);

#endif /* V2V_COPYING_H */
