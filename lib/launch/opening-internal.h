/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One attempt to open what an nbdkit serves, and why it failed: what opening.c
 * has of opening-why.c.
 */

#ifndef V2V_OPENING_INTERNAL_H
#define V2V_OPENING_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "launch/reach.h"

struct error;
struct launch_context;
struct nbdkit_cmd;
struct nbdkit_server;
struct plan;

struct attempt {
  const struct plan *plan;
  const struct launch_context *context;
  struct nbdkit_server *server;
  int timeout_ms;
  int64_t first_error_ms;       /* 0: none yet */
  bool looks_at_end;            /* the last bytes will be wanted, too */
  bool reading;                 /* it is open, the first bytes are awaited */
  int64_t silent_since_ms;      /* 0: the server was asked about that */
  struct reach reach;           /* since the first connection was begun */
};

/* CMD, one of the plan's, did not start: make *ERR say why. */
extern void opening_why_not_started (const struct plan *,
                                     const struct nbdkit_cmd *cmd,
                                     struct error *err);
/* The attempt failed: set *ERR, unless the failure has set it. */
extern void opening_why (const struct attempt *, bool timed_out,
                         struct error *err);

#endif /* V2V_OPENING_INTERNAL_H */
