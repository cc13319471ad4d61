/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The size of block devices over SFTP, for an nbdkit that does not find it out
 * by itself.  Servers say that a block device has 0 bytes, as fstat does, and
 * the ssh plugin before 1.46 believes them; then nbdkit itself refuses every
 * read, though the server would answer it.
 *
 * This library is preloaded into nbdkit (source/source-ssh.c), where the
 * plugin calls libssh's sftp_fstat for the size and nothing else.  It stands
 * in front of that function and looks for the end by reading single bytes.
 * Login, host keys and reads remain the plugin's.  Of the other ways, an
 * nbdkit-eval-plugin that runs ssh and dd for each request read 4.5 MB/s where
 * this reads 71 (requests of 1 MiB, loopback), and needs a shell on the
 * server; qemu's ssh driver believes the 0 as well.
 */

#include <config.h>

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include <libssh/sftp.h>

#define SECTOR 512
/* Where the search begins; then it doubles. */
#define FIRST_GUESS ((UINT64_C (1) << 30) / SECTOR)
/* No device is that large: it is one without an end, such as /dev/zero. */
#define TOO_MANY ((UINT64_C (1) << 60) / SECTOR)

/* libssh's functions, and nbdkit's for errors.  Nothing is linked to them, so
 * that the library does no harm in other programs that inherit LD_PRELOAD.
 */
struct functions {
  sftp_attributes (*fstat) (sftp_file);
  int (*seek) (sftp_file, uint64_t);
  ssize_t (*read) (sftp_file, void *, size_t);
  void (*error) (const char *fmt, ...);
};

static void
find_functions (struct functions *ret)
{
  /* The form that POSIX gives for functions. */
  *(void **) &ret->fstat = dlsym (RTLD_NEXT, "sftp_fstat");
  *(void **) &ret->seek = dlsym (RTLD_NEXT, "sftp_seek64");
  *(void **) &ret->read = dlsym (RTLD_NEXT, "sftp_read");
  *(void **) &ret->error = dlsym (RTLD_DEFAULT, "nbdkit_error");
}

/* How many of LEN bytes there are at OFFSET, or -1. */
static ssize_t
bytes_at (const struct functions *f, sftp_file file, uint64_t offset,
          size_t len)
{
  char buf[SECTOR];

  return f->seek (file, offset) == 0 ? f->read (file, buf, len) : -1;
}

/* Is the last byte of the first N sectors there?  Behind the end of a device
 * OpenSSH's server fails, since its lseek does, so that what fails counts as
 * missing here.
 */
static bool
has_sectors (const struct functions *f, sftp_file file, uint64_t n)
{
  return bytes_at (f, file, n * SECTOR - 1, 1) > 0;
}

/* The end is where the last read says so itself: at a bad sector, or after
 * the server has hung up, it fails, and the disk must not end there.
 * Devices end with a sector, files of an unknown type need not.
 */
static int64_t
confirm_end (const struct functions *f, sftp_file file, uint64_t sectors)
{
  const uint64_t offset = sectors * SECTOR;
  const ssize_t rest = bytes_at (f, file, offset, SECTOR);

  if (rest >= 0 && rest < SECTOR)
    return (int64_t) offset + rest;
  if (f->error != NULL)
    f->error ("cannot find the end of the block device: reading at %llu "
              "failed", (unsigned long long) offset);
  return -1;
}

/* Bytes, or -1. */
static int64_t
find_end (const struct functions *f, sftp_file file)
{
  uint64_t there = 0, missing = FIRST_GUESS;

  while (has_sectors (f, file, missing)) {
    there = missing;
    missing *= 2;
    if (missing > TOO_MANY)
      return -1;
  }
  while (missing - there > 1) {
    const uint64_t middle = there + (missing - there) / 2;

    *(has_sectors (f, file, middle) ? &there : &missing) = middle;
  }
  return confirm_end (f, file, there);
}

/* nbdkit serves one file, so that each of its connections asks about the
 * same.  A failure is not kept.
 */
static int64_t
size_of_device (const struct functions *f, sftp_file file)
{
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  static int64_t size = -1;
  int64_t ret;

  pthread_mutex_lock (&lock);
  if (size == -1)
    size = find_end (f, file);
  ret = size;
  pthread_mutex_unlock (&lock);
  return ret;
}

/* Some servers send the permissions without the type of the file. */
static bool
may_be_device (const struct sftp_attributes_struct *attributes)
{
  const mode_t type = attributes->permissions & S_IFMT;

  return attributes->size == 0 && (type == S_IFBLK || type == 0);
}

sftp_attributes
sftp_fstat (sftp_file file)
{
  struct functions f;
  sftp_attributes ret;

  find_functions (&f);
  if (f.fstat == NULL)
    return NULL;
  ret = f.fstat (file);
  if (ret != NULL && f.seek != NULL && f.read != NULL &&
      may_be_device (ret)) {
    const int64_t size = size_of_device (&f, file);

    /* Otherwise it remains 0, which nobody takes for a disk. */
    if (size > 0)
      ret->size = (uint64_t) size;
  }
  return ret;
}
