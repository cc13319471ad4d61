/* SPDX-License-Identifier: GPL-2.0-or-later */

/* --source-limit: the disks of a guest are opened when it is this run's turn
 * at each host that has some of them.
 */

#ifndef V2V_TURN_H
#define V2V_TURN_H

struct error;
struct guest;
struct launch_context;
struct turn;

/* NULL with *err; there is something to wait for only if the settings have a
 * limit.
 */
extern struct turn *turn_new (const struct guest *,
                              const struct launch_context *,
                              struct error *err);
extern void turn_free (struct turn *); /* NULL is fine */

/* Wait until there is a slot for each disk.  -1 with REASON_SESSION_LIMIT:
 * that has taken longer than the settings allow.
 */
extern int turn_wait (struct turn *, struct error *err);

/* Opening the disks has failed with REASON_SESSION_LIMIT: somebody else uses
 * the host, too.  Give the slots back, wait a little (longer each time), clear
 * *err and return 0, to wait for a turn again.  -1 with *err as it was: this
 * has taken longer than the settings allow, or, where they have no limit of
 * time, happened more often than something is retried.
 */
extern int turn_yield (struct turn *, struct error *err);

#endif /* V2V_TURN_H */
