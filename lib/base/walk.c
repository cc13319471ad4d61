/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Walks along a path by descriptors.  realpath would look at each link at one
 * moment and open what it leads to at another, and is not held up by
 * fs.protected_symlinks: that is about links that the kernel follows.
 */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/trust.h"
#include "base/walk.h"

/* As many as the kernel follows. */
#define LINKS_MAX 40

struct walker {
  struct walked *found;
  char *rest;                   /* of the path, below found->at.dir_fd */
  unsigned links;
  bool wants_directory;         /* the last part is one, too */
  bool is_missing;              /* a part of the path does not exist */
};

static int
failed (struct walker *walker, struct error *err)
{
  walker->is_missing = errno == ENOENT;
  return error_errno (err, REASON_WRITE, "%s", walker->found->at.path);
}

static int
refuse (const char *path, const char *link, struct error *err)
{
  error_set (err, REASON_WRITE,
             _("%s: the link %s is not followed, because another user could "
               "have put it there"), path, link);
  error_hint (err, _("name the place that it leads to, if that is the one "
                     "that was meant, or a directory that only you and root "
                     "can write to"));
  return -1;
}

/* Go on in the directory that FD, which may be -1, is open on. */
static int
enter (struct walker *walker, int fd, struct error *err)
{
  if (fd == -1)
    return failed (walker, err);
  close_fd (&walker->found->at.dir_fd);
  walker->found->at.dir_fd = fd;
  return 0;
}

static int
enter_start (struct walker *walker, const char *path, struct error *err)
{
  return enter (walker, open (path[0] == '/' ? "/" : ".",
                              O_PATH|O_DIRECTORY|O_CLOEXEC), err);
}

/* Go on at what the link FD says, with the rest of the path behind it. */
static int
follow (struct walker *walker, int fd, struct error *err)
{
  char target[PATH_MAX];
  const ssize_t n = readlinkat (fd, "", target, sizeof target - 1);
  char *rest;

  if (n != -1 && ++walker->links > LINKS_MAX)
    errno = ELOOP;
  if (n == -1 || walker->links > LINKS_MAX)
    return failed (walker, err);
  target[n] = '\0';
  rest = format (err, "%s%s%s", target, *walker->rest != '\0' ? "/" : "",
                 walker->rest);
  if (rest == NULL)
    return -1;
  free (walker->rest);
  walker->rest = rest;
  return target[0] == '/' ? enter_start (walker, target, err) : 0;
}

/* Nobody can put a link there, and some of them lead to what has no name. */
static bool
is_of_proc (int fd)
{
  struct statfs fs;

  return fstatfs (fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

/* NAME, which was no directory, is opened, judged, and read through FD. */
static int
take_link (struct walker *walker, const char *name, struct error *err)
{
  struct walked *found = walker->found;
  CLEANUP_FD int fd = openat (found->at.dir_fd, name,
                              O_PATH|O_NOFOLLOW|O_CLOEXEC);
  struct stat st;

  if (fd == -1 || fstat (fd, &st) == -1)
    return failed (walker, err);
  if (!S_ISLNK (st.st_mode) && *walker->rest == '\0')
    return error_set (err, REASON_WRITE, _("%s is not a directory"),
                      found->at.path);
  if (!S_ISLNK (st.st_mode)) {
    errno = ENOTDIR;
    return failed (walker, err);
  }
  if (is_of_proc (fd))
    return enter (walker, openat (found->at.dir_fd, name,
                                  O_PATH|O_DIRECTORY|O_CLOEXEC), err);
  return link_may_be_followed (&st, found->at.dir_fd)
    ? follow (walker, fd, err) : refuse (found->at.path, name, err);
}

/* The same for the last part of the path.  1: it is no link, or none that may
 * be followed.
 */
static int
take_last_link (struct walker *walker, const char *name, struct error *err)
{
  struct walked *found = walker->found;
  CLEANUP_FD int fd = openat (found->at.dir_fd, name,
                              O_PATH|O_NOFOLLOW|O_CLOEXEC);

  if (fd == -1 && errno == ENOENT) {
    found->exists = false;
    return 1;
  }
  if (fd == -1 || fstat (fd, &found->st) == -1)
    return failed (walker, err);
  found->exists = true;
  if (!S_ISLNK (found->st.st_mode))
    return 1;
  if (is_of_proc (fd)) {
    found->is_descriptor = true;
    return fstatat (found->at.dir_fd, name, &found->st, 0) == 0 ? 1
      : failed (walker, err);
  }
  if (!link_may_be_followed (&found->st, found->at.dir_fd))
    return 1;
  found->through_link = true;
  return follow (walker, fd, err);
}

static int
look_at_last (struct walker *walker, const char *name, struct error *err)
{
  struct walked *found = walker->found;
  const int r = take_last_link (walker, name, err);

  if (r != 1)
    return r;
  found->name = alloc_copy (name, err);
  found->at.name = found->name;
  return found->name == NULL ? -1 : 1;
}

/* One part of the path.  1: it was the last. */
static int
step (struct walker *walker, struct error *err)
{
  CLEANUP_FREE char *name = NULL;
  struct walked *found = walker->found;
  char *rest = walker->rest + strspn (walker->rest, "/");
  const size_t len = strcspn (rest, "/");
  const bool is_last = rest[len] == '\0';
  int fd;

  if (len == 0) {
    errno = EISDIR;
    return walker->wants_directory ? 1 : failed (walker, err);
  }
  name = format (err, "%.*s", (int) len, rest);
  if (name == NULL)
    return -1;
  memmove (walker->rest, rest + len, strlen (rest + len) + 1);
  if (is_last && !walker->wants_directory &&
      strcmp (name, ".") != 0 && strcmp (name, "..") != 0)
    return look_at_last (walker, name, err);
  /* With O_DIRECTORY an automount point is mounted, too. */
  fd = openat (found->at.dir_fd, name,
               O_PATH|O_DIRECTORY|O_NOFOLLOW|O_CLOEXEC);
  if (fd != -1)
    return enter (walker, fd, err);
  return errno == ENOTDIR || errno == ELOOP
    ? take_link (walker, name, err) : failed (walker, err);
}

static int
walk_all (struct walker *walker, const char *path, struct error *err)
{
  int r;

  *walker->found = (struct walked) WALKED_INIT;
  walker->found->at.path = path;
  walker->rest = alloc_copy (path, err);
  if (walker->rest == NULL)
    return -1;
  if (path[0] == '\0') {
    errno = ENOENT;
    r = failed (walker, err);
  }
  else
    r = enter_start (walker, path, err);
  while (r == 0)
    r = step (walker, err);
  free (walker->rest);
  return r == 1 ? 0 : -1;
}

int
walk (const char *path, struct walked *ret, struct error *err)
{
  struct walker walker = { .found = ret };

  if (walk_all (&walker, path, err) == 0)
    return 0;
  walked_reset (ret);
  return -1;
}

int
walk_to_directory (const char *path, int *fd, struct error *err)
{
  CLEANUP_WALKED struct walked found = WALKED_INIT;
  CLEANUP_ERROR struct error why = ERROR_INIT;
  struct walker walker = { .found = &found, .wants_directory = true };

  *fd = -1;
  if (walk_all (&walker, path, &why) == 0) {
    *fd = STEAL_FD (found.at.dir_fd);
    return 1;
  }
  if (walker.is_missing)
    return 0;
  error_move (err, &why);
  return -1;
}

bool
walked_is_link (const struct walked *walked)
{
  return walked->exists && S_ISLNK (walked->st.st_mode);
}

int
walked_refuse_link (const struct walked *walked, struct error *err)
{
  return refuse (walked->at.path, walked->name, err);
}

void
walked_reset (struct walked *walked)
{
  close_fd (&walked->at.dir_fd);
  free (walked->name);
  *walked = (struct walked) WALKED_INIT;
}
