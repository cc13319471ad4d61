/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Preloaded into the command, and so into the programs that it starts: what
 * they ask of storage is recorded, can fail, and is remembered as far as it
 * would survive a loss of power.
 *
 *     V2V_TEST_CALLS=FILE       each call is a line: program, PID, call,
 *                               result (0, or the errno), path, and what
 *                               belongs to it (offset and length; the new
 *                               name; the ioctl).  A call that makes something
 *                               durable has a line "begin CALL" before it.
 *     V2V_TEST_CALL_FAILS='ERRNO CALL N PROGRAM PATTERN'
 *                               the Nth such call of a process called PROGRAM
 *                               on a path that matches PATTERN fails; ERRNO 0:
 *                               the power is cut instead
 *     V2V_TEST_STABLE=DIR       after each successful fsync and fdatasync DIR
 *                               has what is on stable storage at least: the
 *                               content of files and devices, by their inode
 *                               or device number, the names in directories,
 *                               and the content of names that are gone
 *
 * What a file was to have written when fsync, fdatasync or sync_file_range is
 * made to fail is lost, as in the kernel: later calls succeed, and the file is
 * not remembered any more.
 *
 * CALL "durable" is any of them but writes.  After power has been cut (DIR/off
 * exists) no call of any process does anything.  tests/power-loss makes files
 * what they would be when the power is back.  Writes of linux-aio and io_uring
 * are not seen.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

/*--- Lines, and failures. ---*/

static void
name_of (int fd, char *ret)
{
  char link[64];
  ssize_t n;

  snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  n = readlink (link, ret, PATH_MAX - 1);
  ret[n > 0 ? n : 0] = '\0';
}

/* PATH as a whole path; DIRFD is what it is relative to. */
static void
whole_path (int dirfd, const char *path, char *ret)
{
  char dir[PATH_MAX];

  if (path[0] == '/')
    dir[0] = '\0';
  else if (dirfd != AT_FDCWD)
    name_of (dirfd, dir);
  else if (getcwd (dir, sizeof dir) == NULL)
    strcpy (dir, "?");
  if (snprintf (ret, PATH_MAX, "%s%s%s", dir, path[0] == '/' ? "" : "/",
                path) >= PATH_MAX)
    ret[PATH_MAX - 1] = '\0';
}

static void
tell (const char *call, int result, const char *path, const char *more)
{
  const char *log = getenv ("V2V_TEST_CALLS");
  const int saved_errno = errno;
  char line[2 * PATH_MAX + 200];
  int fd, n;

  if (log == NULL)
    return;
  n = snprintf (line, sizeof line, "%s %d %s %d %s%s%s\n",
                program_invocation_short_name, (int) getpid (), call, result,
                path, more[0] != '\0' ? " " : "", more);
  fd = (int) syscall (SYS_openat, AT_FDCWD, log,
                      O_WRONLY|O_CREAT|O_APPEND|O_CLOEXEC, 0600);
  if (fd != -1) {
    syscall (SYS_write, fd, line, (size_t) n);
    close (fd);
  }
  errno = saved_errno;
}

static bool
is_off (void)
{
  const char *dir = getenv ("V2V_TEST_STABLE");
  char path[PATH_MAX];

  if (dir == NULL)
    return false;
  snprintf (path, sizeof path, "%s/off", dir);
  return syscall (SYS_faccessat, AT_FDCWD, path, F_OK) == 0;
}

static void
cut_power (void)
{
  char path[PATH_MAX];

  snprintf (path, sizeof path, "%s/off", getenv ("V2V_TEST_STABLE"));
  syscall (SYS_openat, AT_FDCWD, path, O_WRONLY|O_CREAT|O_CLOEXEC, 0600);
  kill (getpid (), SIGKILL);
}

static bool
is_write (const char *call)
{
  return strstr (call, "write") != NULL;
}

/* Shall this call fail?  Then with this error, else 0. */
static int
failure_of (const char *call, const char *path)
{
  static atomic_ulong calls;
  const char *spec = getenv ("V2V_TEST_CALL_FAILS");
  char wanted[32], program[64], pattern[PATH_MAX];
  unsigned long n;
  int errnum;

  if (is_off ())
    return EIO;
  if (spec == NULL ||
      sscanf (spec, "%d %31s %lu %63s %4095s", &errnum, wanted, &n, program,
              pattern) != 5 ||
      strcmp (program, program_invocation_short_name) != 0 ||
      (strcmp (wanted, "durable") == 0 ? is_write (call)
                                       : strcmp (wanted, call) != 0) ||
      fnmatch (pattern, path, 0) != 0 || atomic_fetch_add (&calls, 1) + 1 != n)
    return 0;
  if (errnum == 0)
    cut_power ();
  return errnum;
}

/* Sets errno, and tells it. */
static bool
fails (const char *call, const char *path, const char *more)
{
  const int errnum = failure_of (call, path);

  if (errnum == 0)
    return false;
  tell (call, errnum, path, more);
  errno = errnum;
  return true;
}

static long
done (const char *call, long r, const char *path, const char *more)
{
  tell (call, r == -1 ? errno : 0, path, more);
  return r;
}

/*--- What is stable. ---*/

static void
copy_content (int from, int to)
{
  static const char zeroes[1 << 16];
  char buf[sizeof zeroes];
  off_t offset = 0;
  ssize_t n;

  while ((n = pread (from, buf, sizeof buf, offset)) > 0) {
    if (memcmp (buf, zeroes, (size_t) n) != 0)
      syscall (SYS_pwrite64, to, buf, (size_t) n, offset);
    offset += n;
  }
  syscall (SYS_ftruncate, to, offset);
}

static void
list_names (int from, int to)
{
  DIR *dir = fdopendir (dup (from));
  const struct dirent *entry;

  while (dir != NULL && (entry = readdir (dir)) != NULL)
    if (strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0)
      dprintf (to, "%ju %s\n", (uintmax_t) entry->d_ino, entry->d_name);
  if (dir != NULL)
    closedir (dir);
}

/* NAME gets the path of the record of what FD is open on. */
static bool
record_of (int fd, char *name, struct stat *ret)
{
  const char *dir = getenv ("V2V_TEST_STABLE");
  struct stat st;

  if (dir == NULL || fstat (fd, &st) == -1)
    return false;
  *ret = st;
  if (S_ISBLK (st.st_mode))
    snprintf (name, PATH_MAX, "%s/device-%u-%u", dir, major (st.st_rdev),
              minor (st.st_rdev));
  else
    snprintf (name, PATH_MAX, "%s/%s-%ju", dir,
              S_ISDIR (st.st_mode) ? "names" : "file",
              (uintmax_t) st.st_ino);
  return true;
}

static void
lose (int fd)
{
  char name[PATH_MAX], lost[PATH_MAX + 8];
  struct stat st;

  if (!record_of (fd, name, &st) || S_ISDIR (st.st_mode))
    return;
  snprintf (lost, sizeof lost, "%s.lost", name);
  close ((int) syscall (SYS_openat, AT_FDCWD, lost, O_WRONLY|O_CREAT, 0600));
}

static bool
is_lost (const char *name)
{
  char lost[PATH_MAX + 8];

  snprintf (lost, sizeof lost, "%s.lost", name);
  return syscall (SYS_faccessat, AT_FDCWD, lost, F_OK) == 0;
}

/* Before the call, because what is written while it runs may be lost. */
static bool
copy_stable (int fd, char *copy, char *name)
{
  char link[64];
  struct stat st;
  int from, to;

  if (!record_of (fd, name, &st) || is_lost (name))
    return false;
  snprintf (copy, PATH_MAX, "%s/copy-%d-%ld", getenv ("V2V_TEST_STABLE"),
            (int) getpid (), syscall (SYS_gettid));
  snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  from = (int) syscall (SYS_openat, AT_FDCWD, link, O_RDONLY|O_CLOEXEC);
  to = (int) syscall (SYS_openat, AT_FDCWD, copy,
                      O_RDWR|O_CREAT|O_TRUNC|O_CLOEXEC, 0600);
  if (from != -1 && to != -1) {
    if (S_ISDIR (st.st_mode))
      list_names (from, to);
    else
      copy_content (from, to);
  }
  close (from);
  close (to);
  return from != -1 && to != -1;
}

static int
sync_fd (const char *call, long number, int fd)
{
  char path[PATH_MAX], copy[PATH_MAX], name[PATH_MAX], begin[32];
  bool copied;
  int r;

  name_of (fd, path);
  if (fails (call, path, "")) {
    lose (fd);
    return -1;
  }
  snprintf (begin, sizeof begin, "begin-%s", call);
  tell (begin, 0, path, "");
  copied = copy_stable (fd, copy, name);
  r = (int) syscall (number, fd);
  if (copied && r == 0)
    syscall (SYS_renameat2, AT_FDCWD, copy, AT_FDCWD, name, 0);
  else if (copied)
    syscall (SYS_unlinkat, AT_FDCWD, copy, 0);
  return (int) done (call, r, path, "");
}

int
fsync (int fd)
{
  return sync_fd ("fsync", SYS_fsync, fd);
}

int
fdatasync (int fd)
{
  return sync_fd ("fdatasync", SYS_fdatasync, fd);
}

/*--- Ranges. ---*/

static bool
is_storage (int fd)
{
  struct stat st;

  return fd > 2 && fstat (fd, &st) == 0 &&
    (S_ISREG (st.st_mode) || S_ISBLK (st.st_mode));
}

struct range {
  const char *call;
  int fd;
  off_t offset;
  size_t len;
  char path[PATH_MAX], more[64];
};

static bool
range_fails (struct range *range)
{
  name_of (range->fd, range->path);
  snprintf (range->more, sizeof range->more, "%jd %zu",
            (intmax_t) range->offset, range->len);
  return fails (range->call, range->path, range->more);
}

int
sync_file_range (int fd, off_t offset, off_t len, unsigned flags)
{
  struct range range = { "sync_file_range", fd, offset, (size_t) len,
                         "", "" };

  if (range_fails (&range)) {
    lose (fd);
    return -1;
  }
  return (int) done (range.call, syscall (SYS_sync_file_range, fd, offset, len,
                                          flags), range.path, range.more);
}

int
fallocate (int fd, int mode, off_t offset, off_t len)
{
  struct range range = { "fallocate", fd, offset, (size_t) len, "", "" };

  if (range_fails (&range))
    return -1;
  return (int) done (range.call, syscall (SYS_fallocate, fd, mode, offset,
                                          len), range.path, range.more);
}

int
posix_fallocate (int fd, off_t offset, off_t len)
{
  return fallocate (fd, 0, offset, len) == 0 ? 0 : errno;
}

int
ftruncate (int fd, off_t len)
{
  struct range range = { "ftruncate", fd, 0, (size_t) len, "", "" };

  if (range_fails (&range))
    return -1;
  return (int) done (range.call, syscall (SYS_ftruncate, fd, len), range.path,
                     range.more);
}

ssize_t
pwrite (int fd, const void *buf, size_t len, off_t offset)
{
  struct range range = { "pwrite", fd, offset, len, "", "" };

  if (!is_storage (fd))
    return syscall (SYS_pwrite64, fd, buf, len, offset);
  if (range_fails (&range))
    return -1;
  return done (range.call, syscall (SYS_pwrite64, fd, buf, len, offset),
               range.path, range.more);
}

ssize_t
pwritev (int fd, const struct iovec *iov, int n, off_t offset)
{
  struct range range = { "pwritev", fd, offset, 0, "", "" };

  for (int i = 0; i < n; i++)
    range.len += iov[i].iov_len;
  if (range_fails (&range))
    return -1;
  return done (range.call, syscall (SYS_pwritev, fd, iov, n, offset, 0),
               range.path, range.more);
}

ssize_t
write (int fd, const void *buf, size_t len)
{
  struct range range = { "write", fd, 0, len, "", "" };

  if (!is_storage (fd))
    return syscall (SYS_write, fd, buf, len);
  if (range_fails (&range))
    return -1;
  return done (range.call, syscall (SYS_write, fd, buf, len), range.path,
               range.more);
}

/* The names that programs use for these where off_t had 32 bits once. */
int fallocate64 (int, int, off_t, off_t)
  __attribute__ ((alias ("fallocate")));
int posix_fallocate64 (int, off_t, off_t)
  __attribute__ ((alias ("posix_fallocate")));
int ftruncate64 (int, off_t) __attribute__ ((alias ("ftruncate")));
ssize_t pwrite64 (int, const void *, size_t, off_t)
  __attribute__ ((alias ("pwrite")));
ssize_t pwritev64 (int, const struct iovec *, int, off_t)
  __attribute__ ((alias ("pwritev")));

int
ioctl (int fd, unsigned long request, ...)
{
  char path[PATH_MAX];
  const char *name = request == BLKDISCARD ? "BLKDISCARD"
    : request == BLKZEROOUT ? "BLKZEROOUT"
    : request == BLKSECDISCARD ? "BLKSECDISCARD" : NULL;
  va_list args;
  void *arg;

  va_start (args, request);
  arg = va_arg (args, void *);
  va_end (args);
  if (name == NULL)
    return (int) syscall (SYS_ioctl, fd, request, arg);
  name_of (fd, path);
  if (fails ("ioctl", path, name))
    return -1;
  return (int) done ("ioctl", syscall (SYS_ioctl, fd, request, arg), path,
                     name);
}

/*--- Names. ---*/

/* The file or directory whose name is about to go; st_ino is 0: there is
 * none.
 */
static struct stat
victim (const char *path)
{
  struct stat st;

  if (getenv ("V2V_TEST_STABLE") != NULL && lstat (path, &st) == 0 &&
      (S_ISREG (st.st_mode) || S_ISDIR (st.st_mode)))
    return st;
  return (struct stat) { .st_ino = 0 };
}

/* The number of the inode will be used again, and the name may be back when
 * the power is: from now on the record is that of the name.
 */
static void
keep_of_name (const char *path, const struct stat *st)
{
  const bool is_dir = S_ISDIR (st->st_mode);
  const char *dir = getenv ("V2V_TEST_STABLE");
  char record[PATH_MAX], lost[PATH_MAX + 8], was[2 * PATH_MAX];
  int n;

  if (st->st_ino == 0)
    return;
  snprintf (record, sizeof record, "%s/%s-%ju", dir,
            is_dir ? "names" : "file", (uintmax_t) st->st_ino);
  snprintf (lost, sizeof lost, "%s.lost", record);
  n = snprintf (was, sizeof was, "%s/%s-", dir, is_dir ? "dir" : "was");
  for (; *path != '\0'; path++)
    was[n++] = *path == '/' ? '!' : *path;
  was[n] = '\0';
  syscall (SYS_unlinkat, AT_FDCWD, was, 0);
  syscall (SYS_unlinkat, AT_FDCWD, lost, 0);
  if (syscall (SYS_renameat2, AT_FDCWD, record, AT_FDCWD, was, 0) == -1 &&
      is_dir)                   /* it would be back, and empty */
    close ((int) syscall (SYS_openat, AT_FDCWD, was, O_WRONLY|O_CREAT, 0600));
}

int
renameat2 (int fromfd, const char *from, int tofd, const char *to,
           unsigned flags)
{
  char old[PATH_MAX], new[PATH_MAX];
  struct stat replaced;
  int r;

  whole_path (fromfd, from, old);
  whole_path (tofd, to, new);
  if (fails ("rename", old, new))
    return -1;
  replaced = victim (new);
  r = (int) syscall (SYS_renameat2, fromfd, from, tofd, to, flags);
  done ("rename", r, old, new);
  if (r == 0)
    keep_of_name (new, &replaced);
  return r;
}

int
renameat (int fromfd, const char *from, int tofd, const char *to)
{
  return renameat2 (fromfd, from, tofd, to, 0);
}

int
rename (const char *from, const char *to)
{
  return renameat2 (AT_FDCWD, from, AT_FDCWD, to, 0);
}

int
unlinkat (int dirfd, const char *name, int flags)
{
  char path[PATH_MAX];
  struct stat removed;
  int r;

  whole_path (dirfd, name, path);
  if (fails ("unlink", path, ""))
    return -1;
  removed = victim (path);
  r = (int) syscall (SYS_unlinkat, dirfd, name, flags);
  done ("unlink", r, path, "");
  if (r == 0)
    keep_of_name (path, &removed);
  return r;
}

int
unlink (const char *path)
{
  return unlinkat (AT_FDCWD, path, 0);
}

int
rmdir (const char *path)
{
  return unlinkat (AT_FDCWD, path, AT_REMOVEDIR);
}

int
remove (const char *path)
{
  const int r = unlink (path);

  return r == -1 && errno == EISDIR ? rmdir (path) : r;
}
