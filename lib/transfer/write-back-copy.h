/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_WRITE_BACK_COPY_H
#define V2V_WRITE_BACK_COPY_H

struct copy_result;
struct error;
struct write_back;

/* Step 3: write what the overlays hold to the disks, which have it on
 * stable storage afterwards.  RESULTS has an entry for each disk.
 */
extern int write_back_copy (const struct write_back *,
                            struct copy_result *results, struct error *err);

#endif /* V2V_WRITE_BACK_COPY_H */
