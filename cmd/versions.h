/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_VERSIONS_H
#define V2V_VERSIONS_H

struct events;
struct supervisor;

/* Which versions of what take part (nbdkit's comes when it is asked for what
 * it can do), as EVENT_DEBUG: what a report of a mistake has to begin with.
 */
extern void versions_tell (struct supervisor *, const struct events *);

#endif /* V2V_VERSIONS_H */
