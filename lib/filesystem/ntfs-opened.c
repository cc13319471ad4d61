/* SPDX-License-Identifier: GPL-2.0-or-later */

/* An NTFS volume that libntfs-3g has opened through a reader.  It is never
 * written to: not by the flags, and not if the library tried.  What the
 * library logs is the reason that people read.
 */

#include <config.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/ntfs-internal.h"

/*--- The library's words. ---*/

/* The library has one handler for all, which is given nothing of ours. */
static _Thread_local struct ntfs_reading *listening;

/* Keep the first line, which is about the cause. */
static int
hear (const char *function __attribute__ ((unused)),
      const char *file __attribute__ ((unused)),
      int line __attribute__ ((unused)), u32 level,
      void *data __attribute__ ((unused)), const char *text, va_list args)
{
  const u32 errors = NTFS_LOG_LEVEL_ERROR | NTFS_LOG_LEVEL_PERROR |
    NTFS_LOG_LEVEL_CRITICAL;
  struct ntfs_reading *reading = listening;
  size_t len = 0;

  if (reading == NULL || (level & errors) == 0 || reading->words[0] != '\0')
    return 0;
  vsnprintf (reading->words, sizeof reading->words, text, args);
  while (isascii (reading->words[len]) && isprint (reading->words[len]))
    len++;
  while (len > 0 && strchr (". ", reading->words[len - 1]) != NULL)
    len--;
  reading->words[len] = '\0';
  return (int) len;
}

int
ntfs_opened_doubt (struct ntfs_reading *reading)
{
  if (reading->words[0] != '\0')
    return NTFS_DOUBT (reading, _("its metadata is damaged: %s"),
                       reading->words);
  return NTFS_DOUBT (reading, _("its metadata is damaged"));
}

/*--- The device. ---*/

static int
device_open (struct ntfs_device *device, int flags)
{
  if ((flags & O_ACCMODE) != O_RDONLY) {
    errno = EROFS;
    return -1;
  }
  NDevSetReadOnly (device);
  NDevSetOpen (device);
  return 0;
}

static int
device_close (struct ntfs_device *device)
{
  NDevClearOpen (device);
  return 0;
}

/* The library only wants to know whether the place is there. */
static s64
device_seek (struct ntfs_device *device, s64 offset, int whence)
{
  const struct ntfs_reading *reading = device->d_private;

  if (whence == SEEK_SET && offset >= 0 &&
      (uint64_t) offset < reading->reader->size)
    return offset;
  errno = EINVAL;
  return -1;
}

static s64
device_pread (struct ntfs_device *device, void *buf, s64 count, s64 offset)
{
  struct ntfs_reading *reading = device->d_private;
  const uint64_t size = reading->reader->size;

  if (count < 0 || offset < 0 || reading->read_failed) {
    errno = EIO;
    return -1;
  }
  if ((uint64_t) offset >= size)
    return 0;
  if ((uint64_t) count > size - (uint64_t) offset)
    count = (s64) (size - (uint64_t) offset);
  if (reader_pread (reading->reader, buf, (size_t) count, (uint64_t) offset,
                    reading->err) == 0)
    return count;
  reading->read_failed = true;
  errno = EIO;
  return -1;
}

static s64
device_read (struct ntfs_device *device __attribute__ ((unused)),
             void *buf __attribute__ ((unused)),
             s64 count __attribute__ ((unused)))
{
  errno = EOPNOTSUPP;           /* the library reads at offsets */
  return -1;
}

static s64
device_write (struct ntfs_device *device __attribute__ ((unused)),
              const void *buf __attribute__ ((unused)),
              s64 count __attribute__ ((unused)))
{
  errno = EROFS;
  return -1;
}

static s64
device_pwrite (struct ntfs_device *device, const void *buf, s64 count,
               s64 offset __attribute__ ((unused)))
{
  return device_write (device, buf, count);
}

static int
device_sync (struct ntfs_device *device __attribute__ ((unused)))
{
  return 0;
}

static int
device_stat (struct ntfs_device *device, struct stat *buf)
{
  const struct ntfs_reading *reading = device->d_private;

  *buf = (struct stat) {
    .st_mode = S_IFREG | S_IRUSR, .st_size = (off_t) reading->reader->size,
  };
  return 0;
}

static int
device_ioctl (struct ntfs_device *device __attribute__ ((unused)),
              unsigned long request __attribute__ ((unused)),
              void *argument __attribute__ ((unused)))
{
  errno = EOPNOTSUPP;
  return -1;
}

/* Not const in the library's header; it does not change them. */
static struct ntfs_device_operations operations = {
  .open = device_open,
  .close = device_close,
  .seek = device_seek,
  .read = device_read,
  .write = device_write,
  .pread = device_pread,
  .pwrite = device_pwrite,
  .sync = device_sync,
  .stat = device_stat,
  /* REQUEST is an int in the header of versions before 2021.8.22. */
  .ioctl = (void *) device_ioctl,
};

/*--- The volume. ---*/

/* The library has read the same boot sector. */
static int
compare_geometry (struct ntfs_reading *reading)
{
  const struct ntfs_geometry *geometry = &reading->geometry;
  const ntfs_volume *volume = reading->volume;

  if (volume->cluster_size == geometry->cluster_size &&
      volume->mft_record_size == geometry->record_size &&
      volume->nr_clusters >= 0 &&
      (uint64_t) volume->nr_clusters == geometry->clusters)
    return 0;
  return NTFS_DOUBT (reading, _("its boot sector changed while it was "
                                "read"));
}

/* With NTFS_MNT_RDONLY the library does not look whether Windows has left the
 * volume in order (ntfs-state.c does), and with NTFS_MNT_FORENSIC, as well, it
 * repairs nothing.
 */
int
ntfs_opened_mount (struct ntfs_reading *reading)
{
  struct ntfs_device *device;

  listening = reading;
  ntfs_log_set_handler (hear);
  device = ntfs_device_alloc ("the volume", 0, &operations, reading);
  if (device == NULL)
    return error_nomem (reading->err);
  reading->volume =
    ntfs_device_mount (device, NTFS_MNT_RDONLY | NTFS_MNT_FORENSIC);
  if (reading->volume != NULL)
    return compare_geometry (reading);
  NDevClearOpen (device);
  ntfs_device_free (device);
  return ntfs_opened_doubt (reading);
}

void
ntfs_opened_umount (struct ntfs_reading *reading)
{
  if (reading->volume != NULL)
    ntfs_umount (reading->volume, FALSE);
  reading->volume = NULL;
  listening = NULL;
  ntfs_log_set_handler (ntfs_log_handler_null);
}
