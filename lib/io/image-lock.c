/* SPDX-License-Identifier: GPL-2.0-or-later */

/* qemu's locks, as its file-posix driver has them: what a process does to an
 * image is byte 100 + N, what it does not let others do is byte 200 + N.  It
 * takes read locks on its bytes (so that many can have each) and then looks
 * whether a write lock on the opposite bytes would be possible.  All are OFD
 * locks.  One more byte, which qemu does not know, is locked for writing
 * first: of two runs that begin at the same time one gets it.
 *
 * The lock of a device belongs to the node in /dev that was opened, and there
 * may be others of the same device.  There O_EXCL helps.  The file below a
 * loop device is locked as well.
 */

#include <config.h>

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/ownership.h"
#include "base/trust.h"
#include "base/visible.h"
#include "base/walk.h"
#include "io/image-lock.h"
#include "io/lock-holder.h"
#include "io/loop-file.h"

/* Numbers of qemu's permissions. */
enum { CONSISTENT_READ = 0, WRITE = 1, RESIZE = 3 };
#define DOES 100
#define FORBIDS 200

/* "v2v-" in ASCII, far from qemu's bytes. */
#define OUR_BYTE 0x7632762d

struct image_lock {
  int fd;
  int below;                    /* the file below a loop device, or -1 */
};

static int
lock_byte (int fd, int command, short type, off_t byte)
{
  struct flock lock = {
    .l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1,
  };
  int r;

  do
    r = fcntl (fd, command, &lock);
  while (r == -1 && errno == EINTR);
  if (r == -1)
    return errno == EAGAIN || errno == EACCES ? 1 : -1;
  return command == F_OFD_GETLK && lock.l_type != F_UNLCK ? 1 : 0;
}

/* Does another open file have a lock on the byte? */
static bool
is_locked (int fd, off_t byte)
{
  return lock_byte (fd, F_OFD_GETLK, F_WRLCK, byte) == 1;
}

static int
busy (int fd, const char *path, off_t byte, struct error *err)
{
  CLEANUP_FREE char *holder = lock_holder (fd, (unsigned long long) byte,
                                           (unsigned long long) byte);
  CLEANUP_FREE char *quoted = shell_quoted (path, err);

  if (holder != NULL)
    error_set (err, REASON_TARGET_BUSY, _("%s is in use by another program "
                                          "(%s)"), path, holder);
  else
    error_set (err, REASON_TARGET_BUSY, _("%s is in use by another program"),
               path);
  if (quoted != NULL)
    error_hint (err, _("wait until it has ended, or shut the guest down; "
                       "see what has it open: fuser -v %s"), quoted);
  return -1;
}

static int
lock_for_us (int fd, const char *path, struct error *err)
{
  /* -1: this file system has no locks. */
  return lock_byte (fd, F_OFD_SETLK, F_WRLCK, OUR_BYTE) != 1 ? 0
    : lock_held_by_run (fd, OUR_BYTE, path, err);
}

/* Others may read: the copy is read back through a qemu-nbd. */
static int
lock_as_qemu (int fd, const char *path, enum image_lock_how how,
              struct error *err)
{
  static const off_t ours[] = {
    DOES + CONSISTENT_READ, DOES + WRITE, FORBIDS + WRITE, FORBIDS + RESIZE
  };
  static const off_t theirs[] = {
    FORBIDS + CONSISTENT_READ, FORBIDS + WRITE, DOES + WRITE, DOES + RESIZE
  };

  for (size_t i = 0; how == IMAGE_LOCK_WRITE && i < ARRAY_LEN (ours); i++)
    if (lock_byte (fd, F_OFD_SETLK, F_RDLCK, ours[i]) == 1)
      return busy (fd, path, ours[i], err);
  for (size_t i = 0; i < ARRAY_LEN (theirs); i++)
    if (is_locked (fd, theirs[i]))
      return busy (fd, path, theirs[i], err);
  /* qemu-nbd will have the size of a qcow2 image for itself as well. */
  if (how == IMAGE_LOCK_FOR_QEMU && is_locked (fd, FORBIDS + RESIZE))
    return busy (fd, path, FORBIDS + RESIZE, err);
  return 0;
}

/* Another file may have come between the two. */
static int
check_kind (int fd, const char *path, struct error *err)
{
  struct stat st;

  if (fstat (fd, &st) == -1)
    return error_errno (err, REASON_WRITE, "%s", path);
  return S_ISBLK (st.st_mode) || S_ISREG (st.st_mode) ? 0
    : error_set (err, REASON_WRITE,
                 _("%s is neither a block device nor a file"), path);
}

static int
refuse_second_name (const char *path, struct error *err)
{
  error_set (err, REASON_WRITE,
             _("%s has several names (hard links), and another user could "
               "have made this one"), path);
  error_hint (err, _("name it in a directory that only you and root can write "
                     "to"));
  return -1;
}

/* Where PATH leads, by no link of another user's, and by no second name that
 * another user can have given to a file where fs.protected_hardlinks is 0.
 */
static int
find_image (const char *path, struct walked *found, struct error *err)
{
  if (walk (path, found, err) == -1)
    return -1;
  if (!found->exists) {
    errno = ENOENT;
    return error_errno (err, REASON_WRITE, "%s", path);
  }
  if (walked_is_link (found))
    return walked_refuse_link (found, err);
  if (!S_ISBLK (found->st.st_mode) && !S_ISREG (found->st.st_mode))
    return error_set (err, REASON_WRITE,
                      _("%s is neither a block device nor a file"), path);
  return found->is_descriptor || found->st.st_nlink <= 1 ||
    S_ISBLK (found->st.st_mode) || !directory_is_shared (found->at.dir_fd)
    ? 0 : refuse_second_name (path, err);
}

char *
image_real_path (const char *path, struct error *err)
{
  CLEANUP_WALKED struct walked found = WALKED_INIT;
  CLEANUP_FREE char *dir = NULL;

  if (find_image (path, &found, err) == -1)
    return NULL;
  /* What is open in this process may have no name. */
  dir = found.is_descriptor ? realpath (path, NULL)
    : directory_path (found.at.dir_fd);
  if (dir == NULL)
    error_errno (err, REASON_WRITE, "%s", path);
  return dir == NULL || found.is_descriptor ? STEAL (dir)
    : format (err, "%s/%s", strcmp (dir, "/") == 0 ? "" : dir,
              found.at.name);
}

/* O_EXCL: the kernel refuses a device that is mounted, in a volume group, or
 * opened like this by another run.  On a file it has no meaning without
 * O_CREAT.
 */
int
image_open (const char *path, struct error *err)
{
  CLEANUP_WALKED struct walked found = WALKED_INIT;
  CLEANUP_FD int fd = -1;

  if (find_image (path, &found, err) == -1)
    return -1;
  fd = openat (found.at.dir_fd, found.at.name,
               O_RDWR|O_CLOEXEC|O_NOCTTY|O_NONBLOCK|
               (S_ISBLK (found.st.st_mode) ? O_EXCL : 0)|
               (found.is_descriptor ? 0 : O_NOFOLLOW));
  if (fd != -1)
    return check_kind (fd, path, err) == -1 ? -1 : STEAL_FD (fd);
  if (errno != EBUSY)
    return error_errno (err, REASON_WRITE, _("cannot write to %s"), path);
  error_errno (err, REASON_TARGET_BUSY, "%s", path);
  error_hint (err, _("it must not be mounted or otherwise in use; lsblk and "
                     "fuser -v show what uses it"));
  return -1;
}

static int
lock_image (int fd, const char *path, enum image_lock_how how,
            struct error *err)
{
  return lock_for_us (fd, path, err) == -1 ? -1
    : lock_as_qemu (fd, path, how, err);
}

struct image_lock *
image_lock_new (int fd, const char *path, enum image_lock_how how,
                struct error *err)
{
  struct image_lock *lock = alloc_zero (sizeof *lock, err);

  if (lock == NULL)
    return NULL;
  lock->below = -1;
  lock->fd = fcntl (fd, F_DUPFD_CLOEXEC, 0);
  if (lock->fd == -1)
    error_errno (err, REASON_WRITE, "%s", path);
  else {
    lock->below = loop_file_open (lock->fd, O_RDWR);
    if (lock_image (lock->fd, path, how, err) == 0 &&
        (lock->below == -1 || lock_image (lock->below, path, how, err) == 0))
      return lock;
  }
  image_lock_free (lock);
  return NULL;
}

void
image_lock_free (struct image_lock *lock)
{
  if (lock == NULL)
    return;
  close_if_open (lock->fd);
  close_if_open (lock->below);
  free (lock);
}

bool
image_lock_has (const struct image_lock *lock, struct file_at at)
{
  return file_at_is (at, lock->fd);
}

int
image_lock_chmod (const struct image_lock *lock, mode_t mode)
{
  return ownership_set_mode (lock->fd, mode);
}

bool
image_fd_is_written (int fd, char **holder)
{
  *holder = NULL;
  if (fd == -1 || !is_locked (fd, DOES + WRITE))
    return false;
  *holder = lock_holder (fd, DOES + WRITE, DOES + WRITE);
  return true;
}

bool
image_is_written (const char *path, char **holder)
{
  CLEANUP_FD int fd = open (path, O_RDONLY|O_CLOEXEC|O_NOCTTY|O_NONBLOCK);

  return image_fd_is_written (fd, holder);
}
