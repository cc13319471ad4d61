/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The kernel has the file open, and tells its inode, and the name that it had
 * at that time.
 */

#include <config.h>

#include <fcntl.h>
#include <limits.h>
#include <linux/loop.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "io/loop-file.h"

/* A name may have any bytes but (here) a newline. */
static bool
read_name (dev_t rdev, char name[PATH_MAX])
{
  CLEANUP_FCLOSE FILE *fp = NULL;
  char path[64], *end;

  snprintf (path, sizeof path, "/sys/dev/block/%u:%u/loop/backing_file",
            major (rdev), minor (rdev));
  fp = fopen (path, "re");
  if (fp == NULL || fgets (name, PATH_MAX, fp) == NULL)
    return false;
  end = strchr (name, '\n');
  if (end == NULL)
    return false;
  *end = '\0';
  return true;
}

int
loop_file_open (int fd, int flags)
{
  struct loop_info64 info;
  char name[PATH_MAX];
  struct stat st;
  CLEANUP_FD int file = -1;

  if (fstat (fd, &st) == -1 || !S_ISBLK (st.st_mode) ||
      ioctl (fd, LOOP_GET_STATUS64, &info) == -1 ||
      info.lo_offset != 0 || info.lo_sizelimit != 0 ||
      !read_name (st.st_rdev, name))
    return -1;
  file = open (name, flags|O_CLOEXEC|O_NONBLOCK|O_NOCTTY);
  if (file == -1 || fstat (file, &st) == -1 || !S_ISREG (st.st_mode) ||
      st.st_dev != info.lo_device || st.st_ino != info.lo_inode)
    return -1;
  return STEAL_FD (file);
}
