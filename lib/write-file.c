/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <config.h>

#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "clock.h"
#include "error.h"
#include "i18n.h"
#include "write-file.h"

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
write_plainly (const char *path, const char *text, size_t len,
               struct error *err)
{
  CLEANUP_FD int fd = write_open (path, 0);

  if (fd == -1 && errno == ENXIO) {
    error_set (err, REASON_WRITE, _("%s: nobody reads it"), path);
    return -1;
  }
  if (fd == -1 || patient_write (fd, text, len) == -1)
    return write_error (path, err);
  return 0;
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

static int
write_aside (const char *path, const char *text, size_t len,
             struct error *err)
{
  CLEANUP_FREE char *temp = NULL;
  CLEANUP_FD int fd = -1;

  if (asprintf (&temp, "%s.XXXXXX", path) == -1) {
    temp = NULL;
    return error_nomem (err);
  }
  fd = mkostemp (temp, O_CLOEXEC);
  if (fd == -1)
    return write_error (path, err);
  if (fill_and_rename (temp, fd, path, text, len) == 0)
    return 0;
  write_error (path, err);
  unlink (temp);
  return -1;
}

int
write_file (const char *path, const char *text, size_t len,
            struct error *err)
{
  struct stat st;

  if (stat (path, &st) == 0 && !S_ISREG (st.st_mode))
    return write_plainly (path, text, len, err);
  return write_aside (path, text, len, err);
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
  if (stat (path, &st) == 0 && !S_ISREG (st.st_mode))
    return access (path, W_OK) == 0 ? 0 : write_error (path, err);
  return access (dirname (copy), W_OK|X_OK) == 0 ? 0
    : write_error (path, err);
}
