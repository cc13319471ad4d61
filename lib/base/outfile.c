/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Writes the files that the user named.  What is in them is left to the
 * callers, and so is whether a file may be overwritten at all.
 */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file-at.h"
#include "base/i18n.h"
#include "base/outfile.h"
#include "base/ownership.h"
#include "base/trust.h"
#include "base/walk.h"
#include "base/write.h"

/* How long a FIFO's reader may take to open it, or to read more. */
#define WRITE_TIMEOUT_MS 5000

static int
failed (const struct walked *found, struct error *err)
{
  return error_errno (err, write_reason (), "%s", found->at.path);
}

static int
refuse (const struct walked *found, struct error *err)
{
  if (walked_is_link (found))
    return walked_refuse_link (found, err);
  error_set (err, REASON_WRITE,
             _("%s is not written to, because another user could have put it "
               "there"), found->at.path);
  error_hint (err, _("remove it, or name a place in a directory that only "
                     "you and root can write to"));
  return -1;
}

static bool
is_regular (const struct walked *found)
{
  return found->exists && !found->is_descriptor &&
    S_ISREG (found->st.st_mode);
}

/* Nobody but us can put something there for our descriptors; and a directory
 * fails by itself.
 */
static bool
may_be_written (const struct walked *found)
{
  return found->is_descriptor || S_ISDIR (found->st.st_mode) ||
    (!walked_is_link (found) &&
     file_may_be_written (&found->st, found->at.dir_fd));
}

/*--- Opening what exists. ---*/

/* open has no way to wait with a timeout for a FIFO's reader. */
static int
open_waiting (const struct walked *found, int flags)
{
  const int64_t until_ms = clock_ms () + WRITE_TIMEOUT_MS;

  for (;;) {
    const int fd = openat (found->at.dir_fd, found->at.name,
                           flags|O_NONBLOCK|O_NOCTTY|O_CLOEXEC|
                           (found->is_descriptor ? 0 : O_NOFOLLOW));

    if (fd != -1 || errno != ENXIO || clock_ms () >= until_ms)
      return fd;
    poll (NULL, 0, 20);
    errno = ENXIO;
  }
}

/* What is open is judged again: it may be another one by now. */
static int
open_existing (struct walked *found, enum outfile_fifo fifo,
               struct error *err)
{
  const bool alone = S_ISFIFO (found->st.st_mode) &&
    fifo == OUTFILE_FIFO_ALONE;
  CLEANUP_FD int fd = open_waiting (found, (alone ? O_RDWR : O_WRONLY)|
                                    O_APPEND);

  if (fd == -1 && errno == ENXIO)
    return error_set (err, REASON_WRITE, _("%s: nobody reads it"),
                      found->at.path);
  if (fd == -1 || fstat (fd, &found->st) == -1)
    return failed (found, err);
  if (!may_be_written (found))
    return refuse (found, err);
  if (is_regular (found) && ftruncate (fd, 0) == -1)
    return failed (found, err);
  return STEAL_FD (fd);
}

/* FIFOs and terminals have nothing to sync. */
static int
write_existing (struct walked *found, const char *text, size_t len,
                struct error *err)
{
  CLEANUP_FD int fd = open_existing (found, OUTFILE_FIFO_WAIT, err);

  if (fd == -1)
    return -1;
  return full_write_within (fd, text, len, WRITE_TIMEOUT_MS) == -1 ||
    (S_ISREG (found->st.st_mode) && fsync (fd) == -1)
    ? failed (found, err) : 0;
}

/*--- Opening a file for the whole run. ---*/

/* -2: somebody else made one meanwhile. */
static int
open_new (const struct walked *found, mode_t mode, struct error *err)
{
  const int fd = openat (found->at.dir_fd, found->at.name,
                         O_WRONLY|O_APPEND|O_CREAT|O_EXCL|O_CLOEXEC, mode);

  return fd != -1 ? fd : errno == EEXIST ? -2 : failed (found, err);
}

static int
open_found (struct walked *found, mode_t mode, enum outfile_fifo fifo,
            struct error *err)
{
  if (found->exists && may_be_written (found))
    return open_existing (found, fifo, err);
  if (found->exists &&
      (!is_regular (found) ||
       unlinkat (found->at.dir_fd, found->at.name, 0) == -1))
    return refuse (found, err);
  return open_new (found, mode, err);
}

int
outfile_open (const char *path, mode_t mode, enum outfile_fifo fifo,
              struct error *err)
{
  for (int tries = 0;; tries++) {
    CLEANUP_WALKED struct walked found = WALKED_INIT;
    int fd;

    if (walk (path, &found, err) == -1)
      return -1;
    fd = open_found (&found, mode, fifo, err);
    if (fd != -2)
      return fd;
    if (tries == 3) {
      errno = EEXIST;
      return failed (&found, err);
    }
  }
}

bool
outfile_is_descriptor (const char *path)
{
  CLEANUP_WALKED struct walked found = WALKED_INIT;
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  return walk (path, &found, &ignored) == 0 && found.is_descriptor;
}

/*--- Replacing a file. ---*/

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
write_in_place (struct walked *found, const char *text, size_t len,
                struct error *err)
{
  const int saved_errno = errno;

  if (is_regular (found) && (saved_errno == EBUSY || saved_errno == EACCES ||
                             saved_errno == EPERM || saved_errno == EROFS) &&
      faccessat (found->at.dir_fd, found->at.name, W_OK, 0) == 0)
    return write_existing (found, text, len, err);
  errno = saved_errno;
  return failed (found, err);
}

/* A new file beside the one that was found.  mkostemp is for paths. */
static int
make_aside (const struct walked *found, char **name, struct error *err)
{
  for (int tries = 0; tries < 100; tries++) {
    uint32_t number;
    int fd;

    if (getrandom (&number, sizeof number, 0) == -1)
      return -1;
    free (*name);
    *name = format (err, "%s.%08x", found->at.name, (unsigned) number);
    if (*name == NULL)
      return -1;
    fd = openat (found->at.dir_fd, *name,
                 O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC, 0600);
    if (fd != -1 || errno != EEXIST)
      return fd;
  }
  return -1;
}

static int
replace (struct walked *found, const char *text, size_t len, bool sync,
         struct error *err)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *aside = NULL;
  CLEANUP_FD int fd = make_aside (found, &aside, err);
  const int dir_fd = found->at.dir_fd;
  int r;

  if (error_is_set (err))
    return -1;
  if (fd == -1)
    return write_in_place (found, text, len, err);
  if (full_write (fd, text, len) == 0 &&
      ownership_set_mode (fd, usual_mode ()) == 0 &&
      (!sync || fsync (fd) == 0) &&
      renameat (dir_fd, aside, dir_fd, found->at.name) == 0) {
    if (sync)
      file_at_sync_directory (dir_fd, found->at.path, &ignored);
    return 0;
  }
  r = write_in_place (found, text, len, err);
  unlinkat (dir_fd, aside, 0);
  return r;
}

static int
write_or_replace (const char *path, const char *text, size_t len, bool sync,
                  struct error *err)
{
  CLEANUP_WALKED struct walked found = WALKED_INIT;

  if (walk (path, &found, err) == -1)
    return -1;
  return found.exists && !is_regular (&found) && may_be_written (&found)
    ? write_existing (&found, text, len, err)
    : replace (&found, text, len, sync, err);
}

int
outfile_write (const char *path, const char *text, size_t len,
               struct error *err)
{
  return write_or_replace (path, text, len, true, err);
}

int
outfile_update (const char *path, const char *text, size_t len,
                struct error *err)
{
  return write_or_replace (path, text, len, false, err);
}

/*--- Before the run. ---*/

int
outfile_clear (const char *path, struct error *err)
{
  CLEANUP_WALKED struct walked found = WALKED_INIT;
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  int fd;

  if (walk (path, &found, err) == -1)
    return -1;
  if (!is_regular (&found))
    return 0;
  if (!found.through_link &&
      unlinkat (found.at.dir_fd, found.at.name, 0) == 0) {
    file_at_sync_directory (found.at.dir_fd, path, &ignored);
    return 0;
  }
  /* outfile_write writes to the file that a link points to. */
  if (!found.through_link && errno == EBUSY)
    return 0;
  fd = open_existing (&found, OUTFILE_FIFO_WAIT, err);
  close_if_open (fd);
  return fd == -1 ? -1 : 0;
}

/* Others' files in a directory with the sticky bit cannot be replaced. */
static bool
can_replace (const struct walked *found)
{
  const uid_t us = geteuid ();
  struct stat dir;

  return us == 0 || found->st.st_uid == us ||
    (fstat (found->at.dir_fd, &dir) == 0 &&
     (dir.st_uid == us || (dir.st_mode & S_ISVTX) == 0));
}

int
outfile_try (const char *path, struct error *err)
{
  CLEANUP_WALKED struct walked found = WALKED_INIT;

  if (walk (path, &found, err) == -1)
    return -1;
  if (!found.exists)
    return faccessat (found.at.dir_fd, ".", W_OK|X_OK, 0) == 0 ? 0
      : failed (&found, err);
  if (S_ISDIR (found.st.st_mode)) {
    errno = EISDIR;
    return failed (&found, err);
  }
  if (!may_be_written (&found) &&
      (!is_regular (&found) || !can_replace (&found)))
    return refuse (&found, err);
  return faccessat (found.at.dir_fd, found.at.name, W_OK, 0) == 0 ? 0
    : failed (&found, err);
}
