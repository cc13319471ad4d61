/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <config.h>

#include <sys/eventfd.h>

#include "base/cleanup.h"
#include "copy/copy-internal.h"

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
  const uint64_t one = 1;

  /* It fails only when the counter is full: then it is readable. */
  if (write (wake->fd, &one, sizeof one) == -1)
    return;
}

void
wake_clear (const struct wake *wake)
{
  uint64_t count;

  if (read (wake->fd, &count, sizeof count) == -1)
    return;                     /* it was clear */
}

void
wake_reset (struct wake *wake)
{
  close_fd (&wake->fd);
}
