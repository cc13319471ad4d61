/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <config.h>

#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/i18n.h"

/* How long somebody who is to read may take to come, or to go on. */
#define PATIENCE_MS 5000

int
full_write (int fd, const void *buf, size_t len)
{
  const char *text = buf;

  while (len > 0) {
    const ssize_t n = write (fd, text, len);

    if (n == -1 && errno == EINTR)
      continue;
    if (n == -1)
      return -1;
    text += n;
    len -= (size_t) n;
  }
  return 0;
}

static int
write_error (const char *path, struct error *err)
{
  return error_errno (err, errno == ENOSPC || errno == EDQUOT
                      ? REASON_SPACE : REASON_WRITE, "%s", path);
}

/* Nothing wakes a writer up when a FIFO gets its reader. */
int
write_open (const char *path, int flags)
{
  const int64_t until_ms = clock_ms () + PATIENCE_MS;
  int fd;

  for (;;) {
    fd = open (path, O_WRONLY|O_NONBLOCK|O_CLOEXEC|O_NOCTTY|flags, 0666);
    if (fd != -1 || errno != ENXIO || clock_ms () >= until_ms)
      return fd;
    poll (NULL, 0, 20);
    errno = ENXIO;
  }
}

/* As full_write, on a descriptor that does not block. */
static int
patient_write (int fd, const char *text, size_t len)
{
  struct pollfd pollfd = { .fd = fd, .events = POLLOUT };

  while (len > 0) {
    const ssize_t n = write (fd, text, len);

    if (n > 0) {
      text += n;
      len -= (size_t) n;
    }
    if (n >= 0 || errno == EINTR)
      continue;
    if (errno != EAGAIN)
      return -1;
    if (poll (&pollfd, 1, PATIENCE_MS) == 0) {
      errno = ETIMEDOUT;
      return -1;
    }
  }
  return 0;
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
  if (fd == -1 || patient_write (fd, text, len) == -1)
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

static int
fill_and_rename (const char *temp, int fd, const char *path,
                 const char *text, size_t len)
{
  mode_t mask = umask (0);

  umask (mask);
  if (fchmod (fd, 0666 & ~mask) == -1 || full_write (fd, text, len) == -1 ||
      fsync (fd) == -1)
    return -1;
  return rename (temp, path);
}

/* A file that exists can be written where it cannot be replaced: it is a
 * mount point (as in containers), or the directory is another's.
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

static int
write_aside (const char *path, const char *text, size_t len,
             struct error *err)
{
  CLEANUP_FREE char *temp = NULL;
  CLEANUP_FD int fd = -1;
  int r;

  if (asprintf (&temp, "%s.XXXXXX", path) == -1) {
    temp = NULL;
    return error_nomem (err);
  }
  fd = mkostemp (temp, O_CLOEXEC);
  if (fd == -1)
    return write_in_place (path, text, len, err);
  if (fill_and_rename (temp, fd, path, text, len) == 0)
    return 0;
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
  /* What a symbolic link points to, not the link. */
  real = realpath (path, NULL);
  return write_aside (real != NULL ? real : path, text, len, err);
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
