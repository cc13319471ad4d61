/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Making events out of what is known and a printf format.  What becomes of
 * an event is decided by the command (cmd/report.c).
 */

#include <config.h>

#include <stdarg.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"

void
events_emit (const struct events *events, const struct event *event)
{
  if (events != NULL && events->handle != NULL)
    events->handle (events->data, event);
}

/* Print TEXT of EVENT, and hand it on.  What cannot be said for want of
 * memory is not said: events never make a run fail.
 */
static void
say (const struct events *events, struct event *event, const char *fmt,
     va_list args)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *text = vformat (&ignored, fmt, args);

  event->text = text;
  if (text != NULL)
    events_emit (events, event);
}

void
events_say (const struct events *events, enum event_type type, int disk,
            const char *fmt, ...)
{
  struct event event = { .type = type, .disk = disk };
  va_list args;

  va_start (args, fmt);
  say (events, &event, fmt, args);
  va_end (args);
}

const char *
check_status_name (enum check_status status)
{
  static const char *const names[] = {
    [CHECK_OK] = "ok", [CHECK_WARNING] = "warning", [CHECK_ERROR] = "error",
  };

  return names[status];
}

void
events_check (const struct events *events, int disk, const char *item,
              enum check_status status, const char *fmt, ...)
{
  struct event event = {
    .type = EVENT_CHECK, .disk = disk,
    .check = { .item = item, .status = status },
  };
  va_list args;

  va_start (args, fmt);
  say (events, &event, fmt, args);
  va_end (args);
}
