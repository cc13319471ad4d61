/* SPDX-License-Identifier: GPL-2.0-or-later */

/* NTFS, by libntfs-3g.  Its $Bitmap says which clusters are free, and nothing
 * on the volume counts them: so it is compared with what the records of all
 * files say that they have, as ntfsclone and ntfsresize do before they rely on
 * it.  Only a volume that Windows has left in good order is looked at.
 */

#include <config.h>

#include "base/error.h"
#include "filesystem/ntfs-internal.h"

static int (*const steps[]) (struct ntfs_reading *) = {
  ntfs_boot_check,
  ntfs_shadow_check,
  ntfs_opened_mount,
  ntfs_state_check,
  ntfs_map_read,
  ntfs_records_walk,
  ntfs_hibernation_check,
};

static int
take_steps (struct ntfs_reading *reading)
{
  for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
    int r;

    reading->words[0] = '\0';
    r = steps[i] (reading);
    /* The library may have gone on without what could not be read. */
    if (r == -1 || reading->read_failed)
      return -1;
    if (reading->ret->why_not != NULL)
      return 0;
  }
  return 0;
}

static int
ntfs_read (struct reader *volume, const char *type __attribute__ ((unused)),
           struct usage *ret, struct error *err)
{
  struct ntfs_reading reading = {
    .reader = volume, .ret = ret, .err = err,
  };
  const int r = take_steps (&reading);

  ntfs_opened_umount (&reading);
  return r;
}

const struct filesystem_ops filesystem_ntfs = {
  .types = (const char *const []) { "ntfs", NULL },
  .read = ntfs_read,
};
