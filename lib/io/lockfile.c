/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One run at a time on a target.  The lock is the kernel's (flock), which
 * frees it when a run dies; the file is removed by its run or by that
 * run's guard.
 */

#include <config.h>

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file-at.h"
#include "base/i18n.h"
#include "io/guard.h"
#include "io/lock-holder.h"
#include "io/lockfile.h"
#include "io/supervisor.h"

/* A guard gives processes three seconds to end. */
#define GUARD_MS 6000
#define INTERVAL_MS 50

struct lockfile {
  char *path;                   /* for messages */
  char *name;                   /* in the directory */
  int dir_fd;
  int fd;
  struct guard *guard;
};

/* Is the file that is open still the one with this name? */
static bool
is_current (const struct lockfile *lock)
{
  const struct file_at at = { .dir_fd = lock->dir_fd, .name = lock->name };

  return file_at_is (at, lock->fd);
}

static int
open_new (const struct lockfile *lock)
{
  return openat (lock->dir_fd, lock->name, O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC,
                 0600);
}

/* 1: taken, and it is new; 2: taken, somebody left it; 0: look again. */
static int
take (struct lockfile *lock, const char *what, struct error *err)
{
  bool existed = false;

  close_fd (&lock->fd);
  lock->fd = open_new (lock);
  if (lock->fd == -1 && errno == EEXIST) {
    const int r = file_at_open_own ((struct file_at) {
        .dir_fd = lock->dir_fd, .name = lock->name, .path = lock->path },
      O_RDWR, &lock->fd, err);

    existed = true;
    if (r != 1)
      return r;
  }
  if (lock->fd == -1)
    return error_errno (err, REASON_WRITE, "%s", lock->path);
  if (flock (lock->fd, LOCK_EX|LOCK_NB) == -1)
    return errno == EWOULDBLOCK ? lock_held_by_run (lock->fd, 0, what, err)
      : error_errno (err, REASON_WRITE, "%s", lock->path);
  return !is_current (lock) ? 0 : existed ? 2 : 1;
}

/* Nobody seems to be left that would remove the file (the host was reset).  If
 * there is such a guard after all, it must not remove ours: a file of our own
 * takes its place.  It is made while the old one is open, so that it is not
 * given the same inode.
 */
static int
replace (struct lockfile *lock, const char *what, struct error *err)
{
  const int old = lock->fd;
  int r;

  lock->fd = -1;
  r = unlinkat (lock->dir_fd, lock->name, 0) == -1 && errno != ENOENT
    ? error_errno (err, REASON_WRITE, "%s", lock->path)
    : take (lock, what, err);
  close_if_open (old);
  return r;
}

static int
take_or_wait (struct lockfile *lock, const char *what,
              struct supervisor *supervisor, struct error *err)
{
  const int64_t deadline_ms = clock_ms () + GUARD_MS;

  for (;;) {
    int r = take (lock, what, err);

    if (r == 2 && clock_ms () >= deadline_ms)
      r = replace (lock, what, err);
    if (r == -1 || r == 1)
      return r;
    if (supervisor_pause (supervisor, INTERVAL_MS, err) == -1)
      return -1;
  }
}

static struct lockfile *
handle_new (const char *name, const char *path, struct error *err)
{
  struct lockfile *lock = alloc_zero (sizeof *lock, err);

  if (lock == NULL)
    return NULL;
  lock->fd = lock->dir_fd = -1;
  lock->path = alloc_copy (path, err);
  lock->name = alloc_copy (name, err);
  if (lock->path != NULL && lock->name != NULL)
    return lock;
  lockfile_free (lock);
  return NULL;
}

/* Takes DIR_FD. */
static struct lockfile *
new_in (int dir_fd, const char *name, const char *path, const char *what,
        struct guard *guard, struct supervisor *supervisor, struct error *err)
{
  struct lockfile *lock = handle_new (name, path, err);

  if (lock == NULL) {
    close_if_open (dir_fd);
    return NULL;
  }
  lock->dir_fd = dir_fd;
  if (dir_fd == -1)
    error_errno (err, REASON_WRITE, "%s", path);
  else if (take_or_wait (lock, what, supervisor, err) == 1) {
    lock->guard = guard;
    guard_at (guard, lock->dir_fd, lock->name);
    return lock;
  }
  close_fd (&lock->fd);         /* it is not ours to be removed */
  lockfile_free (lock);
  return NULL;
}

struct lockfile *
lockfile_new_at (struct file_at at, const char *what, struct guard *guard,
                 struct supervisor *supervisor, struct error *err)
{
  return new_in (fcntl (at.dir_fd, F_DUPFD_CLOEXEC, 0), at.name, at.path, what,
                 guard, supervisor, err);
}

struct lockfile *
lockfile_new (const char *path, const char *what, struct guard *guard,
              struct supervisor *supervisor, struct error *err)
{
  const char *name = strrchr (path, '/') + 1;
  CLEANUP_FREE char *dir = strndup (path, (size_t) (name - path));

  if (dir == NULL) {
    error_nomem (err);
    return NULL;
  }
  return new_in (open (dir, O_PATH|O_DIRECTORY|O_CLOEXEC), name, path, what,
                 guard, supervisor, err);
}

void
lockfile_free (struct lockfile *lock)
{
  if (lock == NULL)
    return;
  if (lock->fd != -1) {
    /* Somebody may have removed it by hand; then it is another run's. */
    if (is_current (lock))
      unlinkat (lock->dir_fd, lock->name, 0);
    guard_forget_at (lock->guard, lock->dir_fd, lock->name);
  }
  close_fd (&lock->fd);
  close_fd (&lock->dir_fd);
  free (lock->path);
  free (lock->name);
  free (lock);
}
