/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_PACE_H
#define V2V_PACE_H

#include <stdbool.h>

struct error;
struct launch_context;
struct plan;

/* Has *ERR been that the server is asked too often, and is it worth another
 * attempt, more slowly?  Then *ERR is reset, the plan has longer pauses
 * between all requests, and the first one has passed.
 */
extern bool pace_slow_down (struct plan *, const struct launch_context *,
                            struct error *err);

/* Pause before the source is asked for something, if it wants that. */
extern int pace_keep (const struct plan *, const struct launch_context *,
                      struct error *err);

#endif /* V2V_PACE_H */
