/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <config.h>

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "error.h"
#include "i18n.h"
#include "parse.h"
#include "secret.h"

/* Longer than any password or session cookie seen; a file that is longer
 * is a mistake (a disk image given to -ip).
 */
#define SECRET_MAX 65536

struct secret {
  size_t len;
  char text[];
};

struct secret *
secret_new (const char *text, size_t len, struct error *err)
{
  struct secret *secret = malloc (sizeof *secret + len + 1);

  if (secret == NULL) {
    error_nomem (err);
    return NULL;
  }
  secret->len = len;
  memcpy (secret->text, text, len);
  secret->text[len] = '\0';
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

static int
open_secret (const char *file, struct error *err)
{
  uint64_t number;
  int fd;

  if (strncmp (file, "fd:", 3) == 0) {
    if (parse_uint ("-ip fd:", file + 3, 0, INT_MAX, &number, err) == -1)
      return -1;
    fd = fcntl ((int) number, F_DUPFD_CLOEXEC, 3);
  }
  else
    fd = open (file, O_RDONLY|O_CLOEXEC|O_NOCTTY);
  if (fd == -1)
    error_errno (err, REASON_USAGE, _("cannot read the password from %s"),
                 file);
  return fd;
}

static ssize_t
read_line (int fd, char *buf, size_t size)
{
  size_t len = 0;

  while (len < size) {
    const ssize_t n = read (fd, buf + len, size - len);

    if (n == -1 && errno == EINTR)
      continue;
    if (n == -1)
      return -1;
    if (n == 0 || memchr (buf + len, '\n', (size_t) n) != NULL)
      return (ssize_t) len + n;
    len += (size_t) n;
  }
  return (ssize_t) len;
}

struct secret *
secret_read (const char *file, struct error *err)
{
  CLEANUP_FD int fd = open_secret (file, err);
  struct secret *secret = NULL;
  char buf[SECRET_MAX];
  ssize_t n;
  size_t len;

  if (fd == -1)
    return NULL;
  n = read_line (fd, buf, sizeof buf);
  if (n == -1) {
    error_errno (err, REASON_USAGE, _("cannot read the password from %s"),
                 file);
    return NULL;
  }
  len = (size_t) n;
  if (memchr (buf, '\n', len) != NULL)
    len = (size_t) ((char *) memchr (buf, '\n', len) - buf);
  if (len == sizeof buf || memchr (buf, '\0', len) != NULL)
    error_set (err, REASON_USAGE, _("%s does not hold a password"), file);
  else
    secret = secret_new (buf, len, err);
  explicit_bzero (buf, sizeof buf);
  return secret;
}

static int
write_all (int fd, const char *buf, size_t len)
{
  while (len > 0) {
    const ssize_t n = write (fd, buf, len);

    if (n == -1 && errno == EINTR)
      continue;
    if (n == -1)
      return -1;
    buf += n;
    len -= (size_t) n;
  }
  return 0;
}

int
secret_write (const struct secret *secret, const char *path,
              struct error *err)
{
  CLEANUP_FD int fd = open (path, O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC, 0600);

  if (fd == -1 || write_all (fd, secret->text, secret->len) == -1)
    return error_errno (err, REASON_INTERNAL, "%s", path);
  return 0;
}

const char *
secret_reveal (const struct secret *secret)
{
  return secret->text;
}

void
secret_redact (const struct secret *secret, char *text)
{
  if (secret == NULL || secret->len == 0)
    return;
  while ((text = strstr (text, secret->text)) != NULL) {
    memset (text, '*', secret->len);
    text += secret->len;
  }
}
