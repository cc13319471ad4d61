/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Makes NAME.part, or takes what an earlier run left under that name if it is
 * this user's and nobody else can write to it.  Which files are in it is left
 * to part.c and to the journal.
 *
 * Its lock is a file in it and not the directory itself: NFS has no locks for
 * directories that other hosts would see, and as long as the file exists the
 * guard of a run that was killed has not finished.
 */

#include <config.h>

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/ownership.h"
#include "base/visible.h"
#include "context.h"
#include "io/guard.h"
#include "io/lockfile.h"
#include "output/part-dir.h"

#define LOCK ".lock"

/* Exists only while it is tried out whether files can be moved. */
#define TRIAL ".trial"

/* Other runs may remove the directory just when this one has opened it. */
#define TRIES 100

/* What is written and then renamed, or only takes up space: no later run needs
 * it, and after a power failure it may be back.
 */
static const char *const passing[] = {
  PART_DIR_DOCUMENT, PART_DIR_DOCUMENT ".tmp", PART_DIR_JOURNAL ".tmp",
  PART_DIR_JOURNAL ".reserve"
};

struct part_dir {
  char *name, *path;
  int parent_fd;
  int fd;
  struct lockfile *lock;
  struct guard *guard;
};

/*--- Whose it is. ---*/

static int
refuse (const struct part_dir *dir, const char *why, struct error *err)
{
  CLEANUP_FREE char *quoted = shell_quoted (dir->path, err);

  error_set (err, REASON_TARGET_CHANGED, "%s %s", dir->path, why);
  if (quoted != NULL)
    error_hint (err, _("a run keeps unfinished disks there, in a directory of "
                       "its own: find out who made this one (ls -ld %s) and "
                       "move it away, or give the copy another name with "
                       "-on NAME or another directory with -os DIR"), quoted);
  return -1;
}

static int
check_ours (const struct part_dir *dir, struct error *err)
{
  const char *problem;
  struct stat st;

  if (fstat (dir->fd, &st) == -1)
    return error_errno (err, REASON_WRITE, "%s", dir->path);
  problem = ownership_problem (dir->parent_fd, &st);
  return problem == NULL ? 0 : refuse (dir, problem, err);
}

/*--- Taking it. ---*/

/* 1: it is open; 0: it is gone again. */
static int
open_directory (struct part_dir *dir, struct error *err)
{
  const bool made = mkdirat (dir->parent_fd, dir->name, 0700) == 0;
  struct stat st;

  if (!made && errno != EEXIST)
    return error_errno (err, errno == ENOSPC || errno == EDQUOT
                        ? REASON_SPACE : REASON_WRITE, _("cannot create %s"),
                        dir->path);
  dir->fd = openat (dir->parent_fd, dir->name,
                    O_RDONLY|O_DIRECTORY|O_NOFOLLOW|O_CLOEXEC);
  if (dir->fd != -1)
    return 1;
  if (errno == ENOENT)
    return 0;
  if (errno == ENOTDIR || errno == ELOOP)
    return refuse (dir, _("exists already, and is not a directory"), err);
  if (errno == EACCES &&
      fstatat (dir->parent_fd, dir->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
      st.st_uid != geteuid ())
    return refuse (dir, _("belongs to another user"), err);
  return error_errno (err, REASON_WRITE, _("cannot open %s"), dir->path);
}

static bool
is_current (const struct part_dir *dir)
{
  const struct file_at at = { .dir_fd = dir->parent_fd, .name = dir->name };

  return file_at_is (at, dir->fd);
}

static int
take_lock (struct part_dir *dir, const char *what,
           const struct launch_context *context, struct error *err)
{
  CLEANUP_FREE char *path = format (err, "%s/" LOCK, dir->path);
  const struct file_at at = {
    .dir_fd = dir->fd, .name = LOCK, .path = path,
  };

  if (path == NULL)
    return -1;
  dir->lock = lockfile_new_at (at, what, dir->guard, context->supervisor,
                               err);
  if (dir->lock != NULL) {
    for (size_t i = 0; i < ARRAY_LEN (passing); i++)
      guard_name_at (dir->guard, dir->fd, passing[i], LOCK);
    return 1;
  }
  /* The run that had it has removed all. */
  if (err->reason != REASON_WRITE || is_current (dir))
    return -1;
  error_reset (err);
  return 0;
}

/* To be in any set of rules of Landlock, as services that are sandboxed are,
 * means not to move files between directories, unless it allows that
 * (LANDLOCK_ACCESS_FS_REFER, since Linux 5.19): no disk would ever get its
 * name.  That is refused before the kernel looks at what is in the way, and so
 * the lock is not really moved: a file does not replace a directory.
 */
static int
check_moving (const struct part_dir *dir, struct error *err)
{
  int moved_errno;

  if (mkdirat (dir->fd, TRIAL, 0700) == -1 && errno != EEXIST)
    return 0;                   /* other steps will say why */
  moved_errno = mkdirat (dir->fd, TRIAL "/to", 0700) == -1 && errno != EEXIST
    ? 0 : renameat (dir->fd, LOCK, dir->fd, TRIAL "/to") == -1 ? errno : 0;
  unlinkat (dir->fd, TRIAL "/to", AT_REMOVEDIR);
  unlinkat (dir->fd, TRIAL, AT_REMOVEDIR);
  if (moved_errno != EXDEV)
    return 0;
  errno = moved_errno;
  error_errno (err, REASON_WRITE, _("files cannot be moved out of %s"),
               dir->path);
  error_hint (err, _("this program seems to run in a sandbox (Landlock) that "
                     "keeps files in their directories: let it allow "
                     "LANDLOCK_ACCESS_FS_REFER for the directory of the "
                     "disks, or start the run outside of it"));
  return -1;
}

/* 1: it is this run's; 0: look again. */
static int
take (struct part_dir *dir, const char *what,
      const struct launch_context *context, struct error *err)
{
  int r = open_directory (dir, err);

  if (r != 1)
    return r;
  if (check_ours (dir, err) == -1) {
    close_fd (&dir->fd);        /* it is not ours to be removed */
    return -1;
  }
  guard_empty_at (dir->guard, dir->parent_fd, dir->name);
  r = take_lock (dir, what, context, err);
  /* Somebody has moved it, and it is not what will be resumed. */
  if (r == 1 && !is_current (dir))
    r = refuse (dir, _("is no longer the directory that this run has opened"),
                err);
  if (r == 1)
    return 1;
  lockfile_free (dir->lock);
  dir->lock = NULL;
  guard_forget_at (dir->guard, dir->parent_fd, dir->name);
  close_fd (&dir->fd);
  return r;
}

static int
take_or_look_again (struct part_dir *dir, const char *what,
                    const struct launch_context *context, struct error *err)
{
  for (int i = 0; i < TRIES; i++) {
    const int r = take (dir, what, context, err);

    if (r != 0)
      return r;
  }
  errno = ENOENT;
  return error_errno (err, REASON_WRITE, _("cannot create %s"), dir->path);
}

struct part_dir *
part_dir_new (struct file_at at, const char *what,
              const struct launch_context *context, struct error *err)
{
  struct part_dir *dir = alloc_zero (sizeof *dir, err);

  if (dir == NULL)
    return NULL;
  dir->fd = -1;
  dir->guard = context->guard;
  dir->name = alloc_copy (at.name, err);
  dir->path = alloc_copy (at.path, err);
  dir->parent_fd = fcntl (at.dir_fd, F_DUPFD_CLOEXEC, 0);
  if (dir->parent_fd == -1)
    error_errno (err, REASON_WRITE, "%s", at.path);
  if (!error_is_set (err) &&
      take_or_look_again (dir, what, context, err) == 1 &&
      check_moving (dir, err) == 0 &&
      /* What is in it is stable only if its name is. */
      file_at_sync_directory (dir->parent_fd, dir->path, err) == 0)
    return dir;
  part_dir_free (dir);
  return NULL;
}

/* Only this very directory is removed, not another user's that has its name
 * by now; and it is empty then.  It does not come back after a power failure.
 */
void
part_dir_free (struct part_dir *dir)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  if (dir == NULL)
    return;
  if (dir->fd != -1) {
    for (size_t i = 0; dir->lock != NULL && i < ARRAY_LEN (passing); i++) {
      unlinkat (dir->fd, passing[i], 0);
      guard_forget_at (dir->guard, dir->fd, passing[i]);
    }
    lockfile_free (dir->lock);
    if (is_current (dir) &&
        unlinkat (dir->parent_fd, dir->name, AT_REMOVEDIR) == 0)
      file_at_sync_directory (dir->parent_fd, dir->path, &ignored);
    guard_forget_at (dir->guard, dir->parent_fd, dir->name);
  }
  close_fd (&dir->fd);
  close_fd (&dir->parent_fd);
  free (dir->name);
  free (dir->path);
  free (dir);
}

int
part_dir_fd (const struct part_dir *dir)
{
  return dir->fd;
}

const char *
part_dir_path (const struct part_dir *dir)
{
  return dir->path;
}

/*--- What is in it. ---*/

static DIR *
list (const struct part_dir *dir)
{
  CLEANUP_FD int fd = openat (dir->fd, ".", O_RDONLY|O_DIRECTORY|O_CLOEXEC);
  DIR *ret = fd == -1 ? NULL : fdopendir (fd);

  if (ret != NULL)
    fd = -1;                    /* closedir closes it */
  return ret;
}

static bool
is_disk (const char *name)
{
  return strncmp (name, "sd", 2) == 0;
}

bool
part_dir_has_files (const struct part_dir *dir)
{
  DIR *stream = list (dir);
  const struct dirent *entry;
  bool found = false;

  if (stream == NULL)
    return false;
  while (!found && (entry = readdir (stream)) != NULL)
    found = is_disk (entry->d_name);
  closedir (stream);
  return found;
}

void
part_dir_clear (const struct part_dir *dir)
{
  DIR *stream = list (dir);
  const struct dirent *entry;

  if (stream == NULL)
    return;
  while ((entry = readdir (stream)) != NULL)
    if (is_disk (entry->d_name))
      unlinkat (dir->fd, entry->d_name, 0);
  closedir (stream);
}
