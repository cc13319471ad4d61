/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Is what the targets hold what was read?  They are read back from their
 * storage and compared with the digests that were taken while copying.
 */

#ifndef V2V_VERIFY_H
#define V2V_VERIFY_H

#include <stdbool.h>

struct copy_disk;
struct error;
struct launch_context;
struct output;
struct resume;
struct transfer_disk;

struct verify_request {
  struct output *output;
  struct resume *resume;
  const char *socket_dir;
  const struct copy_disk *disks; /* as they were copied, with digests */
  unsigned n;
  bool verify;                  /* compare all disks */
  bool checksum;                /* and tell what all of each is */
};

/* Fills in `verified' and `checksum' of RET.  Where a part of a disk was
 * copied by an earlier run its checksum comes from what is read back, which
 * is compared for that reason too.  A difference is REASON_VERIFY; --resume
 * would copy that chunk again.
 */
extern int verify_run (const struct verify_request *,
                       const struct launch_context *,
                       struct transfer_disk *ret, struct error *err);

#endif /* V2V_VERIFY_H */
