/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Volume groups with volumes of many kinds, as LVM2 2.03.16 has described them
 * on disk (data/lvm, made under Linux 6.1).  What is not "plain" there is used
 * whole: no reader of ours may touch it.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lvm-guest.h"
#include "unit-data.h"

#define DEPENDS "another logical volume depends on it"
#define TYPE "it has LVM segments of type "

static const struct {
  const char *name;             /* in data/lvm */
  const char *expected;         /* NULL: the group is in doubt */
} groups[] = {
  { "caches", "vg/cd: " TYPE "cache; vg/plain; vg/wc: " TYPE "writecache" },
  { "exported", NULL },
  { "integrity", "vg/m1: " TYPE "mirror; vg/plain; vg/ri: " TYPE "raid1" },
  { "pvmove", "vg/big: it lies on another logical volume; vg/plain" },
  { "raid", "vg/plain; vg/r0m: " TYPE "raid0_meta; vg/rraid1: " TYPE "raid1; "
    "vg/rraid10: " TYPE "raid10; vg/rraid4: " TYPE "raid4; "
    "vg/rraid5: " TYPE "raid5" },
  { "snapshots", "vg/origin: " DEPENDS "; vg/plain; "
    "vg/snapa: " TYPE "snapshot; vg/snapb: " TYPE "snapshot" },
  { "thin", "vg/ext: " DEPENDS "; vg/plain; vg/pool: " TYPE "thin-pool; "
    "vg/thin1: " TYPE "thin; vg/thinext: " TYPE "thin; "
    "vg/thinsnap: " TYPE "thin" },
  { "virtual", "vg/a1; vg/a2; vg/errr: " TYPE "error; vg/lvol1: " TYPE
    "thin-pool; vg/origin: " DEPENDS "; vg/snapm: " TYPE "snapshot; "
    "vg/sparse: " TYPE "thin; vg/zero: " TYPE "zero" },
};

static void
check (size_t i)
{
  CLEANUP_FREE char *name = NULL, *text = NULL;
  const char *uuids[LVM_DISKS], *at;
  size_t len, n = 0;

  assert (asprintf (&name, "lvm/%s.vg", groups[i].name) != -1);
  text = data_read (name, &len);
  for (at = text; n < LVM_DISKS && (at = strstr (at, "\npv")) != NULL; n++) {
    at = strstr (at, "id = \"");
    assert (at != NULL);
    at += strlen ("id = \"");
    uuids[n] = at;
  }
  assert (n == LVM_DISKS);
  lvm_make_of (text, n, uuids);
  if (groups[i].expected != NULL)
    lvm_expect (n, groups[i].expected);
  else
    lvm_expect_doubt (n, "vg", "the volume group has \"EXPORTED\", which is "
                      "not supported");
}

int
main (void)
{
  for (size_t i = 0; i < ARRAY_LEN (groups); i++)
    check (i);
  lvm_free ();
  return EXIT_SUCCESS;
}
