/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A disk is known again by what the kernel says about it, and another one of
 * the same name and size is not taken for it.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/file.h"
#include "base/write.h"
#include "io/disk-identity.h"

static const char dir[] = "unit-disk-identity.tmp.d";
static const char path[] = "unit-disk-identity.tmp.d/disk";

static void
make_file (const char *name, const char *text)
{
  const int fd = open (name, O_WRONLY|O_CREAT|O_TRUNC, 0600);

  assert (fd != -1);
  assert (full_write (fd, text, strlen (text)) == 0);
  close (fd);
}

static char *
identity (enum disk_identity_of of)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  char *ret = disk_identity_of_path (path, of, &err);

  assert (ret != NULL);
  return ret;
}

static void
test_file (void)
{
  CLEANUP_FREE char *disk = NULL, *content = NULL, *written_disk = NULL,
    *written = NULL, *other = NULL;

  make_file (path, "one");
  disk = identity (DISK_IDENTITY_DISK);
  content = identity (DISK_IDENTITY_CONTENT);
  assert (disk_identity_same (disk, content));
  assert (disk_identity_same (content, disk));

  /* A change of the mode is one of ctime, as a write is. */
  while (written == NULL || strcmp (written, content) == 0) {
    free (written);
    assert (chmod (path, 0640) == 0);
    written = identity (DISK_IDENTITY_CONTENT);
  }
  written_disk = identity (DISK_IDENTITY_DISK);
  assert (disk_identity_same (disk, written_disk));
  assert (!disk_identity_same (content, written));

  make_file ("unit-disk-identity.tmp.d/other", "one");
  assert (rename ("unit-disk-identity.tmp.d/other", path) == 0);
  other = identity (DISK_IDENTITY_DISK);
  assert (!disk_identity_same (disk, other));
}

static void
test_missing (void)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;

  assert (disk_identity_of_path ("unit-disk-identity.tmp.d/none",
                                 DISK_IDENTITY_DISK, &err) == NULL);
  assert (err.reason == REASON_NOT_FOUND);
}

static void
expect (bool same, const char *before, const char *now)
{
  if (disk_identity_same (before, now) != same ||
      disk_identity_same (now, before) != same) {
    fprintf (stderr, "not %s:\n  %s\n  %s\n", same ? "the same" : "different",
             before, now);
    assert (false);
  }
}

static void
test_same (void)
{
  expect (true, "device dev=7:0 diskseq=4 size=9 boot=a",
          "device dev=7:0 diskseq=4 size=9 boot=a");
  expect (false, "device dev=7:0 diskseq=4 size=9 boot=a",
          "device dev=7:0 diskseq=5 size=9 boot=a");
  expect (false, "device dev=7:0 diskseq=4 size=9 boot=a",
          "device dev=7:0 diskseq=4 size=9 boot=b");
  expect (false, "device dev=7:0 diskseq=4 size=9 boot=a",
          "device dev=7:0 size=9 boot=a");
  expect (true, "device id=dm:LVM-x size=9 boot=a",
          "device id=dm:LVM-x size=9 boot=b");
  expect (false, "device id=dm:LVM-x size=9 boot=a",
          "device id=dm:LVM-y size=9 boot=a");
  expect (false, "device id=dm:LVM-x size=9 boot=a",
          "device dev=7:0 diskseq=4 size=9 boot=a");
  expect (false, "device id=wwn:x partition=1 start=8 size=9 boot=a",
          "device id=wwn:x size=9 boot=a");
  expect (false, "device id=dm:LVM-x size=9 boot=a",
          "device id=dm:LVM-x size=10 boot=a");

  expect (true, "file dev=8:1 inode=3 born=1.0 boot=a",
          "file dev=8:17 inode=3 born=1.0 boot=b");
  expect (false, "file dev=8:1 inode=3 born=1.0 boot=a",
          "file dev=8:17 inode=3 born=1.0 boot=a");
  expect (false, "file dev=8:1 inode=3 born=1.0 boot=a",
          "file dev=8:1 inode=3 born=2.0 boot=a");
  expect (false, "file dev=8:1 inode=3 size=1 changed=1.0 boot=a",
          "file dev=8:1 inode=3 size=1 changed=1.1 boot=a");
  expect (false, "file fsid=1 inode=3 boot=a", "file fsid=2 inode=3 boot=b");
  expect (false, "file dev=8:1 inode=3 boot=a",
          "device dev=8:1 inode=3 boot=a");

  expect (true, "version \"a\"", "version \"a\"");
  expect (false, "version \"a\"", "version \"b\"");
  expect (false, "", "file dev=8:1 inode=3 boot=a");
}

int
main (void)
{
  remove_tree (dir);
  assert (mkdir (dir, 0700) == 0);
  test_file ();
  test_missing ();
  test_same ();
  remove_tree (dir);
  return 0;
}
