/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_EXTENTS_TARGET_H
#define V2V_EXTENTS_TARGET_H

struct error;
struct launch;
struct launch_context;
struct output;

/* Before changed extents are written: is the target of disk INDEX of the
 * output's format (-of)?  A file or a device that is not there, or has another
 * size, is left to the output.  The launch has been started.
 */
extern int extents_target_check (const struct output *, const struct launch *,
                                 unsigned index,
                                 const struct launch_context *,
                                 struct error *err);

#endif /* V2V_EXTENTS_TARGET_H */
