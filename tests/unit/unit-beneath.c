/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Names below a directory do not lead out of it, and what was exchanged for a
 * link since they were looked at is not opened: with openat2, and in steps, as
 * on older kernels.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/beneath.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/local-file.h"

static struct beneath top = BENEATH_INIT;

/* What NAME is taken for: WANTED, or NULL with errno ERROR. */
static void
expect_name (const char *name, const char *wanted, int error)
{
  CLEANUP_FREE char *got = beneath_name (&top, name);

  assert (wanted != NULL ? got != NULL && strcmp (got, wanted) == 0
          : got == NULL && errno == error);
}

/* Opening NAME succeeds (ERROR is 0), or fails with ERROR. */
static void
expect_open (const char *name, int error)
{
  int (*const functions[]) (const struct beneath *, const char *, int) = {
    beneath_open, beneath_open_in_steps
  };
  const int flags[] = { O_RDONLY|O_NONBLOCK, O_PATH };

  for (size_t i = 0; i < ARRAY_LEN (functions); i++)
    for (size_t j = 0; j < ARRAY_LEN (flags); j++) {
      CLEANUP_FD int fd = functions[i] (&top, name, flags[j]);

      assert (error == 0 ? fd != -1 : fd == -1 && errno == error);
    }
}

static void
expect_refused (const char *name, enum reason reason)
{
  struct error err = ERROR_INIT;

  assert (local_file_open_beneath (&top, name, &err) == NULL);
  assert (err.reason == reason && err.message != NULL);
  error_reset (&err);
}

static void
make_tree (void)
{
  const int fd = open ("top/f i", O_CREAT|O_WRONLY, 0600);

  assert (fd != -1 && close (fd) == 0);
  assert (mkdir ("top/sub", 0700) == 0 && mkdir ("other", 0700) == 0);
  assert (link ("top/f i", "top/sub/g") == 0);
  assert (link ("top/f i", "outside") == 0);
  assert (symlink ("sub/g", "top/in") == 0);
  assert (symlink ("sub", "top/subin") == 0);
  assert (symlink ("../outside", "top/out") == 0);
  assert (symlink ("..", "top/sub/up") == 0);
  assert (symlink ("/", "top/sub/root") == 0);
  assert (symlink ("nowhere", "top/dangling") == 0);
  assert (mkfifo ("top/fifo", 0600) == 0);
}

static void
names (const char *dir)
{
  char path[256];

  expect_name ("f i", "f i", 0);
  expect_name (".//sub/./g", "sub/g", 0);
  expect_name ("sub/../f i", "f i", 0);
  expect_name ("none/file", "none/file", 0);
  expect_name ("in", "sub/g", 0);
  expect_name ("subin/g", "sub/g", 0);
  expect_name ("../top/f i", NULL, EXDEV);
  expect_name ("sub/../../outside", NULL, EXDEV);
  expect_name ("out", NULL, EXDEV);
  expect_name ("sub/up/in", "sub/g", 0);
  expect_name ("sub/root/etc/passwd", NULL, EXDEV);
  expect_name ("dangling", NULL, EXDEV);
  expect_name ("/etc/passwd", NULL, EXDEV);
  expect_name ("", NULL, ENOENT);
  expect_name (".", NULL, ENOENT);
  snprintf (path, sizeof path, "%s/top/sub/g", dir);
  expect_name (path, "sub/g", 0);
  /* Through a link to the directory, or to one above or in it. */
  snprintf (path, sizeof path, "%s/link/f i", dir);
  expect_name (path, "f i", 0);
  snprintf (path, sizeof path, "%s/link/subin/g", dir);
  expect_name (path, "sub/g", 0);
  snprintf (path, sizeof path, "%s/link/in", dir);
  expect_name (path, "sub/g", 0);
  snprintf (path, sizeof path, "%s/link/sub/none", dir);
  expect_name (path, "sub/none", 0);
  snprintf (path, sizeof path, "%s/link/../top/f i", dir);
  expect_name (path, "f i", 0);
  snprintf (path, sizeof path, "%s/link/out", dir);
  expect_name (path, NULL, EXDEV);
  snprintf (path, sizeof path, "%s/link/sub/up/../outside", dir);
  expect_name (path, NULL, EXDEV);
  snprintf (path, sizeof path, "%s/link/..", dir);
  expect_name (path, NULL, EXDEV);
  snprintf (path, sizeof path, "%s/link/none/f i", dir);
  expect_name (path, NULL, EXDEV);
  snprintf (path, sizeof path, "%s/link/", dir);
  expect_name (path, NULL, ENOENT);
  snprintf (path, sizeof path, "%s/topper", dir);
  expect_name (path, NULL, EXDEV);
}

static void
opens (void)
{
  struct error err = ERROR_INIT;
  struct local_file *file;

  expect_open ("f i", 0);
  expect_open ("sub/g", 0);
  expect_open ("in", ELOOP);
  expect_open ("subin/g", ELOOP);
  expect_open ("out", ELOOP);
  expect_open ("sub/up/in", ELOOP);
  expect_open ("sub/root/etc/passwd", ELOOP);
  expect_open ("none", ENOENT);
  expect_open ("f i/x", ENOTDIR);
  expect_refused ("out", REASON_UNTRUSTED_IMAGE);
  expect_refused ("fifo", REASON_UNTRUSTED_IMAGE);
  expect_refused ("sub", REASON_UNTRUSTED_IMAGE);
  expect_refused ("none", REASON_NOT_FOUND);

  /* Another file with the name is seen. */
  file = local_file_open_beneath (&top, "f i", &err);
  assert (file != NULL && file->size == 0 && !file->is_block);
  assert (local_file_check_name (file, &err) == 0);
  assert (rename ("top/f i", "top/moved") == 0);
  assert (symlink ("/etc/passwd", "top/f i") == 0);
  assert (local_file_check_name (file, &err) == -1);
  assert (err.reason == REASON_SOURCE_CHANGED);
  error_reset (&err);
  local_file_free (file);
}

int
main (void)
{
  char dir[] = "/tmp/unit-beneath.XXXXXX";
  struct error err = ERROR_INIT;
  char *name;

  assert (mkdtemp (dir) != NULL && chdir (dir) == 0);
  assert (mkdir ("top", 0700) == 0 && symlink ("top", "link") == 0);
  make_tree ();
  assert (beneath_open_directory ("link", &top, &err) == 0);
  names (dir);
  opens ();
  beneath_reset (&top);

  /* The file's own folder, and not that of a link to it. */
  assert (beneath_open_parent ("link/in", &top, &name, &err) == 0);
  assert (strcmp (name, "g") == 0 && strstr (top.path, "/top/sub") != NULL);
  free (name);
  beneath_reset (&top);
  assert (beneath_open_directory ("none", &top, &err) == -1 &&
          err.reason == REASON_NOT_FOUND);
  error_reset (&err);
  assert (chdir ("/") == 0 && execlp ("rm", "rm", "-r", dir, NULL) == 0);
}
