/* SPDX-License-Identifier: GPL-2.0-or-later */

/* pidfd_open, or the same by other means where the kernel (before 5.3) or
 * valgrind (before 3.20) does not have it: a thread waits for the child and
 * closes a pipe.
 */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pidfd.h"

struct waiter {
  pid_t pid;
  int fd;                       /* closed when the child has ended */
};

static void *
wait_for_child (void *data)
{
  struct waiter *waiter = data;
  siginfo_t info;

  /* WNOWAIT: its status is for the main thread. */
  while (waitid (P_PID, (id_t) waiter->pid, &info, WEXITED|WNOWAIT) == -1 &&
         errno == EINTR)
    ;
  close (waiter->fd);
  free (waiter);
  return NULL;
}

static int
start_waiter (struct waiter *waiter)
{
  pthread_attr_t attr;
  pthread_t thread;
  int r;

  r = pthread_attr_init (&attr);
  if (r != 0)
    return r;
  pthread_attr_setdetachstate (&attr, PTHREAD_CREATE_DETACHED);
  r = pthread_create (&thread, &attr, wait_for_child, waiter);
  pthread_attr_destroy (&attr);
  return r;
}

static int
pipe_of_child (pid_t pid)
{
  struct waiter *waiter = malloc (sizeof *waiter);
  int fds[2], r;

  if (waiter == NULL)
    return -1;
  if (pipe2 (fds, O_CLOEXEC) == -1) {
    free (waiter);
    return -1;
  }
  waiter->pid = pid;
  waiter->fd = fds[1];
  r = start_waiter (waiter);
  if (r == 0)
    return fds[0];
  close (fds[0]);
  close (fds[1]);
  free (waiter);
  errno = r;
  return -1;
}

int
pidfd_of_child (pid_t pid)
{
  const int fd = (int) syscall (SYS_pidfd_open, pid, 0);

  return fd == -1 && errno == ENOSYS ? pipe_of_child (pid) : fd;
}
