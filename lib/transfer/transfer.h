/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Copies the disks of a launched guest, or what a conversion made of them, to
 * an output.
 */

#ifndef V2V_TRANSFER_H
#define V2V_TRANSFER_H

#include "transfer/transfer-request.h"

/* Copy all disks and commit the output.  The journal remains, for the caller
 * to remove with resume_finish.  If a server dies it is started again and the
 * copy continues.  DISKS has an empty entry for each disk; after a
 * failure too it says how far the copy got.
 */
extern int transfer_run (const struct transfer *,
                         const struct launch_context *,
                         struct transfer_disk *disks, struct error *err);

#endif /* V2V_TRANSFER_H */
