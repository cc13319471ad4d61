/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What was copied of the sources before their conversion had ended, by this run
 * (ahead.h) or the one that it resumes: how much of it holds, and what is to be
 * copied over it.
 */

#ifndef V2V_COPIED_H
#define V2V_COPIED_H

#include <stdbool.h>
#include <stdint.h>

#include "transfer/resume.h"

struct copied;
struct error;
struct overlays;
struct ranges;

/* Of N disks.  HOLDS: the journal has some of it. */
extern struct copied *copied_new (unsigned n, bool holds, struct error *err);
extern void copied_free (struct copied *); /* NULL is fine */

/* The targets are going to be opened to be written by this run. */
extern void copied_begin (struct copied *);
/* They are open, and what is stored in them holds. */
extern void copied_hold (struct copied *);
/* Nothing of it can be relied on: all is to be copied again. */
extern void copied_drop (struct copied *);

/* The conversion has ended, and the view of disk INDEX, which has SIZE bytes
 * now, is open: what was written to the overlay is stored no more.  To be
 * called once.
 */
extern int copied_convert (struct copied *, const struct overlays *,
                           struct resume *, unsigned index, uint64_t size,
                           enum resume_digests, struct error *err);
/* After that: is what the target of disk INDEX has to be continued? */
extern bool copied_holds (const struct copied *, unsigned index);
/* Has this run begun to write the targets? */
extern bool copied_has_begun (const struct copied *);

/* As resume_missing, but without what holds of chunks that have to be copied
 * in part.
 */
extern int copied_missing (const struct copied *, const struct resume *,
                           unsigned index, struct ranges *ret,
                           struct error *err);
/* After resume_forget_hashes: the digests of what holds in these chunks. */
extern int copied_restore_hashes (const struct copied *,
                                  const struct resume *, unsigned index,
                                  struct error *err);

#endif /* V2V_COPIED_H */
