/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Programs that read JSON lines take silence for death.  While nothing else
 * tells how far the run is, because it does not move or because it is the
 * --convert command's turn, this repeats it each second.
 */

#ifndef V2V_HEARTBEAT_H
#define V2V_HEARTBEAT_H

#include <stdint.h>

#include "base/events.h"

struct error;
struct supervisor;

struct heartbeat {
  int fd;                       /* a timer, or -1 */
  struct supervisor *supervisor;
  const struct events *events;
  struct event last;            /* the whole run's progress */
  int64_t last_ms;
};

#define HEARTBEAT_INIT { .fd = -1 }

extern int heartbeat_start (struct heartbeat *, struct supervisor *,
                            const struct events *, struct error *err);
/* EVENT_PHASE and EVENT_PROGRESS are to be passed on to these. */
extern void heartbeat_phase (struct heartbeat *, const struct event *);
extern void heartbeat_progress (struct heartbeat *, const struct event *);
/* Before the supervisor goes. */
extern void heartbeat_stop (struct heartbeat *);

#endif /* V2V_HEARTBEAT_H */
