/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The child answers through a pipe: "T" and the text, or "E" and the error:
 * its reason as a number, message and hint, each ended by a NUL byte.
 */

#include <config.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/memstream.h"
#include "io/isolated.h"
#include "io/subprocess.h"
#include "io/supervisor.h"

/* The XML of a guest has some KiB. */
#define ANSWER_MAX (64 << 20)

/* The parent's view. */
struct call {
  struct supervisor *supervisor;
  int fd;                       /* the pipe; -1 at its end */
  char *text;
  size_t len;
  bool failed;                  /* no memory, or too long */
};

static void
print_error (FILE *fp, const struct error *err)
{
  fprintf (fp, "E%d", (int) err->reason);
  putc ('\0', fp);
  fputs (err->message, fp);
  putc ('\0', fp);
  if (err->hint != NULL)
    fputs (err->hint, fp);
  putc ('\0', fp);
}

static void
be_child (pid_t parent, int fd,
          char *(*fn) (const void *data, struct error *), const void *data)
{
  struct error err = ERROR_INIT;
  char *answer = NULL, *text;
  size_t len;
  FILE *fp;

  /* What may hang does not outlive us. */
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (getppid () != parent)
    _exit (EXIT_FAILURE);
  text = fn (data, &err);
  fp = open_memstream (&answer, &len);
  if (fp == NULL)
    _exit (EXIT_FAILURE);
  if (text != NULL)
    fprintf (fp, "T%s", text);
  else
    print_error (fp, &err);
  if (memstream_close (fp, &answer) == -1 || full_write (fd, answer, len) == -1)
    _exit (EXIT_FAILURE);
  _exit (EXIT_SUCCESS);
}

static void
append (struct call *call, const char *buf, size_t len)
{
  char *text = call->len + len > ANSWER_MAX ? NULL
    : realloc (call->text, call->len + len + 1);

  if (text == NULL) {
    call->failed = true;
    return;
  }
  memcpy (text + call->len, buf, len);
  call->text = text;
  call->len += len;
  call->text[call->len] = '\0';
}

static void
read_answer (void *data, short revents __attribute__ ((unused)))
{
  struct call *call = data;
  char buf[16384];
  const ssize_t n = read (call->fd, buf, sizeof buf);

  if (n == -1 && (errno == EINTR || errno == EAGAIN))
    return;
  if (n > 0)
    append (call, buf, (size_t) n);
  if (n > 0 && !call->failed)
    return;
  supervisor_unwatch (call->supervisor, call->fd);
  close_fd (&call->fd);
}

static bool
is_complete (void *data)
{
  const struct call *call = data;

  return call->fd == -1;
}

/* What stands at *AT, ended by a NUL byte; "" at the end. */
static const char *
next_part (const struct call *call, size_t *at)
{
  const char *part = *at < call->len ? call->text + *at : "";

  *at += strlen (part) + 1;
  return part;
}

static void
take_error (const struct call *call, struct error *err)
{
  size_t at = 1;
  const enum reason reason = (enum reason) atoi (next_part (call, &at));
  const char *message = next_part (call, &at);
  const char *hint = next_part (call, &at);

  error_set (err, reason, "%s", message);
  if (*hint != '\0')
    error_hint (err, "%s", hint);
}

static char *
take_answer (struct call *call, const char *what, int status,
             struct error *err)
{
  CLEANUP_FREE char *how = NULL;

  if (call->failed) {
    error_nomem (err);
    return NULL;
  }
  if (status == 0 && call->len > 0 && call->text[0] == 'T') {
    memmove (call->text, call->text + 1, call->len);
    return STEAL (call->text);
  }
  if (status == 0 && call->len > 0) {
    take_error (call, err);
    return NULL;
  }
  how = status_describe (status);
  error_set (err, REASON_READ, "%s %s", what, how != NULL ? how : "");
  return NULL;
}

static int
start (struct call *call, struct child *child,
       char *(*fn) (const void *data, struct error *), const void *data,
       struct error *err)
{
  const pid_t parent = getpid ();
  int fds[2];

  if (pipe2 (fds, O_CLOEXEC) == -1)
    return error_errno (err, REASON_INTERNAL, "pipe");
  child->pid = fork ();
  if (child->pid == 0)
    be_child (parent, fds[1], fn, data);
  close (fds[1]);
  call->fd = fds[0];
  if (child->pid == -1) {
    child->pid = 0;
    return error_errno (err, REASON_INTERNAL, "fork");
  }
  return supervisor_watch (call->supervisor, call->fd, POLLIN, read_answer,
                           call, err);
}

char *
isolated_call (const char *what,
               char *(*fn) (const void *data, struct error *),
               const void *data, struct supervisor *supervisor,
               struct error *err)
{
  struct call call = { .supervisor = supervisor, .fd = -1 };
  struct child child = CHILD_INIT;
  char *ret = NULL;

  if (start (&call, &child, fn, data, err) == 0 &&
      supervisor_wait (supervisor, is_complete, &call, SUPERVISOR_FOREVER,
                       err) == 0)
    ret = take_answer (&call, what, child_reap (&child), err);
  if (call.fd != -1) {
    supervisor_unwatch (supervisor, call.fd);
    close_fd (&call.fd);
  }
  child_end (&child, 0);
  free (call.text);
  return ret;
}
