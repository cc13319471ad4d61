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
  collect->errnum = n == -1 ? errno : 0;
  stop (collect);
}

int
collect_from (struct collect *collect, int fd, struct supervisor *supervisor,
              size_t max, struct error *err)
{
  *collect = (struct collect) {
    .supervisor = supervisor, .fd = fd, .max = max,
  };
  collect->fp = open_memstream (&collect->text, &collect->len);
  if (collect->fp == NULL)
    error_nomem (err);
  else if (supervisor_watch (supervisor, fd, POLLIN, read_some, collect,
                             err) == 0)
    return 0;
  close_fd (&collect->fd);
  return -1;
}

int
collect_open (struct collect *collect, struct supervisor *supervisor,
              size_t max, struct error *err)
{
  CLEANUP_FD int wr = -1;
  int fds[2];

  *collect = (struct collect) COLLECT_INIT;
  if (pipe2 (fds, O_CLOEXEC) == -1)
    return error_errno (err, REASON_INTERNAL, "pipe");
  wr = fds[1];
  return collect_from (collect, fds[0], supervisor, max, err) == 0
    ? STEAL_FD (wr) : -1;
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
