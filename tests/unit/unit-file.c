/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What has to outlive a crash is stored whole or not at all, and where it
 * cannot be made to outlive one that is an error.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"

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
  assert (write_file (aside, "half", 4, &err) == 0);
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
  assert (file_sync_parent ("/proc/version", &err) == 0);
  expect_error (file_sync_parent ("/proc/none/x", &err), &err, "/proc/none");
}

int
main (void)
{
  mkdir ("unit-file.tmp.d", 0700);
  test_store ();
  test_fails ();
  assert (rmdir ("unit-file.tmp.d") == 0);
  return 0;
}
