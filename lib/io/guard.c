/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The guard is a fork of this process that reads messages from a pipe: a
 * letter and a path, ended by a NUL byte.  The pipe's end is our end,
 * however we came to it, so that there is one way of cleaning up: after an
 * orderly end there is just little left to do.
 */

#include <config.h>

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "base/argv.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "io/guard.h"

#define GRACE_MS 3000           /* between SIGTERM and SIGKILL */

struct guard {
  pid_t pid;
  int fd;
};

/* What the guard process was told of. */
struct guarded {
  struct argv paths;
  struct argv spared;           /* if `unless' exists */
  char *unless;                 /* or NULL */
  struct argv markers;          /* V2VDIR=... */
};

static void
send_message (struct guard *guard, char type, const char *text)
{
  const struct iovec message[] = {
    { .iov_base = &type, .iov_len = 1 },
    { .iov_base = (char *) text, .iov_len = strlen (text) + 1 },
  };

  if (guard == NULL)
    return;
  /* Messages are shorter than PIPE_BUF and few, so they are written whole,
   * and from where they are: also without memory the guard must know.  If
   * it has died there is nothing better to do than to go on.
   */
  if (writev (guard->fd, message, ARRAY_LEN (message)) == -1)
    return;
}

void
guard_path (struct guard *guard, const char *path)
{
  send_message (guard, '+', path);
}

void
guard_path_unless (struct guard *guard, const char *path, const char *unless)
{
  send_message (guard, '?', unless);
  send_message (guard, '*', path);
}

void
guard_forget (struct guard *guard, const char *path)
{
  send_message (guard, '-', path);
}

void
guard_processes (struct guard *guard, const char *dir)
{
  send_message (guard, '=', dir);
}

static void
forget_path (struct argv *paths, const char *path)
{
  for (size_t i = 0; i < paths->len; i++)
    if (strcmp (paths->ptr[i], path) == 0) {
      free (paths->ptr[i]);
      paths->ptr[i] = paths->ptr[--paths->len];
      return;
    }
}

static void
handle_message (struct guarded *guarded, const char *message)
{
  struct error ignored = ERROR_INIT;

  switch (message[0]) {
  case '+':
    argv_append (&guarded->paths, message + 1, &ignored);
    break;
  case '-':
    forget_path (&guarded->paths, message + 1);
    forget_path (&guarded->spared, message + 1);
    break;
  case '*':
    argv_append (&guarded->spared, message + 1, &ignored);
    forget_path (&guarded->paths, message + 1);
    break;
  case '?':
    free (guarded->unless);
    guarded->unless = strdup (message + 1);
    break;
  case '=':
    argv_appendf (&guarded->markers, &ignored, "%s=%s", GUARD_VARIABLE,
                  message + 1);
    break;
  }
}

static bool
has_marker (const char *pid, const struct argv *markers)
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
    if (argv_contains (markers, setting))
      return true;
  return false;
}

/* Send SIG to all of our processes; returns how many there are. */
static size_t
signal_processes (const struct argv *markers, int sig)
{
  DIR *dir = opendir ("/proc");
  const struct dirent *entry;
  size_t n = 0;

  if (dir == NULL)
    return 0;
  while ((entry = readdir (dir)) != NULL) {
    const pid_t pid = isdigit ((unsigned char) entry->d_name[0])
      ? (pid_t) atol (entry->d_name) : 0;

    if (pid > 0 && pid != getpid () && has_marker (entry->d_name, markers)) {
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
static void
end_processes (const struct argv *markers)
{
  const int64_t deadline_ms = clock_ms () + GRACE_MS;

  if (signal_processes (markers, SIGTERM) == 0)
    return;
  while (clock_ms () < deadline_ms) {
    poll (NULL, 0, 20);
    if (signal_processes (markers, 0) == 0)
      return;
  }
  signal_processes (markers, SIGKILL);
}

static void
guard_main (int fd)
{
  struct guarded guarded = { .paths = { .ptr = NULL } };
  CLEANUP_FREE char *message = NULL;
  FILE *fp = fdopen (fd, "r");
  size_t size = 0;

  if (fp == NULL)
    return;
  while (getdelim (&message, &size, '\0', fp) > 0)
    handle_message (&guarded, message);
  if (guarded.markers.len > 0)
    end_processes (&guarded.markers);
  if (guarded.unless == NULL || access (guarded.unless, F_OK) == -1)
    for (size_t i = 0; i < guarded.spared.len; i++)
      remove_tree (guarded.spared.ptr[i]);
  /* The last one first: locks, which were announced before what they
   * protect, are released when that is gone.
   */
  for (size_t i = guarded.paths.len; i-- > 0;)
    remove_tree (guarded.paths.ptr[i]);
  argv_reset (&guarded.paths);
  argv_reset (&guarded.spared);
  free (guarded.unless);
  argv_reset (&guarded.markers);
  fclose (fp);
}

/* The guard must outlive us: it leaves our session, where signals of the
 * terminal end everything, and holds none of our files open.
 */
static void
detach (void)
{
  sigset_t all;

  prctl (PR_SET_NAME, "v2v-guard");
  setsid ();
  sigfillset (&all);
  sigprocmask (SIG_BLOCK, &all, NULL);
  if (chdir ("/") == -1)
    return;
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
    close (fd);
    if (open ("/dev/null", O_RDWR) == -1)
      return;
  }
}

struct guard *
guard_new (struct error *err)
{
  struct guard *guard = alloc_zero (sizeof *guard, err);
  int fds[2];

  if (guard == NULL)
    return NULL;
  if (pipe2 (fds, O_CLOEXEC) == -1) {
    error_errno (err, REASON_INTERNAL, "pipe");
    free (guard);
    return NULL;
  }
  fflush (NULL);                /* or both would print what is buffered */
  guard->pid = fork ();
  if (guard->pid == 0) {
    close (fds[1]);
    detach ();
    free (guard);
    guard_main (fds[0]);
    _exit (0);
  }
  close (fds[0]);
  guard->fd = fds[1];
  if (guard->pid == -1) {
    error_errno (err, REASON_INTERNAL, "fork");
    close (guard->fd);
    free (guard);
    return NULL;
  }
  return guard;
}

void
guard_free (struct guard *guard)
{
  if (guard == NULL)
    return;
  close (guard->fd);
  while (waitpid (guard->pid, NULL, 0) == -1 && errno == EINTR)
    ;
  free (guard);
}
