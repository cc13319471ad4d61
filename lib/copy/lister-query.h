/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The lister's connections, and the windows: ranges of the disk whose extents
 * have been asked for.
 */

#ifndef V2V_LISTER_QUERY_H
#define V2V_LISTER_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "copy/connection.h"
#include "copy/pieces.h"

struct copy_job;
struct error;

#define WINDOWS 8               /* at the same time */
/* Queries are aligned to this: some servers have large blocks. */
#define QUERY_ALIGN (UINT64_C (64) << 10)

struct window {
  uint64_t offset, end;
  struct extents maps[MAPS];
  struct query {                /* a command for one side */
    struct window *window;
    enum side side;
    bool busy, done;
    int error;
    uint64_t from;              /* where it begins */
    int64_t sent_ms;
  } query[SIDES];
  unsigned n_queries;
};

struct queries {
  struct copy_job *job;
  struct source {
    struct conn conn;
    bool tells_extents;         /* it has the meta contexts */
    unsigned failures;          /* in a row */
  } sources[SIDES];
  struct window windows[WINDOWS];
  unsigned first, n;            /* a ring */
};

extern void queries_init (struct queries *, struct copy_job *);
extern void queries_reset (struct queries *);
/* Connect, with as many attempts as the user allows. */
extern int queries_open_source (struct queries *, enum side,
                                struct error *err);
/* Leave it, and wait until the server has noticed. */
extern void queries_leave (struct queries *, enum side);
/* The window number I, counted from the oldest. */
extern struct window *queries_window (struct queries *, unsigned i);
/* Add a window after the others. */
extern void queries_add_window (struct queries *, uint64_t offset,
                                uint64_t end);
/* Where the window ends on a side: not beyond the end of the source. */
extern uint64_t queries_side_end (const struct queries *,
                                  const struct window *, enum side);
/* Are all extents of the window known? */
extern bool queries_complete (const struct queries *, const struct window *);
/* Has a command ended that queries_advance has not seen? */
extern bool queries_answered (struct queries *);
/* Handle the commands that have ended, and send those that are missing. */
extern int queries_advance (struct queries *, struct error *err);
/* Wait for answers, or until the lister is woken. */
extern void queries_wait (struct queries *, int timeout_ms);

#endif /* V2V_LISTER_QUERY_H */
