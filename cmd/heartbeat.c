/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A timer of the supervisor that repeats the last progress event when none has
 * come for a while.  report.c turns the event into a JSON line.
 */

#include <config.h>

#include <poll.h>
#include <string.h>
#include <sys/timerfd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "copy/copy.h"
#include "heartbeat.h"
#include "io/supervisor.h"

/* JSON lines promise one second; the copy reports twice a second. */
#define TICK_MS 250
#define SILENCE_MS 700

static void
beat (void *data, short revents __attribute__ ((unused)))
{
  struct heartbeat *heartbeat = data;
  uint64_t times;

  if (read (heartbeat->fd, &times, sizeof times) != sizeof times ||
      heartbeat->last.progress.total == 0 ||
      clock_ms () - heartbeat->last_ms < SILENCE_MS)
    return;
  /* The handler of events calls heartbeat_event. */
  events_emit (heartbeat->events, &(struct event) {
      .type = EVENT_PROGRESS, .disk = -1,
      .progress = heartbeat->last.progress });
}

int
heartbeat_start (struct heartbeat *heartbeat, struct supervisor *supervisor,
                 const struct events *events, struct error *err)
{
  const struct timespec tick = { .tv_nsec = TICK_MS * 1000000 };
  const struct itimerspec when = { .it_interval = tick, .it_value = tick };

  heartbeat->events = events;
  heartbeat->fd = timerfd_create (CLOCK_MONOTONIC, TFD_NONBLOCK|TFD_CLOEXEC);
  if (heartbeat->fd == -1 ||
      timerfd_settime (heartbeat->fd, 0, &when, NULL) == -1)
    return error_errno (err, REASON_INTERNAL, "timerfd");
  if (supervisor_watch (supervisor, heartbeat->fd, POLLIN, beat, heartbeat,
                        err) == -1)
    return -1;
  heartbeat->supervisor = supervisor;
  return 0;
}

void
heartbeat_event (struct heartbeat *heartbeat, const struct event *event)
{
  /* The conversion beside it may last longer. */
  if (event->disk != -1 ||
      (event->type == EVENT_PROGRESS &&
       strcmp (event->progress.phase, COPY_PHASE_AHEAD) == 0))
    return;
  heartbeat->last = *event;
  if (event->type == EVENT_PHASE)
    heartbeat->last.progress.eta_s = -1;
  else
    heartbeat->last_ms = clock_ms ();
}

void
heartbeat_stop (struct heartbeat *heartbeat)
{
  if (heartbeat->supervisor != NULL)
    supervisor_unwatch (heartbeat->supervisor, heartbeat->fd);
  close_fd (&heartbeat->fd);
  heartbeat->supervisor = NULL;
}
