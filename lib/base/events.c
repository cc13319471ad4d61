/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <config.h>

#include <stdarg.h>

#include "base/cleanup.h"
#include "base/events.h"

void
events_emit (const struct events *events, const struct event *event)
{
  if (events != NULL && events->handle != NULL)
    events->handle (events->data, event);
}

void
events_say (const struct events *events, enum event_type type, int disk,
            const char *fmt, ...)
{
  CLEANUP_FREE char *text = NULL;
  va_list args;
  int r;

  va_start (args, fmt);
  r = vasprintf (&text, fmt, args);
  va_end (args);
  if (r == -1) {
    text = NULL;
    return;
  }
  events_emit (events, &(struct event) {
      .type = type, .disk = disk, .text = text });
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
  CLEANUP_FREE char *text = NULL;
  va_list args;
  int r;

  va_start (args, fmt);
  r = vasprintf (&text, fmt, args);
  va_end (args);
  if (r == -1) {
    text = NULL;
    return;
  }
  events_emit (events, &(struct event) {
      .type = EVENT_CHECK, .disk = disk, .text = text,
      .check = { .item = item, .status = status } });
}
