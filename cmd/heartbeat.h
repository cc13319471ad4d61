/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Programs that read JSON lines take a silent run for a dead one.  While no
 * progress is reported, because the copy does not advance or because the
 * --convert command runs, the last progress is repeated once a second.
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
/* To be called for each EVENT_PHASE and EVENT_PROGRESS. */
extern void heartbeat_event (struct heartbeat *, const struct event *);
/* To be called before the supervisor is freed. */
extern void heartbeat_stop (struct heartbeat *);

#endif /* V2V_HEARTBEAT_H */
