/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The child answers through a pipe: "T" and the text, or "E" and the error:
 * its reason as a number, message and hint, each ended by a NUL byte.
 */

#include <config.h>

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/memstream.h"
#include "base/write.h"
#include "io/collect.h"
#include "io/isolated.h"
#include "io/subprocess.h"
#include "io/supervisor.h"

/* The XML of a guest has some KiB. */
#define ANSWER_MAX (64 << 20)

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
    fprintf (fp, "E%d%c%s%c%s%c", (int) err.reason, '\0', err.message, '\0',
             err.hint != NULL ? err.hint : "", '\0');
  if (memstream_close (fp, &answer) == -1 ||
      full_write (fd, answer, len) == -1)
    _exit (EXIT_FAILURE);
  _exit (EXIT_SUCCESS);
}

/* What stands at *AT, ended by a NUL byte; "" at the end. */
static const char *
next_part (const struct collect *answer, size_t *at)
{
  const char *part = *at < answer->len ? answer->text + *at : "";

  *at += strlen (part) + 1;
  return part;
}

static void
take_error (const struct collect *answer, struct error *err)
{
  size_t at = 1;
  const enum reason reason = (enum reason) atoi (next_part (answer, &at));
  const char *message = next_part (answer, &at);
  const char *hint = next_part (answer, &at);

  error_set (err, reason, "%s", message);
  if (*hint != '\0')
    error_hint (err, "%s", hint);
}

static char *
take_answer (struct collect *answer, const char *what, int status,
             struct error *err)
{
  CLEANUP_FREE char *how = NULL;

  if (answer->too_long) {
    error_nomem (err);
    return NULL;
  }
  if (status == 0 && answer->len > 0 && answer->text[0] == 'T') {
    memmove (answer->text, answer->text + 1, answer->len);
    return STEAL (answer->text);
  }
  if (status == 0 && answer->len > 0) {
    take_error (answer, err);
    return NULL;
  }
  how = status_describe (status);
  error_set (err, REASON_READ, "%s %s", what, how != NULL ? how : "");
  return NULL;
}

static int
start (struct collect *answer, struct supervisor *supervisor,
       struct child *child, char *(*fn) (const void *data, struct error *),
       const void *data, struct error *err)
{
  const pid_t parent = getpid ();
  CLEANUP_FD int fd = collect_open (answer, supervisor, ANSWER_MAX, err);

  if (fd == -1)
    return -1;
  child->pid = fork ();
  if (child->pid == 0)
    be_child (parent, fd, fn, data);
  if (child->pid == -1) {
    child->pid = 0;
    return error_errno (err, REASON_INTERNAL, "fork");
  }
  return 0;
}

char *
isolated_call (const char *what,
               char *(*fn) (const void *data, struct error *),
               const void *data, struct supervisor *supervisor,
               struct error *err)
{
  struct collect answer = COLLECT_INIT;
  struct child child = CHILD_INIT;
  char *ret = NULL;
  int r = start (&answer, supervisor, &child, fn, data, err);

  if (r == 0)
    r = supervisor_wait (supervisor, collect_is_complete, &answer,
                         SUPERVISOR_FOREVER, err);
  if (collect_close (&answer, err) == 0 && r == 0)
    ret = take_answer (&answer, what, child_reap (&child), err);
  child_end (&child, 0);
  free (answer.text);
  return ret;
}
