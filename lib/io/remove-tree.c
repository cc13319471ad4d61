/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a run made is removed here, whoever does it: the run itself
 * (tempdir.c) or the guard of a run that was killed.
 */

#include <config.h>

#include <errno.h>
#include <ftw.h>
#include <stdio.h>

#include "io/remove-tree.h"

static int
remove_entry (const char *path,
              const struct stat *st __attribute__ ((unused)),
              int type __attribute__ ((unused)),
              struct FTW *ftw __attribute__ ((unused)))
{
  remove (path);
  return 0;
}

void
remove_tree (const char *path)
{
  const int saved_errno = errno;

  nftw (path, remove_entry, 16, FTW_DEPTH|FTW_PHYS|FTW_MOUNT);
  errno = saved_errno;
}
