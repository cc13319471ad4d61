/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Writes files: those that have to survive a crash, which the program itself
 * reads back later (file-at.c does it), and those that the user named, which
 * may be FIFOs or descriptors.  What is in a file is left to the callers, and
 * so is whether a file that the user named may be overwritten.
 */

#include <config.h>

#include <fcntl.h>
#include <ftw.h>
#include <libgen.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file-at.h"
#include "base/file.h"
#include "base/i18n.h"
#include "base/write.h"

/* How long a FIFO's reader may take to open it, or to read more. */
#define WRITE_TIMEOUT_MS 5000

static int
write_error (const char *path, struct error *err)
{
  return error_errno (err, write_reason (), "%s", path);
}

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

int
file_sync_parent (const char *path, struct error *err)
{
  CLEANUP_FREE char *copy = strdup (path);

  return copy == NULL ? error_nomem (err)
    : file_sync_directory (dirname (copy), err);
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
    return write_error (path, err);
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
file_store_as (const char *path, mode_t mode, const char *text, size_t len,
               struct error *err)
{
  CLEANUP_OPENED_PATH struct opened_path opened;

  return open_path (path, &opened, err) == -1 ? -1
    : file_at_store (opened.at, mode, text, len, err);
}

int
file_store (const char *path, const char *text, size_t len,
            struct error *err)
{
  return file_store_as (path, 0600, text, len, err);
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

/*--- Files that the user named. ---*/

/* open has no way to wait with a timeout for a FIFO's reader. */
int
write_open (const char *path, int flags)
{
  const int64_t until_ms = clock_ms () + WRITE_TIMEOUT_MS;
  int fd;

  for (;;) {
    fd = open (path, O_WRONLY|O_NONBLOCK|O_CLOEXEC|O_NOCTTY|flags, 0666);
    if (fd != -1 || errno != ENXIO || clock_ms () >= until_ms)
      return fd;
    poll (NULL, 0, 20);
    errno = ENXIO;
  }
}

/* FIFOs and terminals have nothing to sync. */
static int
sync_file (int fd)
{
  struct stat st;

  return fstat (fd, &st) == 0 && S_ISREG (st.st_mode) ? fsync (fd) : 0;
}

static int
write_plainly (const char *path, int flags, const char *text, size_t len,
               struct error *err)
{
  CLEANUP_FD int fd = write_open (path, flags);

  if (fd == -1 && errno == ENXIO) {
    error_set (err, REASON_WRITE, _("%s: nobody reads it"), path);
    return -1;
  }
  if (fd == -1 || full_write_within (fd, text, len, WRITE_TIMEOUT_MS) == -1 ||
      sync_file (fd) == -1)
    return write_error (path, err);
  return 0;
}

bool
is_descriptor_path (const char *path)
{
  return strncmp (path, "/dev/std", strlen ("/dev/std")) == 0 ||
    strncmp (path, "/dev/fd/", strlen ("/dev/fd/")) == 0 ||
    strncmp (path, "/proc/", strlen ("/proc/")) == 0;
}

/* The mode that open would have given a new file. */
static mode_t
usual_mode (void)
{
  const mode_t mask = umask (0);

  umask (mask);
  return 0666 & ~mask;
}

/* A file that cannot be replaced may still be writable: it is a mount point
 * (as in containers), or its directory belongs to another user.
 */
static int
write_in_place (const char *path, const char *text, size_t len,
                struct error *err)
{
  const int saved_errno = errno;

  if (access (path, W_OK) == 0 && (saved_errno == EBUSY ||
                                   saved_errno == EACCES ||
                                   saved_errno == EPERM ||
                                   saved_errno == EROFS))
    return write_plainly (path, O_TRUNC, text, len, err);
  errno = saved_errno;
  return write_error (path, err);
}

/* FD is open on ASIDE. */
static int
fill_and_rename (int fd, mode_t mode, const char *aside, const char *path,
                 const char *text, size_t len)
{
  return full_write (fd, text, len) == 0 && fchmod (fd, mode) == 0 &&
    fsync (fd) == 0 ? rename (aside, path) : -1;
}

static int
write_aside (const char *path, const char *text, size_t len,
             struct error *err)
{
  CLEANUP_FREE char *temp = format (err, "%s.XXXXXX", path);
  CLEANUP_FD int fd = -1;
  int r;

  if (temp == NULL)
    return -1;
  fd = mkostemp (temp, O_CLOEXEC);
  if (fd == -1)
    return write_in_place (path, text, len, err);
  if (fill_and_rename (fd, usual_mode (), temp, path, text, len) == 0)
    return file_sync_parent (path, err);
  r = write_in_place (path, text, len, err);
  unlink (temp);
  return r;
}

int
write_file (const char *path, const char *text, size_t len,
            struct error *err)
{
  CLEANUP_FREE char *real = NULL;
  struct stat st;

  if (is_descriptor_path (path))
    return write_plainly (path, O_APPEND, text, len, err);
  if (stat (path, &st) == 0 && !S_ISREG (st.st_mode))
    return write_plainly (path, 0, text, len, err);
  /* A symbolic link stays; the file that it points to is replaced. */
  real = realpath (path, NULL);
  return write_aside (real != NULL ? real : path, text, len, err);
}

int
write_file_clear (const char *path, struct error *err)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  struct stat st, link;

  if (is_descriptor_path (path) || lstat (path, &link) == -1 ||
      stat (path, &st) == -1 || !S_ISREG (st.st_mode))
    return 0;
  if (S_ISREG (link.st_mode) && unlink (path) == 0) {
    file_sync_parent (path, &ignored);
    return 0;
  }
  /* write_file writes to the file that a link points to. */
  if (S_ISREG (link.st_mode) && errno == EBUSY)
    return 0;
  return truncate (path, 0) == 0 ? 0 : write_error (path, err);
}

int
write_file_try (const char *path, struct error *err)
{
  CLEANUP_FREE char *copy = strdup (path);
  struct stat st;

  if (copy == NULL)
    return error_nomem (err);
  if (stat (path, &st) == 0 && S_ISDIR (st.st_mode)) {
    errno = EISDIR;
    return write_error (path, err);
  }
  if (access (path, W_OK) == 0)
    return 0;
  if (errno != ENOENT)
    return write_error (path, err);
  return access (dirname (copy), W_OK|X_OK) == 0 ? 0
    : write_error (path, err);
}

/*--- What a run made. ---*/

static int
remove_entry (const char *path,
              const struct stat *st __attribute__ ((unused)),
              int type __attribute__ ((unused)),
              struct FTW *ftw __attribute__ ((unused)))
{
  remove (path);
  return 0;
}

void
remove_tree (const char *path)
{
  const int saved_errno = errno;

  nftw (path, remove_entry, 16, FTW_DEPTH|FTW_PHYS|FTW_MOUNT);
  errno = saved_errno;
}
