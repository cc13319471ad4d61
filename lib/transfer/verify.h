/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Is what the targets hold what was read?  They are read back from their
 * storage and compared with the digests that were taken while copying.
 */

#ifndef V2V_VERIFY_H
#define V2V_VERIFY_H

struct copying;
struct error;

/* Fills in `verified' and `checksum' of what is returned for each disk.
 * Where a part of a disk was copied by an earlier run its checksum comes
 * from what is read back, which is compared for that reason too.  A
 * difference is REASON_VERIFY; --resume would copy that chunk again.
 */
extern int verify_run (const struct copying *, struct error *err);

#endif /* V2V_VERIFY_H */
