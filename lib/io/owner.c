/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Marks private directories with their owner, and removes those whose owner
 * is dead.  When a directory is made or kept is left to tempdir.c; after a
 * run that has a guard, the guard is faster.
 *
 * The owner file holds, each ended by a newline and the last by a NUL byte:
 * the boot ID; device and inode of the directory of the file that spares this
 * one, or nothing; the path of that file, or nothing.  Without the NUL byte it
 * was not written to its end, and nobody knows what is needed.
 */

#include <config.h>

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>

#include "base/argv.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/file-at.h"
#include "base/file.h"
#include "base/ownership.h"
#include "base/write.h"
#include "io/leftover.h"
#include "io/owner.h"

#define BOOT_ID "/proc/sys/kernel/random/boot_id"
#define BOOT_ID_MAX 64
#define TEXT_MAX (2 * PATH_MAX)
#define ABANDONED_S 60

struct owner {
  char text[TEXT_MAX];          /* what BOOT, DEVICE and UNLESS point to */
  const char *boot, *device, *unless;
};

static void
boot_id (char ret[BOOT_ID_MAX])
{
  CLEANUP_FD int fd = open (BOOT_ID, O_RDONLY|O_CLOEXEC);
  const ssize_t n = fd == -1 ? 0 : read (fd, ret, BOOT_ID_MAX - 1);

  ret[n > 0 ? n : 0] = '\0';
  ret[strcspn (ret, "\n")] = '\0';
}

/* Device and inode of the directory that PATH is in, or "". */
static void
device_of (const char *path, char *ret, size_t size)
{
  CLEANUP_FREE char *copy = strdup (path);
  struct stat st;

  ret[0] = '\0';
  if (copy != NULL && stat (dirname (copy), &st) == 0)
    snprintf (ret, size, "%ju:%ju", (uintmax_t) st.st_dev,
              (uintmax_t) st.st_ino);
}

static int
write_owner (int fd, const char *unless)
{
  char boot[BOOT_ID_MAX], device[64] = "", text[TEXT_MAX];
  int n;

  boot_id (boot);
  if (*unless != '\0')
    device_of (unless, device, sizeof device);
  n = snprintf (text, sizeof text, "%s\n%s\n%s", boot, device, unless);
  if (n < 0 || (size_t) n >= sizeof text)
    return -1;
  /* Shorter first: what an interrupted write leaves is no owner's text. */
  if (ftruncate (fd, 0) == -1 || full_write (fd, text, (size_t) n + 1) == -1)
    return -1;
  return fsync (fd);
}

static bool
read_owner (int fd, struct owner *ret)
{
  const ssize_t n = pread (fd, ret->text, sizeof ret->text, 0);
  char *end;

  if (n <= 0 || (size_t) n == sizeof ret->text || ret->text[n - 1] != '\0')
    return false;
  ret->boot = ret->text;
  end = strchr (ret->text, '\n');
  if (end == NULL)
    return false;
  *end = '\0';
  ret->device = end + 1;
  end = strchr (end + 1, '\n');
  if (end == NULL)
    return false;
  *end = '\0';
  ret->unless = end + 1;
  return true;
}

/* The owner file in the directory DIR_FD, which must be a plain one of this
 * user.  -1: there is none.
 */
static int
open_owner (int dir_fd)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  const struct file_at at = {
    .dir_fd = dir_fd, .name = OWNER_FILE, .path = OWNER_FILE,
  };
  int fd;

  file_at_open_own (at, O_RDWR, &fd, &ignored);
  return fd;
}

static int
open_directory (const char *dir)
{
  return open (dir, O_RDONLY|O_DIRECTORY|O_NOFOLLOW|O_CLOEXEC);
}

/* The file gets its name when it is locked: nobody else sees it before. */
int
owner_claim (const char *dir, struct error *err)
{
  static const char aside[] = OWNER_FILE ".new";
  CLEANUP_FD int dir_fd = open_directory (dir);
  CLEANUP_FD int fd = dir_fd == -1 ? -1
    : openat (dir_fd, aside, O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC, 0600);

  if (fd == -1)
    return error_errno (err, errno == ENOSPC || errno == EDQUOT
                        ? REASON_SPACE : REASON_INTERNAL, "%s", dir);
  if (flock (fd, LOCK_EX|LOCK_NB) == 0 && write_owner (fd, "") == 0 &&
      renameat (dir_fd, aside, dir_fd, OWNER_FILE) == 0)
    return STEAL_FD (fd);
  unlinkat (dir_fd, aside, 0);
  return -1;
}

int
owner_take_over (const char *dir)
{
  CLEANUP_FD int dir_fd = open_directory (dir);
  CLEANUP_FD int fd = dir_fd == -1 ? -1 : open_owner (dir_fd);

  return fd != -1 && flock (fd, LOCK_EX|LOCK_NB) == 0 ? STEAL_FD (fd) : -1;
}

void
owner_spare (const char *dir, const char *unless)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FD int dir_fd = open_directory (dir);
  CLEANUP_FD int fd = dir_fd == -1 ? -1 : open_owner (dir_fd);

  /* Rather kept for ever than lost. */
  if (fd != -1 && write_owner (fd, unless) == -1)
    owner_keep (dir, &ignored);
}

int
owner_keep (const char *dir, struct error *err)
{
  CLEANUP_FD int dir_fd = open_directory (dir);

  if (dir_fd == -1)
    return error_errno (err, REASON_INTERNAL, "%s", dir);
  if (unlinkat (dir_fd, OWNER_FILE, 0) == -1)
    return errno == ENOENT ? 0
      : error_errno (err, REASON_INTERNAL, "%s/" OWNER_FILE, dir);
  return file_at_sync_directory (dir_fd, dir, err);
}

/*--- Removing. ---*/

void
owner_remove_at (int parent_fd, const char *name, int fd)
{
  const int saved_errno = errno;
  CLEANUP_FD int dir_fd = openat (fd, ".", O_RDONLY|O_DIRECTORY|O_CLOEXEC);

  if (dir_fd != -1) {
    remove_entries (dir_fd, OWNER_FILE);
    unlinkat (dir_fd, OWNER_FILE, 0);
  }
  unlinkat (parent_fd, name, dir_fd != -1 ? AT_REMOVEDIR : 0);
  errno = saved_errno;
}

/* Locks of another boot are gone, but so might those of another host seem to
 * be: only where no other host writes they are certainly of this host.
 */
static bool
is_local (int fd)
{
  struct statfs fs;

  if (fstatfs (fd, &fs) == -1)
    return false;
  switch ((unsigned long) fs.f_type) {
  case EXT4_SUPER_MAGIC:
  case XFS_SUPER_MAGIC:
  case BTRFS_SUPER_MAGIC:
  case F2FS_SUPER_MAGIC:
  case OVERLAYFS_SUPER_MAGIC:
  case TMPFS_MAGIC:
    return true;
  }
  return false;
}

/* Does the file that spares a directory certainly not exist?  On a file system
 * that is not mounted it only cannot be seen.
 */
static bool
is_gone (const struct owner *owner)
{
  char device[64];

  if (access (owner->unless, F_OK) == 0 || errno != ENOENT)
    return false;
  device_of (owner->unless, device, sizeof device);
  return strcmp (device, owner->device) == 0;
}

static bool
is_needed (int fd)
{
  char boot[BOOT_ID_MAX];
  struct owner owner;
  bool this_boot;

  if (!read_owner (fd, &owner))
    return true;
  boot_id (boot);
  this_boot = strcmp (boot, owner.boot) == 0;
  if (!this_boot && !is_local (fd))
    return true;
  /* Device numbers may have changed since another boot. */
  return *owner.unless != '\0' && (!this_boot || !is_gone (&owner));
}

static bool
is_private (int fd)
{
  struct stat st;

  return fstat (fd, &st) == 0 && ownership_problem (fd, &st) == NULL;
}

/* A guard that is killed, too, as in a container whose first process dies, may
 * leave a directory that it has emptied.  One that a run has just made looks
 * the same.
 */
static void
remove_abandoned (int parent_fd, const char *name, int dir_fd)
{
  struct stat st;

  if (fstat (dir_fd, &st) == 0 && st.st_mtime < time (NULL) - ABANDONED_S)
    unlinkat (parent_fd, name, AT_REMOVEDIR);
}

/* NAME in the directory PARENT_FD, whose path is PARENT. */
static void
sweep_one (int parent_fd, const char *parent, const char *name)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_ARGV struct argv marks = { .ptr = NULL };
  CLEANUP_FD int dir_fd = openat (parent_fd, name, O_RDONLY|O_DIRECTORY|
                                  O_NOFOLLOW|O_CLOEXEC);
  CLEANUP_FD int fd = -1;
  struct stat st;

  if (dir_fd == -1 || !is_private (dir_fd))
    return;
  fd = open_owner (dir_fd);
  if (fd == -1)
    remove_abandoned (parent_fd, name, dir_fd);
  /* The lock shows that the owner is dead; with it, it is ours. */
  if (fd == -1 || flock (fd, LOCK_EX|LOCK_NB) == -1 ||
      fstat (fd, &st) == -1 || st.st_nlink == 0 || is_needed (fd))
    return;
  if (argv_appendf (&marks, &ignored, "%s=%s/%s", LEFTOVER_VARIABLE, parent,
                    name) == 0 &&
      leftover_end (&marks))
    owner_remove_at (parent_fd, name, dir_fd);
}

void
owner_sweep (const char *parent)
{
  CLEANUP_FD int fd = open (parent, O_RDONLY|O_DIRECTORY|O_CLOEXEC);
  DIR *stream = fd == -1 ? NULL : fdopendir (fd);
  const struct dirent *entry;

  if (stream == NULL)
    return;
  while ((entry = readdir (stream)) != NULL)
    if (strlen (entry->d_name) == strlen (OWNER_TEMPLATE) &&
        strncmp (entry->d_name, OWNER_PREFIX, strlen (OWNER_PREFIX)) == 0)
      sweep_one (fd, parent, entry->d_name);
  closedir (stream);
  fd = -1;                      /* closedir has closed it */
}
