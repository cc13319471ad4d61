/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Block devices that end within a sector, which cannot be read or written
 * there: a loop device with sectors of 4096 bytes over a file that has no
 * multiple of that (Linux 6.1 tells the size in units of 512 bytes).
 */

#include <config.h>

#include <inttypes.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/error.h"
#include "base/i18n.h"
#include "base/local-file.h"
#include "io/cut-sector.h"

#define SECTOR_MAX 65536

uint32_t
cut_sector_of (int fd, uint64_t size, uint32_t sector)
{
  const uint32_t rest = (uint32_t) (size % sector);
  char byte;

  if (rest == 0 || pread (fd, &byte, 1, (off_t) (size - rest)) == 1)
    return 0;
  return rest;
}

int
cut_sector_error (struct error *err, enum reason reason, const char *path,
                  uint64_t size, uint32_t sector)
{
  error_set (err, reason,
             _("%s ends within a sector: of its %" PRIu64 " bytes, which are "
               "no multiple of its sectors of %u bytes, the last %u can be "
               "neither read nor written"), path, size, sector,
             (uint32_t) (size % sector));
  error_hint (err, _("use the file itself instead of a loop device, or attach "
                     "it with losetup --sector-size 512"));
  return -1;
}

int
cut_sector_check (const struct local_file *file, struct error *err)
{
  const int fd = file->fd;
  uint64_t size;
  int sector;

  /* Whatever else is wrong with it is nbdkit's to tell. */
  if (!file->is_block ||
      ioctl (fd, BLKGETSIZE64, &size) == -1 ||
      ioctl (fd, BLKSSZGET, &sector) == -1 || sector <= 0 ||
      sector > SECTOR_MAX ||
      cut_sector_of (fd, size, (uint32_t) sector) == 0)
    return 0;
  return cut_sector_error (err, REASON_UNSUPPORTED, file->path, size,
                           (uint32_t) sector);
}
