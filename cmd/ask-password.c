/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Asking for a password on the terminal: who is asked for is found out by the
 * inputs, and whether somebody is asked at all is decided in run-steps.c.
 */

#include <config.h>

#include <poll.h>
#include <string.h>
#include <termios.h>

#include "ask-password.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/secret.h"
#include "base/visible.h"
#include "io/supervisor.h"

/* A process in the background would be stopped when it reads. */
bool
ask_password_can (void)
{
  return isatty (STDIN_FILENO) && isatty (STDERR_FILENO) &&
    tcgetpgrp (STDIN_FILENO) == getpgrp ();
}

struct answer {
  char text[1024];
  size_t len;
  bool complete;
  bool ended;                   /* Ctrl-D, or the terminal is gone */
  int err;                      /* errno, or 0 */
};

static void
read_answer (void *data, short revents __attribute__ ((unused)))
{
  struct answer *answer = data;
  const ssize_t n = read (STDIN_FILENO, answer->text + answer->len,
                          sizeof answer->text - answer->len);
  const char *newline;

  if (n == -1 && (errno == EINTR || errno == EAGAIN))
    return;
  if (n == -1)
    answer->err = errno;
  else
    answer->len += (size_t) n;
  answer->ended = n == 0;
  newline = memchr (answer->text, '\n', answer->len);
  answer->complete = n <= 0 || newline != NULL ||
    answer->len == sizeof answer->text;
  if (newline != NULL)
    answer->len = (size_t) (newline - answer->text);
}

static bool
is_complete (void *data)
{
  const struct answer *answer = data;

  return answer->complete;
}

static int
wait_for_answer (struct supervisor *supervisor, struct answer *answer,
                 struct error *err)
{
  int r;

  if (supervisor_watch (supervisor, STDIN_FILENO, POLLIN, read_answer, answer,
                        err) == -1)
    return -1;
  r = supervisor_wait (supervisor, is_complete, answer, SUPERVISOR_FOREVER,
                       err);
  supervisor_unwatch (supervisor, STDIN_FILENO);
  if (r == -1)
    return -1;
  errno = answer->err;
  return answer->err == 0 ? 0
    : error_errno (err, REASON_USAGE, _("cannot read the password from %s"),
                   "stdin");
}

/* The supervisor has the signals of Ctrl-C and Ctrl-\.  Ctrl-Z does nothing:
 * after it the shell would turn the echo on again.
 */
static int
turn_off_echo (struct termios *before, struct error *err)
{
  struct termios quiet;

  if (tcgetattr (STDIN_FILENO, before) == -1)
    return error_errno (err, REASON_INTERNAL, "tcgetattr");
  quiet = *before;
  quiet.c_lflag &= ~(tcflag_t) ECHO;
  quiet.c_cc[VSUSP] = _POSIX_VDISABLE;
  if (tcsetattr (STDIN_FILENO, TCSAFLUSH, &quiet) == -1)
    return error_errno (err, REASON_INTERNAL, "tcsetattr");
  return 0;
}

static void
print_question (const char *who)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *shown = who == NULL ? NULL
    : visible_text (who, &ignored);

  if (shown != NULL)
    fprintf (stderr, _("password of %s: "), shown);
  else
    fputs (_("password: "), stderr);
  fflush (stderr);
}

int
ask_password (const char *who, struct supervisor *supervisor,
              struct secret **ret, struct error *err)
{
  struct answer answer = { .len = 0 };
  struct termios before;
  int r;

  if (turn_off_echo (&before, err) == -1)
    return -1;
  print_question (who);
  r = wait_for_answer (supervisor, &answer, err);
  tcsetattr (STDIN_FILENO, TCSAFLUSH, &before);
  fputc ('\n', stderr);
  if (r == 0 && answer.ended && answer.len == 0)
    r = error_set (err, REASON_USAGE, _("no password was given"));
  if (r == 0 && answer.len > 0) {
    *ret = secret_new (answer.text, answer.len, err);
    r = *ret != NULL ? 0 : -1;
  }
  explicit_bzero (&answer, sizeof answer);
  return r;
}
