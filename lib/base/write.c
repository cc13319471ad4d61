/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Writes all of a text to a descriptor, which may take it bit by bit. */

#include <config.h>

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/error.h"
#include "base/write.h"

int
full_write_within (int fd, const char *text, size_t len, int timeout_ms)
{
  struct pollfd pollfd = { .fd = fd, .events = POLLOUT };

  while (len > 0) {
    const ssize_t n = write (fd, text, len);

    if (n > 0) {
      text += n;
      len -= (size_t) n;
    }
    if (n >= 0 || errno == EINTR)
      continue;
    if (errno != EAGAIN || timeout_ms == 0)
      return -1;
    if (poll (&pollfd, 1, timeout_ms) == 0) {
      errno = ETIMEDOUT;
      return -1;
    }
  }
  return 0;
}

int
full_write (int fd, const void *buf, size_t len)
{
  return full_write_within (fd, buf, len, 0);
}

enum reason
write_reason (void)
{
  return errno == ENOSPC || errno == EDQUOT ? REASON_SPACE : REASON_WRITE;
}
