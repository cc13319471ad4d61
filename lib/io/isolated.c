/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The child answers through a pipe: "T" and the text, or "E" and the error:
 * its reason as a number, message and hint, each ended by a NUL byte.  Before
 * that, each "." says that it is not stuck.
 */

#include <config.h>

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/memstream.h"
#include "base/write.h"
#include "io/collect.h"
#include "io/descriptors.h"
#include "io/isolated.h"
#include "io/subprocess.h"
#include "io/supervisor.h"

/* The XML of a guest has some KiB. */
#define ANSWER_MAX (64 << 20)

/* A second is a long time for the child, and 64 MiB are two years. */
#define PROGRESS_MS 1000

struct isolated {
  int fd;
  int64_t told_ms;
};

/* What to call, and how. */
struct call {
  char *(*fn) (const void *data, struct error *);
  char *(*limited_fn) (const void *data, struct isolated *, struct error *);
  const void *data;
  const struct isolated_limits *limits; /* NULL: none, and fn counts */
  unsigned max_quiet_s;         /* 0: for ever */
};

/*--- The child. ---*/

void
isolated_progress (struct isolated *isolated)
{
  const int64_t now_ms = clock_ms ();

  if (now_ms - isolated->told_ms < PROGRESS_MS)
    return;
  isolated->told_ms = now_ms;
  if (full_write (isolated->fd, ".", 1) == -1)
    _exit (EXIT_FAILURE);
}

#if defined __has_feature
#if __has_feature (address_sanitizer) || __has_feature (thread_sanitizer)
#define HAS_SHADOW_MEMORY 1
#endif
#endif
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define HAS_SHADOW_MEMORY 1
#endif

#ifdef HAS_SHADOW_MEMORY

static int
limit_memory (uint64_t max __attribute__ ((unused)))
{
  return 0;
}

#else

/* Bytes of address space that this process has, or 0. */
static uint64_t
memory_now (void)
{
  CLEANUP_FCLOSE FILE *fp = fopen ("/proc/self/statm", "re");
  unsigned long pages;

  return fp != NULL && fscanf (fp, "%lu", &pages) == 1
    ? (uint64_t) pages * (uint64_t) sysconf (_SC_PAGESIZE) : 0;
}

static int
limit_memory (uint64_t max)
{
  const uint64_t now = memory_now ();
  const struct rlimit rlimit = { now + max, now + max };

  return now == 0 ? 0 : setrlimit (RLIMIT_AS, &rlimit);
}

#endif

static int
obey (const struct isolated_limits *limits)
{
  /* Above the first it is told so by a signal of its own. */
  const struct rlimit cpu = { limits->max_cpu_s, limits->max_cpu_s + 1 };
  const struct rlimit no_core = { .rlim_cur = 0 };

  return setrlimit (RLIMIT_CPU, &cpu) == 0 &&
    setrlimit (RLIMIT_CORE, &no_core) == 0 &&
    limit_memory (limits->max_memory) == 0 ? 0 : -1;
}

/* Nothing of ours stays open but the pipe, and standard output and error for
 * what a sanitizer prints.
 */
static int
close_others (int fd)
{
  const int kept = STDERR_FILENO + 1;

  if (fd != kept && dup2 (fd, kept) == -1)
    return -1;
  close_descriptors (kept + 1, false);
  return kept;
}

static char *
make_call (const struct call *call, int *fd, struct error *err)
{
  struct isolated isolated;

  if (call->limits == NULL)
    return call->fn (call->data, err);
  *fd = close_others (*fd);
  if (*fd == -1 || obey (call->limits) == -1)
    _exit (EXIT_FAILURE);
  isolated = (struct isolated) { .fd = *fd, .told_ms = clock_ms () };
  return call->limited_fn (call->data, &isolated, err);
}

static void
be_child (pid_t parent, int fd, const struct call *call)
{
  struct error err = ERROR_INIT;
  char *answer = NULL, *text;
  size_t len;
  FILE *fp;

  /* What may hang does not outlive us. */
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (getppid () != parent)
    _exit (EXIT_FAILURE);
  text = make_call (call, &fd, &err);
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
  /* A leak would be valgrind's exit status instead of this one. */
  free (answer);
  free (text);
  error_reset (&err);
  _exit (EXIT_SUCCESS);
}

/*--- Its answer. ---*/

/* What stands at *AT, ended by a NUL byte; "" at the end. */
static const char *
next_part (const struct collect *answer, size_t *at)
{
  const char *part = *at < answer->len ? answer->text + *at : "";

  *at += strlen (part) + 1;
  return part;
}

static void
take_error (const struct collect *answer, size_t at, struct error *err)
{
  const enum reason reason = (enum reason) atoi (next_part (answer, &at));
  const char *message = next_part (answer, &at);
  const char *hint = next_part (answer, &at);

  error_set (err, reason, "%s", message);
  if (*hint != '\0')
    error_hint (err, "%s", hint);
}

/* NULL without an error: there is none. */
static char *
take_answer (struct collect *answer, int status, struct error *err)
{
  size_t at = 0;

  if (answer->too_long) {
    error_nomem (err);
    return NULL;
  }
  while (at < answer->len && answer->text[at] == '.')
    at++;
  if (status != 0 || at == answer->len)
    return NULL;
  if (answer->text[at] == 'T') {
    memmove (answer->text, answer->text + at + 1, answer->len - at);
    return STEAL (answer->text);
  }
  take_error (answer, at + 1, err);
  return NULL;
}

/*--- This process. ---*/

static int
start (struct collect *answer, struct supervisor *supervisor,
       struct child *child, const struct call *call, struct error *err)
{
  const pid_t parent = getpid ();
  CLEANUP_FD int fd = collect_open (answer, supervisor, ANSWER_MAX, err);

  if (fd == -1)
    return -1;
  child->pid = fork ();
  if (child->pid == 0)
    be_child (parent, fd, call);
  if (child->pid == -1) {
    child->pid = 0;
    return error_errno (err, REASON_INTERNAL, "fork");
  }
  return 0;
}

/* 1: nothing has come for as long as may be. */
static int
wait_for (struct collect *answer, const struct call *call, struct error *err)
{
  int r = 1;

  if (call->max_quiet_s == 0)
    return supervisor_wait (answer->supervisor, collect_is_complete, answer,
                            SUPERVISOR_FOREVER, err);
  for (size_t seen = SIZE_MAX; r == 1 && answer->n != seen;) {
    seen = answer->n;
    r = supervisor_wait (answer->supervisor, collect_is_complete, answer,
                         clock_ms () +
                         INT64_C (1000) * call->max_quiet_s, err);
  }
  return r;
}

/* NULL without an error: the child has ended otherwise, as *ENDED says. */
static char *
call_child (const struct call *call, struct supervisor *supervisor,
            char **ended, struct error *err)
{
  struct collect answer = COLLECT_INIT;
  struct child child = CHILD_INIT;
  char *ret = NULL;
  int r = start (&answer, supervisor, &child, call, err);

  if (r == 0)
    r = wait_for (&answer, call, err);
  if (r == 1)
    *ended = format (err, _("did not answer for %u seconds"),
                     call->max_quiet_s);
  if (collect_close (&answer, err) == 0 && r == 0) {
    const int status = child_reap (&child);

    ret = take_answer (&answer, status, err);
    if (ret == NULL && !error_is_set (err)) {
      *ended = status_describe (status);
      if (*ended == NULL)
        error_nomem (err);
    }
  }
  child_end (&child, 0);
  free (answer.text);
  return ret;
}

char *
isolated_call (const char *what,
               char *(*fn) (const void *data, struct error *),
               const void *data, unsigned timeout_s,
               struct supervisor *supervisor, struct error *err)
{
  CLEANUP_FREE char *ended = NULL;
  const struct call call = {
    .fn = fn, .data = data, .max_quiet_s = timeout_s,
  };
  char *ret = call_child (&call, supervisor, &ended, err);

  if (ended != NULL)
    error_set (err, REASON_READ, "%s %s", what, ended);
  return ret;
}

char *
isolated_call_limited (char *(*fn) (const void *data, struct isolated *,
                                    struct error *),
                       const void *data,
                       const struct isolated_limits *limits,
                       struct supervisor *supervisor, char **ended,
                       struct error *err)
{
  const struct call call = {
    .limited_fn = fn, .data = data, .limits = limits,
    .max_quiet_s = limits->max_quiet_s,
  };

  *ended = NULL;
  return call_child (&call, supervisor, ended, err);
}
