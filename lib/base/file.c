/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Files that have to survive a crash, by path: file-at.c stores them.  What is
 * in a file is left to the callers, and what the user named to outfile.c.
 */

#include <config.h>

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/file-at.h"
#include "base/file.h"
#include "base/write.h"

/*--- Stable storage. ---*/

/* Network file systems flush only what is open for writing. */
int
file_sync (const char *path, struct error *err)
{
  CLEANUP_FD int fd = open (path, O_RDWR|O_CLOEXEC|O_NOCTTY);

  if (fd == -1 || fsync (fd) == -1)
    return error_errno (err, write_reason (), "fsync: %s", path);
  return 0;
}

int
file_sync_directory (const char *dir, struct error *err)
{
  CLEANUP_FD int fd = open (dir, O_PATH|O_DIRECTORY|O_CLOEXEC);

  if (fd == -1)
    return error_errno (err, write_reason (), "fsync: %s", dir);
  return file_at_sync_directory (fd, dir, err);
}

/* A file by its path: the directory that it is in is opened. */
struct opened_path {
  struct file_at at;
  int dir_fd;
  char *copy;                   /* of the path */
};

static void
opened_path_reset (struct opened_path *opened)
{
  close_fd (&opened->dir_fd);
  free (opened->copy);
}

#define CLEANUP_OPENED_PATH __attribute__ ((cleanup (opened_path_reset)))

static int
open_path (const char *path, struct opened_path *ret, struct error *err)
{
  char *slash;

  ret->dir_fd = -1;
  ret->copy = alloc_copy (path, err);
  if (ret->copy == NULL)
    return -1;
  slash = strrchr (ret->copy, '/');
  if (slash != NULL)
    *slash = '\0';
  ret->dir_fd = open (slash == NULL ? "." : slash == ret->copy ? "/"
                      : ret->copy, O_PATH|O_DIRECTORY|O_CLOEXEC);
  if (ret->dir_fd == -1)
    return error_errno (err, write_reason (), "%s", path);
  ret->at.dir_fd = ret->dir_fd;
  ret->at.name = slash == NULL ? path : path + (slash + 1 - ret->copy);
  ret->at.path = path;
  return 0;
}

int
file_open_own (const char *path, int flags, int *fd, struct error *err)
{
  CLEANUP_OPENED_PATH struct opened_path opened;

  *fd = -1;
  return open_path (path, &opened, err) == -1 ? -1
    : file_at_open_own (opened.at, flags, fd, err);
}

int
file_replace (const char *path, const char *text, size_t len,
              struct error *err)
{
  CLEANUP_OPENED_PATH struct opened_path opened;

  return open_path (path, &opened, err) == -1 ? -1
    : file_at_replace (opened.at, text, len, err);
}

int
file_store (const char *path, const char *text, size_t len,
            struct error *err)
{
  CLEANUP_OPENED_PATH struct opened_path opened;

  return open_path (path, &opened, err) == -1 ? -1
    : file_at_store (opened.at, 0600, text, len, err);
}

int
file_rename (const char *from, const char *to, struct error *err)
{
  CLEANUP_OPENED_PATH struct opened_path opened_from;
  CLEANUP_OPENED_PATH struct opened_path opened_to = { .dir_fd = -1 };

  return open_path (from, &opened_from, err) == -1 ||
    open_path (to, &opened_to, err) == -1 ? -1
    : file_at_rename (opened_from.at, opened_to.at, err);
}

int
file_remove (const char *path, struct error *err)
{
  CLEANUP_OPENED_PATH struct opened_path opened;

  return open_path (path, &opened, err) == -1 ? -1
    : file_at_remove (opened.at, err);
}

/*--- What a run made. ---*/

static void
remove_entry (int dir_fd, const char *name, dev_t dev)
{
  CLEANUP_FD int fd = openat (dir_fd, name, O_RDONLY|O_DIRECTORY|O_NOFOLLOW|
                              O_NONBLOCK|O_CLOEXEC);
  struct stat st;

  if (fd == -1) {
    unlinkat (dir_fd, name, 0);
    return;
  }
  /* What is mounted there is not what the run made. */
  if (fstat (fd, &st) == 0 && st.st_dev == dev)
    remove_entries (fd, NULL);
  unlinkat (dir_fd, name, AT_REMOVEDIR);
}

void
remove_entries (int dir_fd, const char *but)
{
  CLEANUP_FD int fd = openat (dir_fd, ".", O_RDONLY|O_DIRECTORY|O_CLOEXEC);
  DIR *stream = fd == -1 ? NULL : fdopendir (fd);
  const struct dirent *entry;
  struct stat st;

  if (stream == NULL)
    return;
  while (fstat (fd, &st) == 0 && (entry = readdir (stream)) != NULL)
    if (strcmp (entry->d_name, ".") != 0 &&
        strcmp (entry->d_name, "..") != 0 &&
        (but == NULL || strcmp (entry->d_name, but) != 0))
      remove_entry (fd, entry->d_name, st.st_dev);
  closedir (stream);
  fd = -1;                      /* closedir has closed it */
}

void
remove_tree (const char *path)
{
  const int saved_errno = errno;
  struct stat st;

  if (lstat (path, &st) == 0)
    remove_entry (AT_FDCWD, path, st.st_dev);
  errno = saved_errno;
}
