/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reads what the kernel says about a file or a block device, and compares two
 * such texts.  What must be the same disk, and what happens if it is not, is
 * left to those who keep the texts (resume.c, write-back-record.c).
 */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include <linux/fs.h>
#include <linux/loop.h>

#include "base/alloc.h"
#include "base/argv.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/memstream.h"
#include "io/disk-identity.h"

/* Since Linux 5.15; headers may be older than the kernel. */
#ifndef BLKGETDISKSEQ
#define BLKGETDISKSEQ _IOR (0x12, 128, __u64)
#endif

#define FIELD_MAX 512

/* The first line of a file of the kernel, without white space, which separates
 * fields.  False: there is none, or it is empty.
 */
static bool
read_line (const char *path, char line[FIELD_MAX])
{
  FILE *fp = fopen (path, "re");
  char *to = line;

  if (fp == NULL)
    return false;
  if (fgets (line, FIELD_MAX, fp) == NULL)
    line[0] = '\0';
  fclose (fp);
  for (const char *p = line; *p != '\0'; p++)
    if (*p > ' ')
      *to++ = *p;
  *to = '\0';
  return to > line;
}

/* A file name in a file of the kernel, any bytes of it but a newline. */
static bool
read_name (const char *path, char name[PATH_MAX])
{
  FILE *fp = fopen (path, "re");
  size_t len;

  if (fp == NULL)
    return false;
  if (fgets (name, PATH_MAX, fp) == NULL)
    name[0] = '\0';
  fclose (fp);
  len = strlen (name);
  if (len == 0 || name[len - 1] != '\n')
    return false;
  name[len - 1] = '\0';
  return true;
}

static void
print_boot (FILE *fp)
{
  char line[FIELD_MAX];

  if (read_line ("/proc/sys/kernel/random/boot_id", line))
    fprintf (fp, " boot=%s", line);
}

/*--- Files, which may be below loop devices. ---*/

/* A file system without a device of its own (btrfs, NFS, overlay) gets another
 * number each time that it is mounted; many of them have an ID.
 */
static void
print_file_system (int fd, const struct stat *st, FILE *fp)
{
  struct statfs fs;
  uint64_t id = 0;

  if (major (st->st_dev) == 0 && fstatfs (fd, &fs) == 0)
    memcpy (&id, &fs.f_fsid, sizeof id);
  if (id != 0)
    fprintf (fp, " fsid=%" PRIx64, id);
  else
    fprintf (fp, " dev=%u:%u", major (st->st_dev), minor (st->st_dev));
}

static void
print_birth (int fd, FILE *fp)
{
  struct statx sx;

  if (statx (fd, "", AT_EMPTY_PATH, STATX_BTIME, &sx) == 0 &&
      (sx.stx_mask & STATX_BTIME) != 0)
    fprintf (fp, " born=%" PRId64 ".%09" PRIu32, (int64_t) sx.stx_btime.tv_sec,
             (uint32_t) sx.stx_btime.tv_nsec);
}

/*--- Devices. ---*/

/* Where a disk says what it is, the surest first.  Under a partition the same
 * files belong to its disk.
 */
static const struct {
  const char *name, *file;
} id_files[] = {
  { "dm", "dm/uuid" },
  { "md", "md/uuid" },
  { "wwn", "wwid" },
  { "wwn", "device/wwid" },
  { "serial", "serial" },
  { "serial", "device/serial" },
};

static bool
read_id (const char *dir, FILE *fp)
{
  for (size_t i = 0; i < ARRAY_LEN (id_files); i++) {
    char path[FIELD_MAX], line[FIELD_MAX];

    snprintf (path, sizeof path, "%s/%s", dir, id_files[i].file);
    if (read_line (path, line)) {
      fprintf (fp, " id=%s:%s", id_files[i].name, line);
      return true;
    }
  }
  return false;
}

/* A loop device is the file below it, whichever loop device that is, as long
 * as the name that the kernel tells still leads to that file.  DIR is that of
 * the device, FD may be open on a partition of it.
 */
static bool
print_loop_id (int fd, const char *dir, FILE *fp)
{
  char path[FIELD_MAX], name[PATH_MAX];
  CLEANUP_FD int file = -1;
  struct loop_info64 info;
  struct stat st;

  snprintf (path, sizeof path, "%s/loop/backing_file", dir);
  if (ioctl (fd, LOOP_GET_STATUS64, &info) == -1 || !read_name (path, name))
    return false;
  file = open (name, O_RDONLY|O_NONBLOCK|O_NOCTTY|O_CLOEXEC);
  if (file == -1 || fstat (file, &st) == -1 || !S_ISREG (st.st_mode) ||
      st.st_ino != info.lo_inode)
    return false;
  fprintf (fp, " id=loop");
  print_file_system (file, &st, fp);
  fprintf (fp, " inode=%ju", (uintmax_t) st.st_ino);
  print_birth (file, fp);
  fprintf (fp, " offset=%ju", (uintmax_t) info.lo_offset);
  return true;
}

/* A partition has its disk's ID, and a place on it. */
static bool
print_id (int fd, dev_t rdev, FILE *fp)
{
  char dir[64], path[128], number[FIELD_MAX], start[FIELD_MAX];

  snprintf (dir, sizeof dir, "/sys/dev/block/%u:%u", major (rdev),
            minor (rdev));
  snprintf (path, sizeof path, "%s/partition", dir);
  if (!read_line (path, number))
    return read_id (dir, fp) || print_loop_id (fd, dir, fp);
  snprintf (path, sizeof path, "%s/start", dir);
  if (!read_line (path, start))
    return false;
  snprintf (path, sizeof path, "%s/..", dir);
  if (!read_id (path, fp) && !print_loop_id (fd, path, fp))
    return false;
  fprintf (fp, " partition=%s start=%s", number, start);
  return true;
}

static int
print_device (int fd, const struct stat *st, FILE *fp, struct error *err)
{
  uint64_t size, diskseq;

  if (ioctl (fd, BLKGETSIZE64, &size) == -1)
    return error_errno (err, REASON_READ, _("cannot find the size of a "
                                            "device"));
  fprintf (fp, "device");
  if (!print_id (fd, st->st_rdev, fp)) {
    fprintf (fp, " dev=%u:%u", major (st->st_rdev), minor (st->st_rdev));
    if (ioctl (fd, BLKGETDISKSEQ, &diskseq) == 0)
      fprintf (fp, " diskseq=%" PRIu64, diskseq);
  }
  fprintf (fp, " size=%" PRIu64, size);
  return 0;
}

/*--- Texts. ---*/

static void
print_file (int fd, const struct stat *st, enum disk_identity_of of, FILE *fp)
{
  fprintf (fp, "file");
  print_file_system (fd, st, fp);
  fprintf (fp, " inode=%ju", (uintmax_t) st->st_ino);
  print_birth (fd, fp);
  if (of == DISK_IDENTITY_CONTENT)
    fprintf (fp, " size=%jd changed=%jd.%09ld", (intmax_t) st->st_size,
             (intmax_t) st->st_ctim.tv_sec, st->st_ctim.tv_nsec);
}

char *
disk_identity_of_fd (int fd, enum disk_identity_of of, struct error *err)
{
  struct stat st;
  CLEANUP_FREE char *text = NULL;
  size_t len = 0;
  FILE *fp;
  int r = 0;

  if (fstat (fd, &st) == -1) {
    error_errno (err, REASON_READ, "fstat");
    return NULL;
  }
  fp = open_memstream (&text, &len);
  if (fp == NULL) {
    error_nomem (err);
    return NULL;
  }
  if (S_ISBLK (st.st_mode))
    r = print_device (fd, &st, fp, err);
  else
    print_file (fd, &st, of, fp);
  print_boot (fp);
  if (memstream_close (fp, &text) == -1)
    r = error_nomem (err);
  return r == 0 ? STEAL (text) : NULL;
}

char *
disk_identity_of_path (const char *path, enum disk_identity_of of,
                       struct error *err)
{
  /* O_NONBLOCK: a FIFO in the place of a disk is not waited for. */
  CLEANUP_FD int fd = open (path, O_RDONLY|O_NONBLOCK|O_NOCTTY|O_CLOEXEC);
  char *ret;

  if (fd == -1) {
    error_errno (err, errno == ENOENT ? REASON_NOT_FOUND : REASON_READ,
                 "%s", path);
    return NULL;
  }
  ret = disk_identity_of_fd (fd, of, err);
  if (ret == NULL)
    error_wrap (err, "%s", path);
  return ret;
}

/*--- Comparing. ---*/

static int
split (const char *text, struct argv *fields)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *copy = alloc_copy (text, &ignored);
  char *rest = copy;

  while (rest != NULL)
    if (argv_append (fields, strsep (&rest, " "), &ignored) == -1)
      return -1;
  return copy != NULL ? 0 : -1;
}

static bool
same_field (const struct argv *before, const struct argv *now,
            const char *key, bool needed)
{
  const char *a = argv_value (before, key), *b = argv_value (now, key);

  if (a != NULL && b != NULL)
    return strcmp (a, b) == 0;
  return !needed || (a == NULL && b == NULL);
}

static bool
same_fields (const struct argv *before, const struct argv *now)
{
  static const char *const needed[] = {
    "id", "partition", "start", "offset", "diskseq", "fsid", "inode", "born"
  };
  const bool same_boot = same_field (before, now, "boot", true);
  const bool file = strcmp (before->ptr[0], "file") == 0;

  if (strcmp (before->ptr[0], now->ptr[0]) != 0)
    return false;
  for (size_t i = 0; i < ARRAY_LEN (needed); i++)
    if (!same_field (before, now, needed[i], true))
      return false;
  /* After another boot a device number says nothing.  A file has more fields;
   * a device without an ID cannot be known again.
   */
  if (same_boot ? !same_field (before, now, "dev", true)
      : !file && argv_value (before, "id") == NULL)
    return false;
  return same_field (before, now, "size", false) &&
    same_field (before, now, "changed", false);
}

bool
disk_identity_same (const char *before, const char *now)
{
  CLEANUP_ARGV struct argv a = { .ptr = NULL };
  CLEANUP_ARGV struct argv b = { .ptr = NULL };

  return strcmp (before, now) == 0 ||
    (split (before, &a) == 0 && split (now, &b) == 0 &&
     (strcmp (a.ptr[0], "file") == 0 || strcmp (a.ptr[0], "device") == 0) &&
     same_fields (&a, &b));
}
