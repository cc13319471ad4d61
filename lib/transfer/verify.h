/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reads the targets back from their storage, and compares them with the
 * digests that were taken while copying.
 */

#ifndef V2V_VERIFY_H
#define V2V_VERIFY_H

struct copy_disk;
struct copying;
struct error;
struct transfer;

/* Serve the target of disk INDEX, which must be closed, and fill in how it is
 * read: base_uri and limits.  Until output_close.
 */
extern int verify_view (const struct transfer *, unsigned index,
                        struct copy_disk *ret, struct error *err);

/* Fills in `verified' and `checksum' of each disk in COPYING->ret.  If an
 * earlier run copied a part of a disk, its checksum is computed while it is
 * read back, so such a disk is read back and compared even without --verify.
 * Differences are REASON_VERIFY; --resume would copy these chunks again, and
 * no others.
 */
extern int verify_run (const struct copying *, struct error *err);

#endif /* V2V_VERIFY_H */
