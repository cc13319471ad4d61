/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Is what an interrupted copy has left, and what it read, still there? */

#ifndef V2V_RESUMED_H
#define V2V_RESUMED_H

#include "transfer/transfer-request.h"

/* Before a copy is resumed: compare the targets with the facts in the journal,
 * and read a few stored chunks again, on both sides.  Nothing is written to
 * the targets.  If a target does not exist any more the copy begins again;
 * does nothing if none is resumed.
 */
extern int resumed_check (const struct transfer *,
                          const struct launch_context *, struct error *err);

#endif /* V2V_RESUMED_H */
