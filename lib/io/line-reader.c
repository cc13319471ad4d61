/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What another program prints, line by line, while the supervisor waits.
 * collect.c is for output that is wanted whole.
 */

#include <config.h>

#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "io/line-reader.h"
#include "io/supervisor.h"

/* A longer line is handed on in pieces. */
#define LINE_MAX_LEN 65536

struct line_reader {
  struct supervisor *supervisor;
  int fd;                       /* -1 at the end */
  line_fn fn;
  void *data;
  size_t len;                   /* of the unfinished line */
  char buf[LINE_MAX_LEN + 1];
};

static void
end_line (struct line_reader *reader, size_t len)
{
  reader->buf[len] = '\0';
  reader->fn (reader->data, reader->buf);
}

/* Hand on all whole lines of the buffer, keep the rest. */
static void
hand_on_lines (struct line_reader *reader)
{
  size_t start = 0;

  for (size_t i = 0; i < reader->len; i++) {
    if (reader->buf[i] == '\0')
      reader->buf[i] = '?';
    if (reader->buf[i] != '\n')
      continue;
    reader->buf[i] = '\0';
    reader->fn (reader->data, reader->buf + start);
    start = i + 1;
  }
  reader->len -= start;
  memmove (reader->buf, reader->buf + start, reader->len);
  if (reader->len == LINE_MAX_LEN) {
    end_line (reader, reader->len);
    reader->len = 0;
  }
}

static void
stop (struct line_reader *reader)
{
  if (reader->fd == -1)
    return;
  supervisor_unwatch (reader->supervisor, reader->fd);
  close_fd (&reader->fd);
}

/* False: nothing is there, or nothing more will come. */
static bool
read_once (struct line_reader *reader)
{
  ssize_t n;

  if (reader->fd == -1)
    return false;
  n = read (reader->fd, reader->buf + reader->len,
            LINE_MAX_LEN - reader->len);
  if (n > 0) {
    reader->len += (size_t) n;
    hand_on_lines (reader);
  }
  else if (n == 0 || (errno != EAGAIN && errno != EINTR))
    stop (reader);
  return n > 0 || errno == EINTR;
}

static void
read_some (void *data, short revents __attribute__ ((unused)))
{
  read_once (data);
}

int
line_reader_open (struct line_reader **ret, struct supervisor *supervisor,
                  line_fn fn, void *data, struct error *err)
{
  struct line_reader *reader = alloc_zero (sizeof *reader, err);
  CLEANUP_FD int wr = -1;
  int fds[2];

  *ret = reader;
  if (reader == NULL)
    return -1;
  reader->supervisor = supervisor;
  reader->fd = -1;
  reader->fn = fn;
  reader->data = data;
  if (pipe2 (fds, O_CLOEXEC) == -1)
    return error_errno (err, REASON_INTERNAL, "pipe");
  reader->fd = fds[0];
  wr = fds[1];
  /* The supervisor may call when line_reader_catch_up has read it all. */
  if (fcntl (reader->fd, F_SETFL, O_NONBLOCK) == -1)
    return error_errno (err, REASON_INTERNAL, "fcntl");
  if (supervisor_watch (supervisor, reader->fd, POLLIN, read_some, reader,
                        err) == -1)
    return -1;
  return STEAL_FD (wr);
}

void
line_reader_catch_up (struct line_reader *reader)
{
  while (read_once (reader))
    ;
}

void
line_reader_drain (struct line_reader *reader)
{
  line_reader_catch_up (reader);
  if (reader->len > 0)
    end_line (reader, reader->len);
  reader->len = 0;
}

void
line_reader_free (struct line_reader *reader)
{
  if (reader == NULL)
    return;
  stop (reader);
  free (reader);
}
