/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The copy of the sources while they are converted
 * (--copy-while-converting): the sources do not change, and what the conversion
 * has written is copied over them when it has ended.
 */

#ifndef V2V_AHEAD_H
#define V2V_AHEAD_H

#include <stdbool.h>

#include "transfer/transfer-request.h"

struct ahead;

/* Why the disks cannot be copied before their conversion has ended:
 * translated; NULL: they can.  The launch has been started.
 */
extern const char *ahead_obstacle (const struct transfer *);
/* Is it worth while: is the link what the copy waits for, and will what is
 * copied be removed if the conversion fails?
 */
extern bool ahead_is_worth_it (const struct transfer *);

/* The copy of the sources of TRANSFER, which tells in its member `copied' what
 * becomes of it; both outlive it.  Nothing is started.
 */
extern struct ahead *ahead_new (const struct transfer *,
                                const struct launch_context *,
                                struct transfer_disk *disks,
                                struct error *err);
/* Start it: it goes on whenever the supervisor waits.  The overlays are served
 * to the conversion.  That it fails is no error, unless the run was
 * interrupted: then all that is missing is copied when the conversion has
 * ended.
 */
extern int ahead_start (struct ahead *, struct error *err);
/* The conversion has succeeded: wait for the end, at full speed, unless much is
 * left.  -1: the copy has failed since then, or the run was interrupted.
 */
extern int ahead_finish (struct ahead *, struct error *err);
/* Has it failed because a connection to a target was lost? */
extern bool ahead_lost_target (const struct ahead *);
/* How many disks it has announced. */
extern unsigned ahead_announced (const struct ahead *);
/* Ends it; NULL is fine. */
extern void ahead_free (struct ahead *);

#endif /* V2V_AHEAD_H */
