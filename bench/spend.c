/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Runs a command and appends what it took to a file, as a line of seconds:
 *
 *   spend FILE COMMAND [ARGUMENT...]
 *
 * The line has two numbers: the time until the command ended, and the user and
 * system time of its processes together, also of those that their parents have
 * left behind: these become our children, and are waited for.  The exit status
 * is that of the command.
 */

#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double
now (void)
{
  struct timespec ts;

  clock_gettime (CLOCK_MONOTONIC, &ts);
  return (double) ts.tv_sec + (double) ts.tv_nsec / 1e9;
}

static double
seconds (struct timeval tv)
{
  return (double) tv.tv_sec + (double) tv.tv_usec / 1e6;
}

/* Wait for all descendants.  Returns the status of PID, and in *END when it
 * ended.
 */
static int
wait_for_all (pid_t pid, double *end)
{
  int status, ret = 1 << 8;
  pid_t ended;

  while ((ended = wait (&status)) != -1 || errno == EINTR)
    if (ended == pid) {
      *end = now ();
      ret = status;
    }
  return ret;
}

static int
append (const char *file, double elapsed)
{
  FILE *fp = fopen (file, "ae");
  struct rusage usage;

  if (fp == NULL || getrusage (RUSAGE_CHILDREN, &usage) == -1) {
    perror (file);
    return -1;
  }
  fprintf (fp, "%.3f %.3f\n", elapsed,
           seconds (usage.ru_utime) + seconds (usage.ru_stime));
  return fclose (fp);
}

int
main (int argc, char *argv[])
{
  const double start = now ();
  double end = start;
  int status;
  pid_t pid;

  if (argc < 3) {
    fprintf (stderr, "usage: spend FILE COMMAND [ARGUMENT...]\n");
    return 2;
  }
  prctl (PR_SET_CHILD_SUBREAPER, 1);
  pid = fork ();
  if (pid == 0) {
    execvp (argv[2], argv + 2);
    perror (argv[2]);
    _exit (127);
  }
  status = wait_for_all (pid, &end);
  if (append (argv[1], end - start) == -1)
    return 1;
  return WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status);
}
