/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A descriptor that is readable when a child has ended, where the kernel
 * has such and where it has not.
 */

#include <config.h>

#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/pidfd.h"

/* How often the child is looked at where the kernel (before 5.3) or valgrind
 * (before 3.20) has no pidfd_open.  A thread that waits would tell at once, but
 * valgrind hangs now and then when a process with threads forks.
 */
#define LOOK_INTERVAL_NS (20 * 1000 * 1000)

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

int
pidfd_of_child (pid_t pid)
{
  const int fd = (int) syscall (SYS_pidfd_open, pid, 0);

  return fd == -1 && errno == ENOSYS ? timer_of_child () : fd;
}

bool
pidfd_has_ended (int fd, pid_t pid)
{
  siginfo_t info = { .si_pid = 0 };
  uint64_t ticks;

  /* A timer would stay readable; a real pidfd does not mind. */
  if (read (fd, &ticks, sizeof ticks) == -1)
    errno = 0;
  return waitid (P_PID, (id_t) pid, &info, WEXITED|WNOHANG|WNOWAIT) == -1 ||
    info.si_pid != 0;
}
