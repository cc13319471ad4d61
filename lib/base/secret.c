/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Passwords, cookies and keys: read from files and descriptors, written to
 * private files, wiped when they are freed, and taken out of other
 * programs' lines before anybody sees those.
 */

#include <config.h>

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/infile.h"
#include "base/parse.h"
#include "base/secret.h"
#include "base/write.h"

/* Longer than any password or session cookie seen; a file that is longer
 * is a mistake (a disk image given to -ip).
 */
#define SECRET_MAX 65536
/* How long a FIFO may take to give a key: signals do not end that wait. */
#define KEY_TIMEOUT_MS 5000

struct secret {
  size_t len;
  char text[];
};

struct secret *
secret_new (const char *text, size_t len, struct error *err)
{
  struct secret *secret = alloc_zero (sizeof *secret + len + 1, err);

  if (secret == NULL)
    return NULL;
  secret->len = len;
  memcpy (secret->text, text, len);
  return secret;
}

struct secret *
secret_copy (const struct secret *secret, struct error *err)
{
  return secret_new (secret->text, secret->len, err);
}

void
secret_free (struct secret *secret)
{
  if (secret == NULL)
    return;
  explicit_bzero (secret->text, secret->len);
  free (secret);
}

/* The user's commands get the descriptors that we got, but not this one.
 * Standard input is theirs, too.
 */
static void
keep_descriptor (const char *digits)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  uint64_t number;

  if (parse_uint ("", digits, STDERR_FILENO + 1, INT_MAX, &number,
                  &ignored) == 0)
    fcntl ((int) number, F_SETFD, FD_CLOEXEC);
}

static int
open_secret (const char *file, struct error *err)
{
  CLEANUP_ERROR struct error why = ERROR_INIT;
  static const char dev_fd[] = "/dev/fd/";
  uint64_t number;
  int fd;

  if (strncmp (file, "fd:", 3) == 0) {
    if (parse_uint ("-ip fd:", file + 3, 0, INT_MAX, &number, err) == -1)
      return -1;
    fd = fcntl ((int) number, F_DUPFD_CLOEXEC, 3);
    keep_descriptor (file + 3);
  }
  else {
    fd = infile_open (file, &why);
    if (strncmp (file, dev_fd, strlen (dev_fd)) == 0)
      keep_descriptor (file + strlen (dev_fd));
  }
  if (fd == -1) {
    if (!error_is_set (&why))
      error_errno (&why, REASON_USAGE, "%s", file);
    error_set (err, REASON_USAGE, _("cannot read the password from %s"),
               why.message);
    error_copy_hint (err, &why);
    error_hint (err, _("-ip needs a file whose first line is the password, "
                       "or fd:N, a descriptor that is open for reading"));
  }
  return fd;
}

/* Read up to SIZE bytes, or to the first newline when FIRST_LINE.  Each time
 * something must come within TIMEOUT_MS (-1: it may take its time); a FIFO
 * whose writer has not come yet would be at its end already.
 */
static ssize_t
read_up_to (int fd, char *buf, size_t size, bool first_line, int timeout_ms)
{
  struct pollfd pollfd = { .fd = fd, .events = POLLIN };
  size_t len = 0;

  while (len < size) {
    const int ready = poll (&pollfd, 1, timeout_ms);
    const ssize_t n = ready == 0 ? -1 : read (fd, buf + len, size - len);

    if (ready == 0)
      errno = ETIMEDOUT;
    if (n == -1 && errno == EINTR)
      continue;
    if (n <= 0)
      return n == 0 ? (ssize_t) len : -1;
    if (first_line && memchr (buf + len, '\n', (size_t) n) != NULL)
      return (ssize_t) len + n;
    len += (size_t) n;
  }
  return (ssize_t) len;
}

static struct secret *
secret_of_line (const char *buf, size_t size, const char *file,
                struct error *err)
{
  const char *newline = memchr (buf, '\n', size);
  const size_t len = newline != NULL ? (size_t) (newline - buf) : size;

  if (len == SECRET_MAX || memchr (buf, '\0', len) != NULL) {
    error_set (err, REASON_USAGE, _("%s does not hold a password"), file);
    return NULL;
  }
  return secret_new (buf, len, err);
}

struct secret *
secret_read (const char *file, struct error *err)
{
  CLEANUP_FD int fd = open_secret (file, err);
  struct secret *secret = NULL;
  char buf[SECRET_MAX];
  ssize_t n;

  if (fd == -1)
    return NULL;
  n = read_up_to (fd, buf, sizeof buf, true, -1);
  /* An empty line may be the password. */
  if (n == 0)
    error_set (err, REASON_USAGE, _("%s is empty: it has no password"), file);
  else if (n == -1)
    error_errno (err, REASON_USAGE, _("cannot read the password from %s"),
                 file);
  else
    secret = secret_of_line (buf, (size_t) n, file, err);
  explicit_bzero (buf, sizeof buf);
  return secret;
}

struct secret *
secret_read_file (const char *path, struct error *err)
{
  CLEANUP_FD int fd = infile_open (path, err);
  struct secret *secret = NULL;
  char buf[SECRET_MAX];
  ssize_t n;

  if (fd == -1)
    return NULL;
  n = read_up_to (fd, buf, sizeof buf, false, KEY_TIMEOUT_MS);
  if (n == -1 && errno == ETIMEDOUT)
    error_set (err, REASON_USAGE, _("%s: timed out waiting for data"), path);
  else if (n == -1)
    error_errno (err, REASON_USAGE, "%s", path);
  else if (n == sizeof buf)
    error_set (err, REASON_USAGE, _("%s is too large for a key"), path);
  else
    secret = secret_new (buf, (size_t) n, err);
  explicit_bzero (buf, sizeof buf);
  return secret;
}

int
secret_write (const struct secret *secret, const char *path,
              struct error *err)
{
  CLEANUP_FD int fd = open (path, O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC, 0600);

  if (fd == -1 || full_write (fd, secret->text, secret->len) == -1)
    return error_errno (err, REASON_INTERNAL, "%s", path);
  return 0;
}

const char *
secret_reveal (const struct secret *secret)
{
  return secret->text;
}
