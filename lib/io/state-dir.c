/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Finds and makes the state directory.  What is in it, and whether a run can
 * do without it, is left to its users in transfer/ and output/.
 */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/file-at.h"
#include "base/i18n.h"
#include "base/ownership.h"
#include "base/trust.h"
#include "base/walk.h"
#include "io/state-dir.h"
#include "settings.h"

#define NAME "v2v-nbdkit-launch"

static char *
choose (const struct settings *settings, struct error *err)
{
  const char *state = getenv ("XDG_STATE_HOME"), *home = getenv ("HOME");

  if (settings->state_dir != NULL)
    return alloc_copy (settings->state_dir, err);
  if (geteuid () == 0)
    return alloc_copy ("/var/lib/" NAME, err);
  if (state != NULL && state[0] == '/')
    return format (err, "%s/" NAME, state);
  if (home != NULL && home[0] == '/')
    return format (err, "%s/.local/state/" NAME,
                   home[1] == '\0' ? "" : home);
  error_set (err, REASON_WRITE, _("there is no state directory, because HOME "
                                  "is not set"));
  error_hint (err, _("choose one with --state-dir DIR"));
  return NULL;
}

/* Volumes of containers (Kubernetes' emptyDir) often have mode 0777 without
 * the sticky bit, and a plain user cannot change that: there each file that is
 * read has to do (file_at_open_own).
 */
static char *
path_of (int fd, const char *dir, struct error *err)
{
  CLEANUP_FREE char *where = NULL;
  char *path = trusted_path_of (fd, &where);

  if (path == NULL && where != NULL && geteuid () != 0)
    path = directory_path (fd);
  if (path != NULL)
    return path;
  if (where == NULL) {
    error_errno (err, REASON_WRITE, "%s", dir);
    return NULL;
  }
  error_set (err, REASON_WRITE,
             _("other users can put another directory in the place of %s, "
               "because they can write to %s"), dir, where);
  error_hint (err, _("the state directory must be in directories that only "
                     "root and the user can write to"));
  return NULL;
}

static int open_or_make (char *path, struct error *err);

/* A new directory lasts only when its name is on stable storage, too. */
static int
make_in (int parent, const char *name, const char *path, struct error *err)
{
  CLEANUP_FREE char *real = path_of (parent, path, err);
  int fd;

  if (real == NULL)
    return -1;
  if (mkdirat (parent, name, 0700) == 0) {
    if (file_at_sync_directory (parent, path, err) == -1)
      return -1;
  }
  else if (errno != EEXIST)
    return error_errno (err, REASON_WRITE, "%s", path);
  fd = openat (parent, name, O_PATH|O_DIRECTORY|O_NOFOLLOW|O_CLOEXEC);
  return fd != -1 ? fd : error_errno (err, REASON_WRITE, "%s", path);
}

static int
make_below (char *path, struct error *err)
{
  char *slash = strrchr (path, '/');
  CLEANUP_FD int parent = -1;

  if (slash == NULL || slash == path)
    walk_to_directory (slash == NULL ? "." : "/", &parent, err);
  else {
    *slash = '\0';
    parent = open_or_make (path, err);
    *slash = '/';
  }
  return parent == -1 ? -1
    : make_in (parent, slash == NULL ? path : slash + 1, path, err);
}

/* Open the directory PATH, which is made if it does not exist, with those
 * above it.
 */
static int
open_or_make (char *path, struct error *err)
{
  int fd;

  return walk_to_directory (path, &fd, err) == 0 ? make_below (path, err)
    : fd;
}

/* Others could plant a journal or a record in a directory of theirs. */
static int
check_private (int fd, const char *path, struct error *err)
{
  const char *problem;
  struct stat st;

  if (fstat (fd, &st) == -1 || faccessat (fd, ".", W_OK|X_OK, 0) == -1)
    return error_errno (err, REASON_WRITE, "%s", path);
  problem = ownership_problem (fd, &st);
  if (problem == NULL)
    return 0;
  error_set (err, REASON_WRITE, "%s %s", path, problem);
  error_hint (err, _("the state directory must belong to the user who runs "
                     "v2v-nbdkit-launch, with mode 0700 or 0755"));
  return -1;
}

char *
state_dir_open (const struct settings *settings, struct error *err)
{
  CLEANUP_FREE char *dir = choose (settings, err);
  CLEANUP_FD int fd = -1;
  char *real = NULL;

  if (dir == NULL)
    return NULL;
  for (char *end = dir + strlen (dir); end > dir + 1 && end[-1] == '/'; end--)
    end[-1] = '\0';
  fd = open_or_make (dir, err);
  if (fd != -1 && check_private (fd, dir, err) == 0)
    real = path_of (fd, dir, err);
  if (real == NULL)
    error_wrap (err, _("the state directory cannot be used"));
  return real;
}

bool
file_system_is_lasting (const char *dir)
{
  struct statfs fs;

  return statfs (dir, &fs) == -1 ||
    (fs.f_type != TMPFS_MAGIC && fs.f_type != RAMFS_MAGIC);
}
