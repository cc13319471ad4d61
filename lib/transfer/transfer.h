/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Copies a launched guest's disks to an output: brings the overlays' views,
 * the targets and the copy engine together.
 */

#ifndef V2V_TRANSFER_H
#define V2V_TRANSFER_H

#include "transfer/transfer-request.h"

/* Copy all disks and commit the output.  A server that dies is started again
 * and the copy goes on.  DISKS has an entry for each, which is filled in as
 * far as the copy got.
 */
extern int transfer_run (const struct transfer *,
                         const struct launch_context *,
                         struct transfer_disk *disks, struct error *err);

#endif /* V2V_TRANSFER_H */
