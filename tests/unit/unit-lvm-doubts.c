/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What puts a logical volume, or all of its group, in doubt: each is one
 * change of metadata that are without any.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "lvm-guest.h"

/*--- The text. ---*/

#define VG_STATUS "status = [\"RESIZEABLE\", \"READ\", \"WRITE\"]\n"
#define PV_STATUS "status = [\"ALLOCATABLE\"]\n"
#define LV_STATUS "status = [\"READ\", \"WRITE\", \"VISIBLE\"]\n"
#define LV_END "\"pv1\", 1517\n]\n}\n}\n"
#define ODD "the LVM metadata is not understood"
#define PLACE "some extents belong to two logical volumes, or are outside " \
  "the physical volumes"

static const struct {
  const char *old, *new;        /* in the metadata */
  const char *expected;         /* what is found; NULL: a doubt, why */
  const char *why;
} edits[] = {
  /* What makes no difference. */
  { "seqno = 7", "seqno = 4294967295", "vg/root; vg/st", NULL },
  { "max_lv = 0", "max_lv = 9\ntags = [\"a/b\", \"c\"]\nlock_type = \"none\"",
    "vg/root; vg/st", NULL },
  { VG_STATUS "flags = []", "status=[\"READ\",\"WRITE\"]"
    "flags=[\"NOAUTOACTIVATE\"]", "vg/root; vg/st", NULL },
  { LV_STATUS "flags = []", "status = [\"READ\", \"VISIBLE\", \"FIXED_MINOR\"]"
    "\nflags = [\"ACTIVATION_SKIP\"]\nmajor = 253\nminor = 5",
    "vg/root; vg/st", NULL },
  { "format = \"lvm2\"", "", "vg/root; vg/st", NULL },
  { "creation_time = 1795908502", "read_ahead = -1", "vg/root; vg/st", NULL },
  { "extent_count = 9", "extent_count = -9", NULL, ODD },
  { "pv0 {", "pv7 {", "vg/root: it lies on another logical volume; "
    "vg/st: it lies on another logical volume", NULL },

  /* A group that is not one host's, or not whole. */
  { "\"RESIZEABLE\"", "\"EXPORTED\"", NULL,
    "the volume group has \"EXPORTED\", which is not supported" },
  { VG_STATUS "flags = []", VG_STATUS "flags = [\"PARTIAL\"]", NULL,
    "the volume group has \"PARTIAL\", which is not supported" },
  { "max_lv = 0", "lock_type = \"sanlock\"", NULL,
    "the volume group has \"lock_type\", which is not supported" },
  { "max_lv = 0", "max_elves = 0", NULL,
    "the volume group has \"max_elves\", which is not supported" },
  { VG_STATUS, "status = 3\n", NULL,
    "the volume group has \"?\", which is not supported" },
  { "\"lvm2\"", "\"lvm3\"", NULL, ODD },
  { "version = 1", "version = 2", NULL, ODD },
  { "extent_size = 128", "extent_size = 0", NULL, ODD },
  { "extent_size = 128", "extent_size = 4294967296", NULL, ODD },

  /* Physical volumes. */
  { PV_STATUS, "status = [\"EXPORTED\"]\n", NULL,
    "one of its physical volumes has \"EXPORTED\", which is not supported" },
  { PV_STATUS "flags = []", PV_STATUS "flags = [\"MISSING\"]",
    "vg/root: one of its physical volumes is missing; "
    "vg/st: one of its physical volumes is missing", NULL },
  { "pe_start = 2048", "pe_start = 2056", NULL,
    "the extents of sda are outside the data area given in its label" },
  { "pe_start = 2048", "pe_start = 36028797018963969", NULL, ODD },
  { "pe_count = 1520", "pe_count = 1521", NULL,
    "the extents of sda are outside the data area given in its label" },
  { "pe_count = 1520", "pe_count = \"1520\"", NULL, ODD },
  { "Pv0001", "Pv000-", NULL,
    "sdb has its metadata, but is not listed in it" },

  /* Volumes that are not plain. */
  { LV_STATUS, "status = [\"READ\", \"WRITE\", \"VISIBLE\", \"LOCKED\"]\n",
    "vg/root: it has \"LOCKED\", which is not supported; vg/st", NULL },
  { LV_STATUS "flags = []", LV_STATUS "flags = [\"CACHE_VOL\"]",
    "vg/root: it has \"CACHE_VOL\", which is not supported; vg/st", NULL },
  { "creation_time = 1795908502", "lock_args = \"1.0.0:70254592\"",
    "vg/root: it has \"lock_args\", which is not supported; vg/st", NULL },
  { LV_STATUS, "status = [\"READ\", \"WRITE\"]\n", "vg/st", NULL },
  { "type = \"striped\"", "type = \"zero\"",
    "vg/root: it has LVM segments of type zero; vg/st", NULL },
  { "type = \"striped\"", "type = \"cache+CACHE_USES_CACHEVOL\"",
    "vg/root: it has LVM segments of type cache; vg/st", NULL },
  { "stripe_count = 1", "stripe_count = 1\nregion_size = 4",
    "vg/root: it has \"region_size\", which is not supported; vg/st", NULL },
  { LV_END, LV_END "snapshot0 {\n" LV_STATUS "segment_count = 1\n"
    "segment1 { start_extent = 0 extent_count = 1 type = \"snapshot\"\n"
    "chunk_size = 8 origin = \"root\" cow_store = \"st\" } }\n",
    "vg/root: another logical volume depends on it; "
    "vg/st: it has LVM segments of type snapshot; "
    "vg/st: another logical volume depends on it", NULL },
  { LV_END, LV_END "pvmove0 {\n" LV_STATUS "segment_count = 1\n"
    "segment1 { start_extent = 0 extent_count = 9 type = \"mirror\"\n"
    "mirror_count = 2 mirrors = [\"pv0\", 40, \"pv1\", 40] } }\n",
    "vg/pvmove0: it has LVM segments of type mirror; vg/root; vg/st", NULL },
  { "\"pv0\", 20", "\"st\", 0",
    "vg/root: it lies on another logical volume; "
    "vg/st: another logical volume depends on it", NULL },
  { "stripe_size = 8", "stripe_size = 20", "vg/root; vg/st: its stripes do "
    "not consist of whole chunks", NULL },
  { "stripe_size = 8", "stripe_size = 0", "vg/root; vg/st: its stripes do "
    "not consist of whole chunks", NULL },
  { "stripe_size = 8\n", "", "vg/root; vg/st: its stripes do not consist of "
    "whole chunks", NULL },

  /* Volumes that cannot be. */
  { "extent_count = 9", "extent_count = 10", NULL, ODD },
  { "start_extent = 9", "start_extent = 8", NULL, ODD },
  { "segment_count = 2", "segment_count = 1", NULL, ODD },
  { "segment_count = 2", "segment_count = 3", NULL, ODD },
  { "segment2 {", "segment02 {", NULL, ODD },
  { "stripe_count = 2", "stripe_count = 0", NULL, ODD },
  { "stripe_count = 2", "stripe_count = 4", NULL, ODD },
  { "extent_count = 6", "extent_count = 7", NULL, ODD },
  { "\"pv0\", 29", "\"pv0\"", NULL, ODD },
  { "\"pv0\", 29", "\"pv0\", \"29\"", NULL, ODD },
  { "\"pv0\", 29", "\"pv0\", 4294967296", NULL, ODD },
  { "\"pv0\", 29", "\"pv0\", 28", NULL, PLACE },
  { "\"pv0\", 29", "\"pv0\", 18", NULL, PLACE },
  { "\"pv0\", 29", "\"pv1\", 2", NULL, PLACE },
  { "\"pv1\", 1517", "\"pv1\", 1518", NULL, PLACE },
  { "\"pv1\", 1517", "\"pv1\", 4294967295", NULL, PLACE },
  { LV_END, LV_END "pvmove0 {\n" LV_STATUS "segment_count = 1\n"
    "segment1 { start_extent = 0 extent_count = 9 type = \"mirror\"\n"
    "mirror_count = 2 mirrors = [\"pv0\", 40, \"pv1\", 1509] } }\n",
    NULL, PLACE },
  { "extent_count = 6", "extent_count = 0", NULL, ODD },
};

static void
test_edits (void)
{
  for (size_t i = 0; i < ARRAY_LEN (edits); i++) {
    CLEANUP_FREE char *text = lvm_edit (lvm_metadata, edits[i].old,
                                        edits[i].new);

    lvm_make (text);
    if (edits[i].expected != NULL)
      lvm_expect (2, edits[i].expected);
    else
      lvm_expect_doubt (2, "vg", edits[i].why);
  }
}

int
main (void)
{
  test_edits ();
  lvm_free ();
  return EXIT_SUCCESS;
}
