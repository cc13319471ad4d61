/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A program that goes on running beside us, as nbdkit and qemu-nbd do: all
 * that it prints is read, its first errors and last lines are kept, and
 * its death is noticed at once.  What its command line says and what its
 * errors mean is up to nbdkit/server.c and qemu/qemu-nbd.c.
 */

#include <config.h>

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/inotify.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/events.h"
#include "io/daemon.h"
#include "io/line-reader.h"
#include "io/subprocess.h"
#include "io/supervisor.h"

/* More lines than these say nothing new in a message. */
#define ERRORS_MAX 16
#define LAST_LINES_MAX 8

/* The line that says why a read failed comes before the reply does, and under
 * load well before somebody has dealt with that.
 */
#define ERRORS_KEEP_MS 500

/* nbdkit closes its plugin (an ssh session, a VDDK handle) before it ends;
 * one that hangs there for longer is killed.
 */
#define END_TIMEOUT_MS 5000

/* Who waits for its end for longer than this says so, and again each time. */
#define END_SAY_MS 5000

/* A program that was given up on gets SIGKILL this soon after SIGTERM. */
#define GIVEN_UP_TIMEOUT_MS 100

struct daemon {
  struct supervisor *supervisor;
  const struct events *events;
  struct daemon_spec spec;      /* no pointers but those for redact */
  struct child child;
  struct line_reader *reader;
  struct argv errors, last_lines;
  size_t old_errors;            /* so many of them are to be forgotten next */
  int64_t forgot_ms;
  unsigned error_count;
  bool given_up;
  bool died;
  int status;
};

static void
drop_first (struct argv *lines)
{
  free (lines->ptr[0]);
  lines->len--;
  memmove (lines->ptr, lines->ptr + 1, lines->len * sizeof *lines->ptr);
}

static void
keep_last (struct argv *lines, size_t max, const char *line)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  if (lines->len == max)
    drop_first (lines);
  argv_append (lines, line, &ignored);
}

/* A line that is repeated pushes no other one out. */
static void
keep_last_once (struct argv *lines, size_t max, const char *line)
{
  if (lines->len == 0 || strcmp (lines->ptr[lines->len-1], line) != 0)
    keep_last (lines, max, line);
}

/* nbdkit's filters print warnings as errors ("error: readahead: warning:
 * ..."), once for each connection: those are not what a run failed for.
 */
static bool
looks_like_an_error (const char *line)
{
  return strstr (line, "error:") != NULL && strstr (line, "debug:") == NULL &&
    strstr (line, ": warning: ") == NULL;
}

static void
take_line (void *data, char *line)
{
  struct daemon *daemon = data;

  if (daemon->spec.redact != NULL)
    daemon->spec.redact (daemon->spec.redact_data, line);
  if (looks_like_an_error (line)) {
    daemon->error_count++;
    if (daemon->errors.len < ERRORS_MAX)
      keep_last (&daemon->errors, ERRORS_MAX, line);
  }
  keep_last_once (&daemon->last_lines, LAST_LINES_MAX, line);
  events_emit (daemon->events, &(struct event) {
      .type = EVENT_LOG, .disk = daemon->spec.disk,
      .program = daemon->spec.program, .text = line });
}

static void
notice_death (void *data, short revents __attribute__ ((unused)))
{
  struct daemon *daemon = data;

  if (!child_has_ended (&daemon->child))
    return;
  supervisor_unwatch (daemon->supervisor, daemon->child.pidfd);
  daemon->status = child_reap (&daemon->child);
  daemon->died = true;
  line_reader_drain (daemon->reader);
}

static int
start_child (struct daemon *daemon, struct error *err)
{
  const struct daemon_spec *spec = &daemon->spec;
  CLEANUP_FD int stderr_fd = line_reader_open (&daemon->reader,
                                               daemon->supervisor, take_line,
                                               daemon, err);
  struct subprocess_spec process = SUBPROCESS_SPEC (spec->argv);

  if (stderr_fd == -1)
    return -1;
  process.env = spec->env;
  process.cwd = spec->cwd;
  process.cwd_fd = spec->cwd_fd;
  process.listen_fd = spec->listen_fd;
  process.passed_fds = spec->passed_fds;
  process.n_passed = spec->n_passed;
  process.confine = spec->confine;
  process.max_data = spec->max_data;
  process.stdout_fd = stderr_fd;
  process.stderr_fd = stderr_fd;
  process.own_group = true;
  events_emit (daemon->events, &(struct event) {
      .type = EVENT_COMMAND, .disk = spec->disk, .program = spec->program,
      .argv = spec->shown != NULL ? spec->shown : spec->argv,
      .env = spec->env, .files = spec->files });
  if (subprocess_start (&process, &daemon->child, err) == -1)
    return -1;
  return supervisor_watch (daemon->supervisor, daemon->child.pidfd, POLLIN,
                           notice_death, daemon, err);
}

struct daemon *
daemon_start (const struct daemon_spec *spec, struct supervisor *supervisor,
              const struct events *events, struct error *err)
{
  struct daemon *daemon = alloc_zero (sizeof *daemon, err);

  if (daemon == NULL)
    return NULL;
  daemon->supervisor = supervisor;
  daemon->events = events;
  daemon->spec = *spec;
  daemon->child = (struct child) CHILD_INIT;
  if (start_child (daemon, err) == -1) {
    daemon_free (daemon);
    return NULL;
  }
  daemon->spec.argv = NULL;
  daemon->spec.shown = NULL;
  daemon->spec.env = NULL;
  daemon->spec.cwd = NULL;
  daemon->spec.passed_fds = NULL;
  daemon->spec.files = NULL;
  daemon->spec.confine = NULL;
  return daemon;
}

void
daemon_free (struct daemon *daemon)
{
  if (daemon == NULL)
    return;
  if (daemon->child.pid != 0) {
    supervisor_unwatch (daemon->supervisor, daemon->child.pidfd);
    child_end (&daemon->child, daemon->given_up ? GIVEN_UP_TIMEOUT_MS
                                                : END_TIMEOUT_MS);
  }
  if (daemon->reader != NULL)
    line_reader_drain (daemon->reader);
  line_reader_free (daemon->reader);
  argv_reset (&daemon->errors);
  argv_reset (&daemon->last_lines);
  free (daemon);
}

static bool
is_dead (void *data)
{
  return daemon_has_died (data);
}

/* What it has to write may take minutes. */
static void
say_waiting (const struct daemon *daemon)
{
  events_say (daemon->events, EVENT_DEBUG, daemon->spec.disk,
              "waiting for %s (PID %d) to end", daemon->spec.program,
              (int) daemon->child.pid);
}

static int
await_end (struct daemon *daemon, unsigned timeout_s, struct error *err)
{
  const int64_t deadline_ms = timeout_s == 0 ? SUPERVISOR_FOREVER
    : clock_ms () + (int64_t) timeout_s * 1000;
  int r;

  for (;;) {
    const int64_t say_ms = clock_ms () + END_SAY_MS;
    const bool last = deadline_ms != SUPERVISOR_FOREVER &&
      deadline_ms <= say_ms;

    r = supervisor_wait (daemon->supervisor, is_dead, daemon,
                         last ? deadline_ms : say_ms, err);
    if (r != 1 || last)
      return r;
    say_waiting (daemon);
  }
}

int
daemon_end (struct daemon *daemon, unsigned timeout_s, struct error *err)
{
  int r;

  /* What it did before it is asked to end is not its answer. */
  if (!daemon->died)
    notice_death (daemon, 0);
  if (daemon->died)
    return 2;
  kill (daemon->child.pid, SIGTERM);
  r = await_end (daemon, timeout_s, err);
  if (r == 1) {
    kill (daemon->child.pid, SIGKILL);
    supervisor_unwatch (daemon->supervisor, daemon->child.pidfd);
    daemon->status = child_reap (&daemon->child);
    daemon->died = true;
    line_reader_drain (daemon->reader);
  }
  return r;
}

void
daemon_give_up (struct daemon *daemon)
{
  daemon->given_up = true;
}

/* Waiting for a file to be written. */
struct file_wait {
  const struct daemon *daemon;
  const char *path;
};

/* Which event it was does not matter: after each one it is looked whether the
 * file exists.
 */
static void
discard_events (void *data, short revents __attribute__ ((unused)))
{
  const int *fd = data;
  char buf[4096];

  while (read (*fd, buf, sizeof buf) > 0)
    ;
}

/* nbdkit listens before it makes its PID file, so that it exists is enough. */
static bool
exists_or_dead (void *data)
{
  const struct file_wait *wait = data;

  return wait->daemon->died || access (wait->path, F_OK) == 0;
}

int
daemon_wait_for_file (struct daemon *daemon, const char *dir,
                      const char *name, int64_t deadline_ms,
                      struct error *err)
{
  CLEANUP_FREE char *path = format (err, "%s/%s", dir, name);
  struct file_wait wait = { .daemon = daemon, .path = path };
  CLEANUP_FD int fd = inotify_init1 (IN_CLOEXEC|IN_NONBLOCK);
  int r;

  if (path == NULL)
    return -1;
  if (fd == -1 ||
      inotify_add_watch (fd, dir, IN_CLOSE_WRITE|IN_MOVED_TO) == -1)
    return error_errno (err, REASON_INTERNAL, "inotify: %s", dir);
  if (supervisor_watch (daemon->supervisor, fd, POLLIN, discard_events, &fd,
                        err) == -1)
    return -1;
  r = supervisor_wait (daemon->supervisor, exists_or_dead, &wait, deadline_ms,
                       err);
  supervisor_unwatch (daemon->supervisor, fd);
  return r;
}

pid_t
daemon_pid (const struct daemon *daemon)
{
  return daemon->died ? 0 : daemon->child.pid;
}

bool
daemon_has_died (const struct daemon *daemon)
{
  return daemon->died;
}

void
daemon_await_death (struct daemon *daemon, int timeout_ms)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  supervisor_wait (daemon->supervisor, is_dead, daemon,
                   clock_ms () + timeout_ms, &ignored);
}

int
daemon_status (const struct daemon *daemon)
{
  return daemon->status;
}

/* nbdkit prints why it refuses a client before it refuses it, so that the
 * reason can be read here as soon as the client knows of the refusal.
 */
const struct argv *
daemon_errors (const struct daemon *daemon)
{
  line_reader_catch_up (daemon->reader);
  return &daemon->errors;
}

const struct argv *
daemon_last_lines (const struct daemon *daemon)
{
  line_reader_catch_up (daemon->reader);
  return &daemon->last_lines;
}

unsigned
daemon_error_count (const struct daemon *daemon)
{
  return daemon->error_count;
}

void
daemon_forget_lines (struct daemon *daemon)
{
  line_reader_catch_up (daemon->reader);
  argv_reset (&daemon->errors);
  argv_reset (&daemon->last_lines);
  daemon->old_errors = 0;
}

void
daemon_forget_old_errors (struct daemon *daemon)
{
  const int64_t now_ms = clock_ms ();

  if (now_ms - daemon->forgot_ms < ERRORS_KEEP_MS)
    return;
  for (; daemon->old_errors > 0; daemon->old_errors--)
    drop_first (&daemon->errors);
  daemon->old_errors = daemon->errors.len;
  daemon->forgot_ms = now_ms;
}
