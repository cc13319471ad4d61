/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What has to outlive a crash is stored whole or not at all, and where it
 * cannot be made to outlive one that is an error.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/file-at.h"
#include "base/file.h"
#include "base/write.h"

static const char path[] = "unit-file.tmp.d/stored";
static const char aside[] = "unit-file.tmp.d/stored.tmp";

static void
expect_content (const char *name, const char *wanted)
{
  char text[64];
  FILE *fp = fopen (name, "r");
  size_t len;

  assert (fp != NULL);
  len = fread (text, 1, sizeof text, fp);
  fclose (fp);
  assert (len == strlen (wanted) && memcmp (text, wanted, len) == 0);
}

static void
expect_error (int r, struct error *err, const char *text)
{
  assert (r == -1);
  assert (err->reason == REASON_WRITE);
  assert (strstr (err->message, text) != NULL);
  error_reset (err);
}

static void
test_store (void)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct stat st;

  assert (file_store (path, "one", 3, &err) == 0);
  expect_content (path, "one");
  assert (stat (path, &st) == 0 && (st.st_mode & 07777) == 0600);

  /* What a killed process has left is in nobody's way. */
  assert (file_store (aside, "half", 4, &err) == 0);
  assert (file_store (path, "two", 3, &err) == 0);
  expect_content (path, "two");
  assert (access (aside, F_OK) == -1);

  assert (file_rename (path, aside, &err) == 0);
  expect_content (aside, "two");
  assert (access (path, F_OK) == -1);
  assert (file_remove (path, &err) == 0);
  assert (access (aside, F_OK) == -1);
  assert (file_remove (path, &err) == 0);
}

static void
test_fails (void)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;

  /* A directory is not replaced, and nothing is left beside it. */
  assert (mkdir (path, 0700) == 0);
  expect_error (file_store (path, "one", 3, &err), &err, "stored.tmp");
  assert (access (aside, F_OK) == -1);
  assert (rmdir (path) == 0);

  expect_error (file_store ("unit-file.tmp.d/no/x", "one", 3, &err), &err,
                "No such file");
  expect_error (file_rename (path, aside, &err), &err, "cannot rename");
  expect_error (file_sync (path, &err), &err, "fsync");
  expect_error (file_sync_directory ("/dev/null", &err), &err,
                "Not a directory");
  /* procfs has no fsync, and says EINVAL. */
  assert (file_sync_directory ("/proc", &err) == 0);
  expect_error (file_sync_directory ("/proc/none", &err), &err, "/proc/none");
}

/* A directory that is open stays where we write, whatever has its name. */
static void
test_at (void)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  CLEANUP_FD int dir = open ("unit-file.tmp.d", O_PATH|O_DIRECTORY);
  const struct file_at at = { dir, "stored", path };
  const struct file_at other = { dir, "other", "the other" };

  assert (rename ("unit-file.tmp.d", "unit-file.tmp.away") == 0);
  assert (file_at_store (at, 0640, "one", 3, &err) == 0);
  expect_content ("unit-file.tmp.away/stored", "one");
  assert (file_at_sync (at, &err) == 0);
  assert (file_at_rename (at, other, &err) == 0);
  assert (file_at_replace (other, "two", 3, &err) == 0);
  expect_content ("unit-file.tmp.away/other", "two");
  assert (file_at_remove (other, &err) == 0);
  expect_error (file_at_rename (at, other, &err), &err, "the other");
  expect_error (file_at_sync (at, &err), &err, path);
  assert (rename ("unit-file.tmp.away", "unit-file.tmp.d") == 0);
}

static void
expect_not_own (int flags, const char *text)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  int fd;

  assert (file_open_own (path, flags, &fd, &err) == -1 && fd == -1);
  assert (err.reason == REASON_TARGET_CHANGED);
  assert (strstr (err.message, text) != NULL);
}

static void
expect_refused (const char *text)
{
  expect_not_own (O_RDONLY, text);
  assert (unlink (path) == 0);
}

static void
make_file (void)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;

  assert (file_store (path, "one", 3, &err) == 0);
}

/* What others may have put there, or can write to, is not opened. */
static void
test_open_own (void)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  int fd;

  assert (file_open_own (path, O_RDONLY, &fd, &err) == 0 && fd == -1);
  make_file ();
  assert (file_open_own (path, O_RDWR|O_APPEND, &fd, &err) == 1);
  assert (full_write (fd, "two", 3) == 0);
  expect_content (path, "onetwo");
  close_fd (&fd);

  assert (chmod (path, 0620) == 0);
  expect_refused ("writable by other users");
  make_file ();
  assert (link (path, aside) == 0);
  expect_refused ("several names");
  assert (rename (aside, "unit-file.tmp.d/target") == 0);
  assert (symlink ("target", path) == 0);
  expect_refused ("not a regular file");
  assert (unlink ("unit-file.tmp.d/target") == 0);
  /* Neither waits for the other end. */
  assert (mkfifo (path, 0600) == 0);
  expect_not_own (O_WRONLY, "not a regular file");
  expect_refused ("not a regular file");
  assert (mkdir (path, 0700) == 0);
  expect_not_own (O_RDWR, "not a regular file");
  assert (rmdir (path) == 0);
  if (geteuid () == 0) {
    make_file ();
    assert (chown (path, 12345, 12345) == 0);
    expect_refused ("another user");
  }
}

int
main (void)
{
  mkdir ("unit-file.tmp.d", 0700);
  test_store ();
  test_fails ();
  test_at ();
  test_open_own ();
  assert (rmdir ("unit-file.tmp.d") == 0);
  return 0;
}
