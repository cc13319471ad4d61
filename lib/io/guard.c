/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The guard is a fork of this process that reads messages from a pipe: a
 * letter, for some what tells the file from another one, and an absolute path,
 * ended by a NUL byte.  The pipe's end is our end,
 * however we came to it, so that there is one way of cleaning up: after an
 * orderly end there is just little left to do.
 */

#include <config.h>

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "base/argv.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "io/descriptors.h"
#include "io/guard.h"
#include "io/leftover.h"
#include "io/owner.h"

/* "8:1:1234:1764320000.123456789", or "". */
#define FILE_ID_MAX 96

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

/* What tells the file PATH from one that has its name later.  Without a
 * birth time (NFS) an inode number that is used again is not noticed.
 */
static void
identify (const char *path, char ret[FILE_ID_MAX])
{
  struct statx st;

  if (statx (AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_INO|STATX_BTIME,
             &st) == -1)
    ret[0] = '\0';
  else
    snprintf (ret, FILE_ID_MAX, "%u:%u:%" PRIu64 ":%" PRId64 ".%09u",
              st.stx_dev_major, st.stx_dev_minor, (uint64_t) st.stx_ino,
              (st.stx_mask & STATX_BTIME) != 0
              ? (int64_t) st.stx_btime.tv_sec : 0,
              (st.stx_mask & STATX_BTIME) != 0 ? st.stx_btime.tv_nsec : 0);
}

static void
send_message (struct guard *guard, char type, const char *id,
              const char *text)
{
  const struct iovec message[] = {
    { .iov_base = &type, .iov_len = 1 },
    { .iov_base = (char *) id, .iov_len = strlen (id) },
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
  char id[FILE_ID_MAX];

  identify (path, id);
  send_message (guard, '+', id, path);
}

void
guard_path_unless (struct guard *guard, const char *path, const char *unless)
{
  char id[FILE_ID_MAX];

  owner_spare (path, unless);
  identify (path, id);
  send_message (guard, '?', "", unless);
  send_message (guard, '*', id, path);
}

void
guard_forget (struct guard *guard, const char *path)
{
  send_message (guard, '-', "", path);
}

void
guard_processes (struct guard *guard, const char *dir)
{
  send_message (guard, '=', "", dir);
}

/*--- In the guard. ---*/

/* Paths are kept as they come, behind their files' identities. */
static const char *
path_of (const char *entry)
{
  return strchr (entry, '/');
}

static bool
forget_path (struct argv *paths, const char *path)
{
  for (size_t i = 0; i < paths->len; i++)
    if (strcmp (path_of (paths->ptr[i]), path) == 0) {
      free (paths->ptr[i]);
      /* In order: see remove_all. */
      memmove (paths->ptr + i, paths->ptr + i + 1,
               (--paths->len - i) * sizeof *paths->ptr);
      return true;
    }
  return false;
}

/* A file that is made again, under the name of one that we were told of, has
 * another identity.
 */
static void
take_path (struct guarded *guarded, const char *entry, bool spared,
           struct error *err)
{
  const char *path = path_of (entry);

  if (path == NULL)
    return;
  spared |= forget_path (&guarded->spared, path);
  forget_path (&guarded->paths, path);
  argv_append (spared ? &guarded->spared : &guarded->paths, entry, err);
}

static void
handle_message (struct guarded *guarded, const char *message)
{
  struct error ignored = ERROR_INIT;

  switch (message[0]) {
  case '+':
  case '*':
    take_path (guarded, message + 1, message[0] == '*', &ignored);
    break;
  case '-':
    forget_path (&guarded->paths, message + 1);
    forget_path (&guarded->spared, message + 1);
    break;
  case '?':
    free (guarded->unless);
    guarded->unless = strdup (message + 1);
    break;
  case '=':
    argv_appendf (&guarded->markers, &ignored, "%s=%s", LEFTOVER_VARIABLE,
                  message + 1);
    break;
  }
}

/* The last one first: locks, which were announced before what they protect,
 * are released when that is gone.
 */
static void
remove_all (const struct argv *paths)
{
  char id[FILE_ID_MAX];

  for (size_t i = paths->len; i-- > 0;) {
    const char *entry = paths->ptr[i], *path = path_of (entry);

    identify (path, id);
    if (id[0] != '\0' && strlen (id) == (size_t) (path - entry) &&
        strncmp (id, entry, strlen (id)) == 0)
      owner_remove (path);
  }
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
    leftover_end (&guarded.markers);
  if (guarded.unless == NULL || access (guarded.unless, F_OK) == -1)
    remove_all (&guarded.spared);
  remove_all (&guarded.paths);
  argv_reset (&guarded.paths);
  argv_reset (&guarded.spared);
  free (guarded.unless);
  argv_reset (&guarded.markers);
  fclose (fp);
}

/* The guard must outlive us: it leaves our session, where signals of the
 * terminal end everything, and holds none of our files open but *FD.
 */
static void
detach (int *fd)
{
  sigset_t all;

  prctl (PR_SET_NAME, "v2v-guard");
  setsid ();
  sigfillset (&all);
  sigprocmask (SIG_BLOCK, &all, NULL);
  if (chdir ("/") == -1)
    return;
  for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++) {
    close (i);
    if (open ("/dev/null", O_RDWR) == -1)
      return;
  }
  if (dup2 (*fd, STDERR_FILENO + 1) == -1)
    return;
  *fd = STDERR_FILENO + 1;
  close_descriptors (*fd + 1, false);
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
    detach (&fds[0]);
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
