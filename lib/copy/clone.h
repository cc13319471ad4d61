/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_CLONE_H
#define V2V_CLONE_H

#include <stdbool.h>

struct copy_job;
struct pieces;

/* Is there anything to gain?  Called by the job's lister, as the next. */
extern bool clone_wanted (struct copy_job *);
/* Append PIECES to RET, after the target has got what it can share with the
 * base: that is PIECE_CLONED there.  -1: no memory.
 */
extern int clone_pieces (struct copy_job *, const struct pieces *,
                         struct pieces *ret);

#endif /* V2V_CLONE_H */
