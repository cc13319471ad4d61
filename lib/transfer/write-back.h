/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Bringing what overlays hold back to the disks under them, all disks or
 * none, whenever this process or the whole host may die:
 *
 *   1. The overlays are complete and on stable storage.
 *   2. A record that names them all appears, in one atomic step.
 *   3. Their extents are written to the disks, which can be done any number
 *      of times.
 *   4. The disks are on stable storage; the record goes, then the overlays.
 *
 * Without a record the disks are untouched or finished.  With one, whoever
 * comes next begins at step 3.  It lies beside a disk that is a file, as
 * FILE.v2v-in-place, and for devices and NBD exports in the overlays'
 * directory.
 */

#ifndef V2V_WRITE_BACK_H
#define V2V_WRITE_BACK_H

struct error;
struct overlays;
struct transfer_disk;
struct write_back;

/* Steps 1 and 2.  Nothing serves the overlays, whose files stay from now on
 * where they are.
 */
extern int write_back_commit (struct write_back *, struct overlays *,
                              struct error *err);
/* Steps 3 and 4.  RET has an entry for each disk, whose strings belong to
 * the write_back.
 */
extern int write_back_apply (struct write_back *, struct transfer_disk *ret,
                             struct error *err);

#endif /* V2V_WRITE_BACK_H */
