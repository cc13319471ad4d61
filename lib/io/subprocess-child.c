/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a child does between fork and exec: descriptors, limits and signals
 * become those that the program is to have, and it is confined.  Only async-signal-safe calls are
 * allowed here, which rules out malloc: subprocess.c has prepared everything.
 */

#include <config.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "io/confine.h"
#include "io/descriptors.h"
#include "io/subprocess-internal.h"

/* The first descriptor of systemd's socket activation protocol. */
#define LISTEN_FDS_START 3
/* The first of passed_fds, whether or not there is a listening socket. */
#define PASSED_FDS_START 4

int
subprocess_above_targets (const struct subprocess_spec *spec, int fd)
{
  return fd >= 0 ? fcntl (fd, F_DUPFD_CLOEXEC,
                          PASSED_FDS_START + spec->n_passed) : -1;
}

/* Write this process's number into the variable. */
static void
fill_in_listen_pid (char *variable)
{
  char digits[16], *to = variable + sizeof LISTEN_PID_PREFIX - 1;
  pid_t pid = getpid ();
  int n = 0;

  for (; pid > 0; pid /= 10)
    digits[n++] = (char) ('0' + pid % 10);
  while (n > 0)
    *to++ = digits[--n];
  *to = '\0';
}

static int
limit (int resource, uint64_t max)
{
  const struct rlimit rlimit = { .rlim_cur = max, .rlim_max = max };

  return max == 0 ? 0 : setrlimit (resource, &rlimit);
}

/* Make FD, which subprocess_above_targets gave, the descriptor TO. */
static int
pass_fd (int fd, int to)
{
  if (fd >= 0)
    return dup2 (fd, to);
  return open ("/dev/null", to == STDIN_FILENO ? O_RDONLY : O_WRONLY);
}

static int
pass_standard (const int *fds)
{
  for (int to = STDIN_FILENO; to <= STDERR_FILENO; to++) {
    close (to);
    if (pass_fd (fds[to], to) == -1)
      return -1;
  }
  return 0;
}

static int
pass_descriptors (const struct subprocess_spec *spec,
                  const struct subprocess_prepared *prep)
{
  const int standard[] = {
    subprocess_above_targets (spec, spec->stdin_fd),
    subprocess_above_targets (spec, spec->stdout_fd),
    subprocess_above_targets (spec, spec->stderr_fd),
  };
  const int listen_fd = subprocess_above_targets (spec, spec->listen_fd);

  if (pass_standard (standard) == -1)
    return -1;
  if (listen_fd >= 0 && dup2 (listen_fd, LISTEN_FDS_START) == -1)
    return -1;
  for (int i = 0; i < prep->n_passed; i++)
    if (dup2 (prep->passed[i], PASSED_FDS_START + i) == -1)
      return -1;
  return 0;
}

/* Nothing of ours that the program is not to have, and no core file, which
 * would hold the secrets that it was given.
 */
static int
keep_to_ourselves (const struct subprocess_spec *spec)
{
  const struct rlimit no_core = { .rlim_cur = 0 };

  if (spec->is_users_command)
    return 0;
  if (spec->listen_fd < 0)
    fcntl (LISTEN_FDS_START, F_SETFD, FD_CLOEXEC); /* if it is open */
  close_descriptors (PASSED_FDS_START + spec->n_passed, true);
  return setrlimit (RLIMIT_CORE, &no_core);
}

static int
enter_directory (const struct subprocess_spec *spec)
{
  if (spec->cwd_fd >= 0)
    return fchdir (spec->cwd_fd);
  return spec->cwd != NULL ? chdir (spec->cwd) : 0;
}

static void
default_signals (void)
{
  sigset_t none;

  signal (SIGPIPE, SIG_DFL);
  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
}

/* Returns only if it fails. */
static void
become_program (const struct subprocess_spec *spec,
                const struct subprocess_prepared *prep, pid_t parent)
{
  /* Descriptors are about to be passed over its own. */
  const int ruleset = subprocess_above_targets (spec, prep->ruleset);

  /* nbdkit's --exit-with-parent does this too, but only once it runs. */
  if (prctl (PR_SET_PDEATHSIG, SIGTERM) == -1)
    return;
  if (getppid () != parent)
    raise (SIGKILL);
  if (spec->own_group && setpgid (0, 0) == -1)
    return;
  if (enter_directory (spec) == -1 || pass_descriptors (spec, prep) == -1 ||
      keep_to_ourselves (spec) == -1)
    return;
  if (limit (RLIMIT_AS, spec->max_memory) == -1 ||
      limit (RLIMIT_DATA, spec->max_data) == -1 ||
      limit (RLIMIT_CPU, spec->max_cpu_s) == -1)
    return;
  if (prep->listen_pid != NULL)
    fill_in_listen_pid (prep->listen_pid);
  default_signals ();
  if (!spec->is_users_command && confine_enter (ruleset) == -1)
    return;
  execve (prep->path, prep->argv, prep->envp);
}

static void __attribute__ ((noreturn))
report_errno (int fd)
{
  const int child_errno = errno;

  if (write (fd, &child_errno, sizeof child_errno) == -1)
    _exit (126);
  _exit (127);
}

void
subprocess_become (const struct subprocess_spec *spec,
                   const struct subprocess_prepared *prep, pid_t parent,
                   int report_fd)
{
  become_program (spec, prep, parent);
  report_errno (report_fd);
}
