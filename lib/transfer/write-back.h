/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Writes the contents of overlays back to the disks below them: to all disks
 * or to none, even if this process or the host dies at any point.
 *
 *   1. The overlays are complete and on stable storage.
 *   2. A record that names all of them is created in one atomic step.
 *   3. Their extents are written to the disks; this can be repeated.
 *   4. The disks are on stable storage; the record is removed, then the
 *      overlays.
 *
 * As long as there is no record, the disks are unchanged or complete.  If
 * there is one, the next run begins at step 3.
 */

#ifndef V2V_WRITE_BACK_H
#define V2V_WRITE_BACK_H

struct error;
struct launch;
struct overlays;
struct transfer_disk;
struct write_back;

/* Look at what the command has left: -1 if it cannot be written back.  No
 * server may have the overlays open.
 */
extern int write_back_take (struct write_back *, const struct overlays *,
                            struct error *err);
/* Steps 1 and 2.  The launch still serves the disks.  From now on the
 * overlays' files are kept.
 */
extern int write_back_commit (struct write_back *, struct overlays *,
                              const struct launch *, struct error *err);
/* Step 3.  RET has an entry for each disk; strings in it belong to the
 * write_back.
 */
extern int write_back_apply (struct write_back *, struct transfer_disk *ret,
                             struct error *err);
/* Step 4.  What the next run is to know of this one is recorded before. */
extern int write_back_end (const struct write_back *, struct error *err);

#endif /* V2V_WRITE_BACK_H */
