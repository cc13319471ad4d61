/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a child prints or answers, whole.  Who needs it line by line, while
 * the child runs, takes a line_reader.
 */

#include <config.h>

#include <fcntl.h>
#include <poll.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/memstream.h"
#include "io/collect.h"
#include "io/supervisor.h"

static void
stop (struct collect *collect)
{
  if (collect->fd == -1)
    return;
  supervisor_unwatch (collect->supervisor, collect->fd);
  close_fd (&collect->fd);
}

static void
read_some (void *data, short revents __attribute__ ((unused)))
{
  struct collect *collect = data;
  char buf[16384];
  const ssize_t n = read (collect->fd, buf, sizeof buf);

  if (n == -1 && (errno == EINTR || errno == EAGAIN))
    return;
  if (n > 0 && collect->n + (size_t) n <= collect->max) {
    collect->n += (size_t) n;
    fwrite (buf, 1, (size_t) n, collect->fp);
    return;
  }
  collect->too_long = n > 0;
  stop (collect);
}

int
collect_open (struct collect *collect, struct supervisor *supervisor,
              size_t max, struct error *err)
{
  CLEANUP_FD int wr = -1;
  int fds[2];

  *collect = (struct collect) {
    .supervisor = supervisor, .fd = -1, .max = max,
  };
  collect->fp = open_memstream (&collect->text, &collect->len);
  if (collect->fp == NULL)
    return error_nomem (err);
  if (pipe2 (fds, O_CLOEXEC) == -1)
    return error_errno (err, REASON_INTERNAL, "pipe");
  collect->fd = fds[0];
  wr = fds[1];
  if (supervisor_watch (supervisor, collect->fd, POLLIN, read_some, collect,
                        err) == -1)
    return -1;
  return STEAL_FD (wr);
}

bool
collect_is_complete (void *data)
{
  const struct collect *collect = data;

  return collect->fd == -1;
}

int
collect_close (struct collect *collect, struct error *err)
{
  FILE *fp = collect->fp;

  stop (collect);
  collect->fp = NULL;
  if (fp != NULL && memstream_close (fp, &collect->text) == -1)
    return error_nomem (err);
  return 0;
}
