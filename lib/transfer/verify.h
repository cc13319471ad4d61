/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reads the targets back from their storage, and compares them with the
 * digests that were taken while copying.
 */

#ifndef V2V_VERIFY_H
#define V2V_VERIFY_H

struct copying;
struct error;

/* Fills in `verified' and `checksum' of each disk in COPYING->ret.  If an
 * earlier run copied a part of a disk, its checksum is computed while it is
 * read back, so such a disk is read back and compared even without --verify.
 * A difference is REASON_VERIFY; --resume would copy that chunk again.
 */
extern int verify_run (const struct copying *, struct error *err);

#endif /* V2V_VERIFY_H */
