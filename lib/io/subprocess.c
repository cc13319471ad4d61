/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Starting a program without a shell, with just the descriptors and the
 * environment that it is to have, and waiting for its end.
 * subprocess-child.c is what the child does before it is that program, and
 * subprocess-capture.c keeps what it prints.
 */

#include <config.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "io/confine.h"
#include "io/subprocess-internal.h"

/* How often the child is looked at where the kernel (before 5.3) or valgrind
 * (before 3.20) has no pidfd_open.  A thread that waits would tell at once,
 * but valgrind hangs now and then when a process with threads forks.
 */
#define LOOK_INTERVAL_NS (20 * 1000 * 1000)

char *
subprocess_find (const char *name, struct error *err)
{
  const char *dirs = getenv ("PATH");
  int saved_errno = ENOENT;

  if (strchr (name, '/') != NULL)
    return alloc_copy (name, err);
  if (dirs == NULL)
    dirs = "/usr/local/bin:/usr/bin:/bin";
  for (;;) {
    const size_t len = strcspn (dirs, ":");
    /* An empty entry is this directory. */
    char *path = format (err, len > 0 ? "%.*s/%s" : "%.*s%s", (int) len, dirs,
                         name);

    if (path == NULL)
      return NULL;
    if (access (path, X_OK) == 0)
      return path;
    if (errno == EACCES)
      saved_errno = EACCES;
    free (path);
    if (dirs[len] == '\0')
      break;
    dirs += len + 1;
  }
  errno = saved_errno;
  error_errno (err, REASON_INTERNAL, "%s", name);
  errno = saved_errno;
  return NULL;
}

int
subprocess_look_up (const char *name, struct error *err)
{
  CLEANUP_FREE char *path = subprocess_find (name, err);

  return path != NULL ? 0 : -1;
}

static bool
same_variable (const char *a, const char *b)
{
  const size_t len = strcspn (a, "=");

  return strncmp (a, b, len) == 0 && b[len] == '=';
}

/* LANG only counts where none of these is set. */
static bool
is_stronger_than_lang (const char *setting)
{
  return strncmp (setting, "LC_", 3) == 0 ||
    strncmp (setting, "LANGUAGE=", 9) == 0;
}

static bool
is_overridden (const char *setting, const struct argv *overrides)
{
  for (size_t i = 0; overrides != NULL && i < overrides->len; i++)
    if (same_variable (overrides->ptr[i], setting) ||
        (same_variable (overrides->ptr[i], "LANG=") &&
         is_stronger_than_lang (setting)))
      return true;
  return false;
}

/* These change what nbdkit and qemu do, or tell them of sockets that they do
 * not have.
 */
static bool
is_for_us_only (const char *setting)
{
  static const char *const prefixes[] = { "LISTEN_", "NBDKIT_", "QEMU_" };

  for (size_t i = 0; i < ARRAY_LEN (prefixes); i++)
    if (strncmp (setting, prefixes[i], strlen (prefixes[i])) == 0)
      return true;
  return false;
}

static int
prepare_env (const struct subprocess_spec *spec,
             struct subprocess_prepared *prep, struct error *err)
{
  for (char **p = environ; *p != NULL; p++)
    if (!is_overridden (*p, spec->env) &&
        (spec->is_users_command || !is_for_us_only (*p)) &&
        argv_append (&prep->env, *p, err) == -1)
      return -1;
  for (size_t i = 0; spec->env != NULL && i < spec->env->len; i++)
    if (argv_append (&prep->env, spec->env->ptr[i], err) == -1)
      return -1;
  if (spec->listen_fd >= 0) {
    if (argv_append (&prep->env, "LISTEN_FDS=1", err) == -1 ||
        argv_append (&prep->env, LISTEN_PID_PREFIX "..............",
                     err) == -1)
      return -1;
    prep->listen_pid = prep->env.ptr[prep->env.len-1];
  }
  prep->envp = argv_array (&prep->env, err);
  return prep->envp != NULL ? 0 : -1;
}

static int
prepare_passed (const struct subprocess_spec *spec,
                struct subprocess_prepared *prep, struct error *err)
{
  if (spec->n_passed == 0)
    return 0;
  prep->passed = alloc_zero ((size_t) spec->n_passed * sizeof *prep->passed,
                             err);
  if (prep->passed == NULL)
    return -1;
  for (; prep->n_passed < spec->n_passed; prep->n_passed++) {
    const int fd = subprocess_above_targets (spec,
                                             spec->passed_fds[prep->n_passed]);

    if (fd == -1)
      return error_errno (err, REASON_INTERNAL, "fcntl");
    prep->passed[prep->n_passed] = fd;
  }
  return 0;
}

static void
prepared_reset (struct subprocess_prepared *prep)
{
  free (prep->path);
  argv_reset (&prep->env);
  for (int i = 0; i < prep->n_passed; i++)
    close_fd (&prep->passed[i]);
  free (prep->passed);
  close_fd (&prep->ruleset);
}

static int
prepare (const struct subprocess_spec *spec,
         struct subprocess_prepared *prep, struct error *err)
{
  prep->argv = argv_array (spec->argv, err);
  if (prep->argv == NULL || prepare_env (spec, prep, err) == -1 ||
      prepare_passed (spec, prep, err) == -1)
    return -1;
  prep->path = subprocess_find (prep->argv[0], err);
  if (prep->path == NULL)
    return -1;
  return spec->confine == NULL ? 0
    : confine_prepare (spec->confine, prep->path, &prep->ruleset, err);
}

/* Wait until the child runs the program or says why it cannot. */
static int
wait_for_exec (int report_fd, struct child *child, const char *path,
               struct error *err)
{
  int child_errno = 0;
  ssize_t n;

  do
    n = read (report_fd, &child_errno, sizeof child_errno);
  while (n == -1 && errno == EINTR);
  if (n == 0)                   /* close-on-exec: silence is success */
    return 0;
  child_reap (child);
  errno = n == sizeof child_errno ? child_errno : EIO;
  error_errno (err, REASON_INTERNAL, "%s", path);
  if (n == sizeof child_errno)
    errno = child_errno;
  return -1;
}

static int
timer_of_child (void)
{
  const struct timespec interval = { .tv_nsec = LOOK_INTERVAL_NS };
  const struct itimerspec timer = {
    .it_interval = interval, .it_value = interval,
  };
  const int fd = timerfd_create (CLOCK_MONOTONIC, TFD_CLOEXEC|TFD_NONBLOCK);

  if (fd != -1)
    timerfd_settime (fd, 0, &timer, NULL);
  return fd;
}

/* Readable when the child PID may have ended. */
static int
pidfd_of_child (pid_t pid)
{
  const int fd = (int) syscall (SYS_pidfd_open, pid, 0);

  return fd == -1 && errno == ENOSYS ? timer_of_child () : fd;
}

static int
fork_program (const struct subprocess_spec *spec,
              const struct subprocess_prepared *prep, struct child *ret,
              struct error *err)
{
  const pid_t parent = getpid ();
  CLEANUP_FD int report_rd = -1, report_wr = -1;
  int fds[2];

  if (pipe2 (fds, O_CLOEXEC) == -1)
    return error_errno (err, REASON_INTERNAL, "pipe");
  report_rd = fds[0];
  /* Out of the way of the descriptors that the child moves about. */
  report_wr = subprocess_above_targets (spec, fds[1]);
  close (fds[1]);
  if (report_wr == -1)
    return error_errno (err, REASON_INTERNAL, "fcntl");

  ret->pid = fork ();
  if (ret->pid == -1) {
    ret->pid = 0;
    return error_errno (err, REASON_INTERNAL, "fork");
  }
  if (ret->pid == 0)
    subprocess_become (spec, prep, parent, report_wr);
  close_fd (&report_wr);        /* or the read would never end */
  ret->pidfd = pidfd_of_child (ret->pid);
  if (ret->pidfd == -1) {
    error_errno (err, REASON_INTERNAL, "pidfd");
    child_end (ret, 0);
    return -1;
  }
  return wait_for_exec (report_rd, ret, prep->path, err);
}

int
subprocess_start (const struct subprocess_spec *spec, struct child *ret,
                  struct error *err)
{
  struct subprocess_prepared prep = { .ruleset = -1 };
  int r, saved_errno;

  r = prepare (spec, &prep, err);
  if (r == 0)
    r = fork_program (spec, &prep, ret, err);
  saved_errno = errno;
  prepared_reset (&prep);
  errno = saved_errno;
  return r;
}

int
child_reap (struct child *child)
{
  int status = 0;

  while (waitpid (child->pid, &status, 0) == -1 && errno == EINTR)
    ;
  close_fd (&child->pidfd);
  child->pid = 0;
  return status;
}

bool
child_ends_within (const struct child *child, int timeout_ms)
{
  const int64_t deadline_ms = clock_ms () + timeout_ms;
  struct pollfd pollfd = { .fd = child->pidfd, .events = POLLIN };

  if (child->pidfd < 0)
    return false;
  while (!child_has_ended (child)) {
    const int64_t left_ms = deadline_ms - clock_ms ();

    if (left_ms <= 0)
      return false;
    poll (&pollfd, 1, (int) left_ms);
  }
  return true;
}

bool
child_has_ended (const struct child *child)
{
  siginfo_t info = { .si_pid = 0 };
  uint64_t ticks;

  /* A timer would stay readable; a real pidfd does not mind. */
  if (read (child->pidfd, &ticks, sizeof ticks) == -1)
    errno = 0;
  /* Its status is still there to be waited for. */
  return waitid (P_PID, (id_t) child->pid, &info,
                 WEXITED|WNOHANG|WNOWAIT) == -1 || info.si_pid != 0;
}

int
child_end (struct child *child, int timeout_ms)
{
  if (child->pid == 0)
    return 0;
  kill (child->pid, SIGTERM);
  if (!child_ends_within (child, timeout_ms))
    kill (child->pid, SIGKILL);
  return child_reap (child);
}

int
status_to_exit (int status)
{
  return WIFSIGNALED (status) ? 128 + WTERMSIG (status)
                              : WEXITSTATUS (status);
}

char *
status_describe (int status)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  return WIFSIGNALED (status)
    ? format (&ignored, _("was killed by signal %d (%s)"), WTERMSIG (status),
              strsignal (WTERMSIG (status)))
    : format (&ignored, _("exited with status %d"), WEXITSTATUS (status));
}
