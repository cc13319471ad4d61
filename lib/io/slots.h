/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Slots of something of which only so many may be used at once, over all
 * processes that share a directory: with the directory on NFS, of several
 * hosts.  They are files of that directory, locked with flock, so that the
 * kernel gives back what a process had when it dies.
 *
 * Who comes first gets them first.  A process that waits has a ticket, also a
 * locked file, with a number; only the one with the lowest number takes slots,
 * and it keeps those that it has got until it has got all that it wants.
 */

#ifndef V2V_SLOTS_H
#define V2V_SLOTS_H

#include <stdbool.h>

struct error;
struct slots;

/* WANTED of the LIMIT slots that KEY, any text, has in the directory DIR, which
 * exists.  Who wants more than there are gets as many, which others count, when
 * nobody else has any.  None is taken yet.  Free with slots_free, which gives
 * them back.
 */
extern struct slots *slots_new (const char *dir, const char *key,
                                unsigned limit, unsigned wanted,
                                struct error *err);
extern void slots_free (struct slots *); /* NULL is fine */

/* Take what can be taken now, without waiting: 1 when nothing is missing any
 * more, 0 when something is, or others are to be served before.
 */
extern int slots_try (struct slots *, struct error *err);

/* How many of them others have, as far as slots_try has seen; all of them, as
 * long as others wait before us.
 */
extern unsigned slots_taken (const struct slots *);

#endif /* V2V_SLOTS_H */
