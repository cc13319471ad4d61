/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A look at a launched disk before hours are spent on it: its end, and how
 * much of it holds data.
 */

#ifndef V2V_SURVEY_H
#define V2V_SURVEY_H

#include <stdbool.h>
#include <stdint.h>

struct error;
struct launch;
struct launch_context;
struct ranges;

struct survey {
  bool multi_conn;              /* several clients may write at once */
  bool holes;                   /* the source reports them */
  bool complete;                /* all of it was looked at in time */
  uint64_t data;                /* bytes of what was looked at */
};

/* Read the last bytes of disk INDEX and ask for extents, for about
 * BUDGET_MS at most.  What is UNUSED (of what nbdkit serves; NULL: nothing)
 * does not count as data.
 */
extern int survey_disk (const struct launch *, unsigned index,
                        const struct ranges *unused,
                        const struct launch_context *, unsigned budget_ms,
                        struct survey *ret, struct error *err);

#endif /* V2V_SURVEY_H */
