/* SPDX-License-Identifier: GPL-2.0-or-later */

/* An eventfd for each thread that waits in poll and may have to stop.  Which
 * thread wakes which one, and the lock for a list, is left to the callers.
 */

#include <config.h>

#include <poll.h>
#include <sys/eventfd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "io/wake.h"

int
wake_init (struct wake *wake, struct error *err)
{
  *wake = (struct wake) { .fd = eventfd (0, EFD_CLOEXEC|EFD_NONBLOCK) };
  if (wake->fd == -1)
    return error_errno (err, REASON_INTERNAL, "eventfd");
  return 0;
}

void
wake_up (const struct wake *wake)
{
  /* This fails only when the counter is full; then it is readable. */
  eventfd_write (wake->fd, 1);
}

void
wake_clear (const struct wake *wake)
{
  eventfd_t count;

  eventfd_read (wake->fd, &count); /* fails if it was clear */
}

bool
wake_wait (const struct wake *wake, int timeout_ms)
{
  struct pollfd pollfd = { .fd = wake->fd, .events = POLLIN };

  return poll (&pollfd, 1, timeout_ms) == 1;
}

void
wake_reset (struct wake *wake)
{
  close_fd (&wake->fd);
}

void
wake_list_add (struct wake_list *list, struct wake *wake)
{
  if (!wake->listed)
    LIST_INSERT_HEAD (list, wake, others);
  wake->listed = true;
}

void
wake_list_remove (struct wake *wake)
{
  if (wake->listed)
    LIST_REMOVE (wake, others);
  wake->listed = false;
}

void
wake_list_up (struct wake_list *list)
{
  struct wake *wake;

  while ((wake = LIST_FIRST (list)) != NULL) {
    wake_list_remove (wake);
    wake_up (wake);
  }
}
