/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_WRITE_BACK_COPY_H
#define V2V_WRITE_BACK_COPY_H

struct error;
struct transfer_disk;
struct write_back;

/* Step 3: write the allocated extents of the overlays to the disks, which are
 * on stable storage afterwards.  RET has an entry for each disk, which is
 * filled in if all disks succeed.
 */
extern int write_back_copy (const struct write_back *,
                            struct transfer_disk *ret, struct error *err);

#endif /* V2V_WRITE_BACK_COPY_H */
