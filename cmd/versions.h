/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_VERSIONS_H
#define V2V_VERSIONS_H

struct events;
struct supervisor;

/* Tell the versions of all programs that take part as EVENT_DEBUG, which bug
 * reports need.  nbdkit's version is told when nbdkit is asked what it can do.
 */
extern void versions_tell (struct supervisor *, const struct events *);

#endif /* V2V_VERSIONS_H */
