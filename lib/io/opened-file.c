/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Looks through the descriptors of a child in /proc: a program that opens a
 * name can get another file than the one that was looked at before.
 */

#include <config.h>

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

#include "io/opened-file.h"

bool
opened_files (pid_t pid, bool (*see) (void *data, const struct stat *),
              void *data)
{
  const struct dirent *entry;
  struct stat st;
  char path[64];
  DIR *dir;

  snprintf (path, sizeof path, "/proc/%d/fd", (int) pid);
  dir = opendir (path);
  if (dir == NULL)
    return false;
  while ((entry = readdir (dir)) != NULL)
    if (fstatat (dirfd (dir), entry->d_name, &st, 0) == 0 &&
        (S_ISREG (st.st_mode) || S_ISBLK (st.st_mode)) && !see (data, &st))
      break;
  closedir (dir);
  return true;
}
