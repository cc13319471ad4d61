/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Running a program to its end and keeping what it prints. */

#include <config.h>

#include <fcntl.h>
#include <poll.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/memstream.h"
#include "io/subprocess.h"
#include "io/supervisor.h"

#define CAPTURE_MAX (16 * 1024 * 1024)

void
captured_reset (struct captured *captured)
{
  free (captured->out);
  free (captured->err);
  *captured = (struct captured) { .out = NULL };
}

/* One stream of the child being read into memory. */
struct capture {
  struct supervisor *sv;
  int fd;                       /* -1 at the end */
  FILE *fp;                     /* memory */
  char **text;                  /* where it will be */
  size_t len;
  bool too_long;
};

struct capture_run {
  struct capture out, err;
};

static void
read_capture (void *data, short revents __attribute__ ((unused)))
{
  struct capture *capture = data;
  char buf[4096];
  ssize_t n = read (capture->fd, buf, sizeof buf);

  if (n == -1 && (errno == EINTR || errno == EAGAIN))
    return;
  if (n > 0 && capture->len + (size_t) n <= CAPTURE_MAX) {
    capture->len += (size_t) n;
    fwrite (buf, 1, (size_t) n, capture->fp);
    return;
  }
  capture->too_long = n > 0;
  supervisor_unwatch (capture->sv, capture->fd);
  close_fd (&capture->fd);
}

/* A pipe whose read end goes to CAPTURE and whose write end is returned. */
static int
capture_open (struct capture *capture, struct supervisor *sv,
              char **text, size_t *len, struct error *err)
{
  CLEANUP_FD int wr = -1;
  int fds[2];

  capture->sv = sv;
  capture->text = text;
  capture->fp = open_memstream (text, len);
  if (capture->fp == NULL) {
    error_nomem (err);
    return -1;
  }
  if (pipe2 (fds, O_CLOEXEC) == -1)
    return error_errno (err, REASON_INTERNAL, "pipe");
  capture->fd = fds[0];
  wr = fds[1];
  if (supervisor_watch (sv, capture->fd, POLLIN, read_capture, capture,
                        err) == -1)
    return -1;
  return STEAL_FD (wr);
}

static int
capture_close (struct capture *capture, struct error *err)
{
  int r = 0;

  if (capture->fd >= 0) {
    supervisor_unwatch (capture->sv, capture->fd);
    close_fd (&capture->fd);
  }
  if (capture->fp != NULL && memstream_close (capture->fp,
                                               capture->text) == -1)
    r = error_nomem (err);
  capture->fp = NULL;
  return r;
}

static bool
both_ended (void *data)
{
  const struct capture_run *run = data;

  return run->out.fd == -1 && run->err.fd == -1;
}

/* Read both streams to their end, then the exit status. */
static int
capture_until_end (struct supervisor *sv, struct capture_run *run,
                   struct child *child, const char *name, int timeout_ms,
                   int *status, struct error *err)
{
  const int64_t deadline_ms = clock_ms () + timeout_ms;
  const int r = supervisor_wait (sv, both_ended, run, deadline_ms, err);

  if (r == 1)
    error_set (err, REASON_TIMEOUT, _("%s did not end within %d seconds"),
               name, timeout_ms / 1000);
  else if (r == 0 && (run->out.too_long || run->err.too_long))
    error_set (err, REASON_INTERNAL, _("%s prints without end"), name);
  if (error_is_set (err)) {
    child_end (child, 0);
    return -1;
  }
  /* It closed its output, so its end is near; one that stays is ended. */
  *status = child_ends_within (child, timeout_ms) ? child_reap (child)
                                            : child_end (child, 0);
  return 0;
}

int
subprocess_capture (struct supervisor *sv,
                    const struct subprocess_spec *original, int timeout_ms,
                    struct captured *ret, struct error *err)
{
  struct capture_run run = { .out = { .fd = -1 }, .err = { .fd = -1 } };
  struct subprocess_spec spec = *original;
  CLEANUP_FD int out_wr = -1, err_wr = -1;
  struct child child = CHILD_INIT;
  int r = -1, saved_errno = 0;

  out_wr = capture_open (&run.out, sv, &ret->out, &ret->out_len, err);
  if (out_wr != -1)
    err_wr = capture_open (&run.err, sv, &ret->err, &ret->err_len, err);
  if (err_wr != -1) {
    spec.stdout_fd = out_wr;
    spec.stderr_fd = err_wr;
    r = subprocess_start (&spec, &child, err);
    if (r == -1)
      saved_errno = errno;
  }
  close_fd (&out_wr);
  close_fd (&err_wr);
  if (r == 0)
    r = capture_until_end (sv, &run, &child, spec.argv->ptr[0], timeout_ms,
                           &ret->status, err);
  if (capture_close (&run.out, err) == -1 ||
      capture_close (&run.err, err) == -1)
    r = -1;
  errno = saved_errno;          /* why it could not be started */
  return r;
}
