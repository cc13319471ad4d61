/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the lister (lister.c) and its queries (lister-query.c) share. */

#ifndef V2V_LISTER_H
#define V2V_LISTER_H

#include "copy/copy-internal.h"

#define WINDOWS 8               /* asked for at once */
/* Of queries: some servers have large blocks. */
#define QUERY_ALIGN (UINT64_C (64) << 10)

/* A query under way on one side of a window. */
struct query {
  bool busy, done;
  int error;
  uint64_t from;                /* how far answers reached when it began */
};

struct window {
  uint64_t offset, end;
  struct extents zero[SIDES];
  struct extents allocated;     /* in the overlay */
  struct query query[SIDES];
  unsigned n_queries;
};

struct source {
  struct nbd_handle *h;
  const char *uri;
  const char *const *contexts;
  bool mapped;                  /* it answers queries */
  uint64_t size;
  unsigned failures;            /* in a row */
};

struct lister {
  struct copy_job *job;
  struct source sources[SIDES];
  struct window windows[WINDOWS];
  unsigned first, n;            /* a ring */
  uint64_t next, window_len;
  size_t range;                 /* the first that is not behind `next' */
  size_t delivered;             /* the first that is not all delivered */
  struct pieces pieces, selected;
};

/*--- lister-query.c ---*/

/* Which sources the disk has, before any is open. */
extern void lister_init_sources (struct lister *);
extern bool lister_has_source (const struct lister *, enum side);
extern int lister_open_source (struct lister *, enum side,
                               struct error *err);
/* How far the window reaches on a side: beyond a source's end it has
 * nothing.
 */
extern uint64_t lister_side_end (const struct lister *,
                                 const struct window *, enum side);
extern bool lister_side_complete (const struct lister *,
                                  const struct window *, enum side);
/* Take the answer to the window's query, if it has come, and ask on. */
extern int lister_query (struct lister *, struct window *, enum side,
                         struct error *err);

#endif /* V2V_LISTER_H */
