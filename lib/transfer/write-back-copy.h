/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_WRITE_BACK_COPY_H
#define V2V_WRITE_BACK_COPY_H

struct error;
struct transfer_disk;
struct write_back;

/* Step 3: write what the overlays hold to the disks, which have it on
 * stable storage afterwards.  RET has an entry for each disk, which is filled
 * in when all of it has succeeded.
 */
extern int write_back_copy (const struct write_back *,
                            struct transfer_disk *ret, struct error *err);

#endif /* V2V_WRITE_BACK_COPY_H */
