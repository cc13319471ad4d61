/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What QEMU's programs open by themselves, and what belongs to an image that
 * is a device.  Which images they are given is decided where they are run.
 */

#include <config.h>

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "io/confine.h"
#include "qemu/qemu-files.h"

int
qemu_files_allow (struct confine *confine, struct error *err)
{
  confine->no_network = true;
  return confine_programs (confine, NULL, err);
}

/* The limits of requests to a device are read from sysfs. */
static int
allow_limits (struct confine *confine, dev_t device, struct error *err)
{
  CLEANUP_FREE char *dir = format (err, "/sys/dev/block/%u:%u",
                                   major (device), minor (device));

  return dir == NULL ? -1 : confine_path (confine, dir, CONFINE_READ, err);
}

int
qemu_files_allow_fd (struct confine *confine, int fd, unsigned allow,
                     struct error *err)
{
  struct stat st;

  if (confine_fd (confine, fd, allow, err) == -1)
    return -1;
  return fstat (fd, &st) == 0 && S_ISBLK (st.st_mode)
    ? allow_limits (confine, st.st_rdev, err) : 0;
}

int
qemu_files_allow_image (struct confine *confine, const char *path,
                        unsigned allow, struct error *err)
{
  struct stat st;

  if (confine_path (confine, path, allow, err) == -1)
    return -1;
  return stat (path, &st) == 0 && S_ISBLK (st.st_mode)
    ? allow_limits (confine, st.st_rdev, err) : 0;
}
