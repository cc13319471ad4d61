/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Process 1 waits for signals, SIGCHLD among them, and for nothing else.  All
 * of them are blocked from before the fork, so that none is lost.
 */

#include <config.h>

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "io/descriptors.h"
#include "io/first-process.h"
#include "io/subprocess.h"

/* How long the others may take to end.  The guard gives what the run left 3
 * seconds, and then removes files.
 */
#define END_TIMEOUT_MS 5000

/* Ctrl-C goes to all processes of the terminal's foreground: twice, it would
 * end the child without cleaning up.  SIGHUP may be for us alone.
 */
static void
pass_on (pid_t child, const siginfo_t *info)
{
  if (info->si_code != SI_KERNEL || info->si_signo == SIGHUP)
    kill (child, info->si_signo);
}

/* Reap all that has ended.  True once CHILD has: its status is in *RET. */
static bool
reap (pid_t child, int *ret)
{
  bool ended = false;
  int status;
  pid_t pid;

  while ((pid = waitpid (-1, &status, WNOHANG)) > 0)
    if (pid == child) {
      ended = true;
      *ret = status;
    }
  return ended;
}

static int
wait_for_child (pid_t child, const sigset_t *signals)
{
  siginfo_t info;
  int status = 0;

  while (!reap (child, &status))
    if (sigwaitinfo (signals, &info) != -1 && info.si_signo != SIGCHLD)
      pass_on (child, &info);
  return status;
}

/* The guard, and what the run has left, which the guard may not know.  The
 * guard blocks SIGTERM.
 */
static void
end_others (const sigset_t *signals)
{
  const int64_t deadline_ms = clock_ms () + END_TIMEOUT_MS;
  int64_t left_ms;

  kill (-1, SIGTERM);
  while ((left_ms = deadline_ms - clock_ms ()) > 0) {
    const struct timespec timeout = {
      .tv_sec = left_ms / 1000, .tv_nsec = left_ms % 1000 * 1000000,
    };
    pid_t pid;

    while ((pid = waitpid (-1, NULL, WNOHANG)) > 0)
      ;
    if (pid == -1)              /* there are no others */
      break;
    sigtimedwait (signals, NULL, &timeout);
  }
}

void
first_process_leave (void)
{
  sigset_t signals, before;
  pid_t child;
  int status;

  if (getpid () != 1)
    return;
  sigemptyset (&signals);
  sigaddset (&signals, SIGINT);
  sigaddset (&signals, SIGTERM);
  sigaddset (&signals, SIGHUP);
  sigaddset (&signals, SIGQUIT);
  sigaddset (&signals, SIGCHLD);
  sigprocmask (SIG_BLOCK, &signals, &before);
  child = fork ();
  if (child <= 0) {
    /* Without a child, which is left to nbdkit's start to report. */
    sigprocmask (SIG_SETMASK, &before, NULL);
    return;
  }
  prctl (PR_SET_NAME, "v2v-init");
  close_descriptors (0, false); /* whoever reads our output sees its end */
  status = wait_for_child (child, &signals);
  end_others (&signals);
  _exit (status_to_exit (status));
}
