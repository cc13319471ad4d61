/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Finds and ends the processes of a run that has died.  They are no children
 * of ours: what a --convert command starts may be in any session or group,
 * but it inherits the environment.
 */

#include <config.h>

#include <ctype.h>
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/argv.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "io/leftover.h"

#define GRACE_MS 3000           /* between SIGTERM and SIGKILL */

static bool
has_mark (const char *pid, const struct argv *marks)
{
  CLEANUP_FREE char *path = NULL;
  CLEANUP_FREE char *setting = NULL;
  CLEANUP_FCLOSE FILE *fp = NULL;
  size_t size = 0;

  if (asprintf (&path, "/proc/%s/environ", pid) == -1)
    return false;
  fp = fopen (path, "re");
  if (fp == NULL)               /* another user's, or gone */
    return false;
  while (getdelim (&setting, &size, '\0', fp) > 0)
    if (argv_contains (marks, setting))
      return true;
  return false;
}

/* Send SIG to all of our processes; returns how many there are. */
static size_t
signal_processes (const struct argv *marks, int sig)
{
  DIR *dir = opendir ("/proc");
  const struct dirent *entry;
  size_t n = 0;

  if (dir == NULL)
    return 0;
  while ((entry = readdir (dir)) != NULL) {
    const pid_t pid = isdigit ((unsigned char) entry->d_name[0])
      ? (pid_t) atol (entry->d_name) : 0;

    if (pid > 0 && pid != getpid () && has_mark (entry->d_name, marks)) {
      kill (pid, sig);
      n++;
    }
  }
  closedir (dir);
  return n;
}

/* Processes that are not our children cannot be waited for, so this looks
 * again every 20 ms.  A process that is ending has no environment any more
 * and is no longer found.
 */
bool
leftover_end (const struct argv *marks)
{
  const int64_t deadline_ms = clock_ms () + GRACE_MS;

  if (has_mark ("self", marks))
    return false;
  if (signal_processes (marks, SIGTERM) == 0)
    return true;
  while (clock_ms () < deadline_ms) {
    poll (NULL, 0, 20);
    if (signal_processes (marks, 0) == 0)
      return true;
  }
  signal_processes (marks, SIGKILL);
  return true;
}
