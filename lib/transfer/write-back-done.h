/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What --resume of an --in-place run knows of an earlier one that has
 * finished: a record in the state directory that says how it left the disks.
 */

#ifndef V2V_WRITE_BACK_DONE_H
#define V2V_WRITE_BACK_DONE_H

#include <stdbool.h>

struct error;
struct transfer_disk;
struct write_back;

/* Has a run with the same request finished?  If so, *RET is filled in as by
 * write_back_apply.  -1 with REASON_TARGET_CHANGED: it has, but the disks are
 * not as it left them.
 */
extern int write_back_was_done (struct write_back *,
                                struct transfer_disk *ret, bool *done,
                                struct error *err);
/* Record that the run has finished. */
extern int write_back_store_done (struct write_back *, struct error *err);
/* Before anything is written to the disks: it is no longer so. */
extern int write_back_forget_done (const struct write_back *,
                                   struct error *err);

#endif /* V2V_WRITE_BACK_DONE_H */
