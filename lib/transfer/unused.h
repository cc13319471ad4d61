/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the guest's file systems do not use (--skip-unused): found once in a
 * run, and the same whenever the run is resumed.
 */

#ifndef V2V_UNUSED_H
#define V2V_UNUSED_H

#include "base/cleanup.h"
#include "base/ranges.h"

struct error;
struct launch_context;
struct transfer;
struct unused;

/* Nothing has been found. */
extern struct unused *unused_new (struct error *err);
extern void unused_free (struct unused *); /* NULL is fine */

/* If the transfer leaves out what is unused, and it has not been found yet,
 * find it, tell it, and hold it against what the copy that is resumed found.
 * The overlays must have been converted, and their views be closed.
 */
extern int unused_find (const struct transfer *,
                        const struct launch_context *, struct error *err);

/* What is left out of each disk, in bytes of it; NULL: nothing, as far as is
 * known.
 */
extern const struct ranges *unused_ranges (const struct transfer *);
extern const struct ranges *unused_of_disk (const struct transfer *,
                                            unsigned index);

#endif /* V2V_UNUSED_H */
