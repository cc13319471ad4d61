/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Labels of physical volumes, and metadata areas: where they may be, and what
 * is no longer believed when they are damaged, or when two tell of the same.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "lvm-guest.h"

#define GOOD "vg/root; vg/st"
#define HEAD(i) (lvm_images[i].head)
#define HEADER(i) (HEAD (i) + lvm_areas[0].offset)
#define MISSING "vg/root: one of its physical volumes is missing; " \
  "vg/st: one of its physical volumes is missing"

/*--- Labels. ---*/

static void
move_label (unsigned to)
{
  memset (HEAD (0) + 512, 0, 512);
  lvm_image_label (&lvm_images[0], to, lvm_uuids[0], lvm_areas, 1);
  lvm_image_text (&lvm_images[0], 0, 512, lvm_metadata);
}

static void
test_label_places (void)
{
  for (unsigned sector = 0; sector < 4; sector++) {
    lvm_make (lvm_metadata);
    move_label (sector);
    lvm_expect (2, GOOD);
  }
  lvm_make (lvm_metadata);
  move_label (4);
  lvm_expect (2, "sda: it does not have exactly one valid LVM label; "
              MISSING);

  lvm_make (lvm_metadata);
  memcpy (HEAD (0) + 1024, HEAD (0) + 512, 512); /* says that it is in 1 */
  lvm_expect (2, GOOD);
  lvm_image_label (&lvm_images[0], 2, lvm_uuids[0], lvm_areas, 1);
  lvm_image_text (&lvm_images[0], 0, 512, lvm_metadata);
  lvm_expect (2, "sda: it does not have exactly one valid LVM label; "
              MISSING);
}

/* One byte of the label changes, and its checksum, too, if FIX. */
static void
change_label (size_t at, unsigned char byte, bool fix, const char *expected)
{
  lvm_make (lvm_metadata);
  assert (HEAD (0)[512 + at] != byte);
  HEAD (0)[512 + at] = byte;
  if (fix)
    lvm_image_fix_label (&lvm_images[0], 1);
  lvm_expect (2, expected);
}

static void
test_labels (void)
{
  static const char invalid[] =
    "sda: it does not have exactly one valid LVM label; " MISSING;
  static const char odd[] = "sda: its LVM label is not understood; " MISSING;
  static const char doubt[] =
    "sda: volume group vg: sda: its LVM label is not understood; "
    "sdb: volume group vg: sda: its LVM label is not understood";

  change_label (40, 'x', false, invalid); /* the UUID */
  change_label (30, '2', true, invalid); /* LVM2 021 */
  change_label (20, 31, true, odd);     /* the content is in the header */
  change_label (21, 255, true, odd);    /* ... outside of the sector */
  change_label (32 + 40 + 32 + 8 + 4, 1, true, doubt); /* an area of 4 GiB */
  change_label (32 + 40 + 32 + 6, 1, true, doubt); /* ... outside */
  change_label (32 + 40 + 16, 1, true, doubt); /* two data areas */
  change_label (32 + 32 + 3, 255, true, GOOD); /* the size tells nothing */
  /* The extents begin elsewhere. */
  lvm_make (lvm_metadata);
  HEAD (0)[512 + 32 + 40 + 1] = 2;
  lvm_image_fix_label (&lvm_images[0], 1);
  lvm_expect_doubt (2, "vg", "the extents of sda are outside the "
                    "data area given in its label");
}

/*--- Areas. ---*/

static void
change_header (size_t at, unsigned char byte, bool fix, const char *why)
{
  char expected[256];

  lvm_make (lvm_metadata);
  assert (HEADER (0)[at] != byte);
  HEADER (0)[at] = byte;
  if (fix)
    lvm_image_fix_header (&lvm_images[0], 0);
  snprintf (expected, sizeof expected, "sda: %s", why);
  lvm_expect_doubt (2, "vg", expected);
}

static void
test_headers (void)
{
  static const char invalid[] = "an LVM metadata area is not valid";
  static const char outside[] =
    "the LVM metadata is outside of its area";
  static const char checksum[] =
    "the checksum of the LVM metadata is wrong";

  change_header (100, 1, false, invalid);
  change_header (4, 'x', true, invalid); /* the magic */
  change_header (20, 2, true, invalid); /* the version */
  change_header (25, 1, true, invalid); /* where it is */
  change_header (37, 1, true, invalid); /* its size */
  change_header (41, 1, true, outside); /* the text is in the header */
  change_header (47, 255, true, outside);
  change_header (51, 1, true, outside); /* longer than the area */
  change_header (55, 255, true, outside);
  change_header (48, 1, true, checksum);
  change_header (56, 1, true, checksum);
  change_header (512 + 100, '#', false, checksum);
  /* No text at all: the place is zero. */
  change_header (41, 0, true,
                 "its metadata says that it is in no volume group");
  change_header (72, 1, true, "the LVM metadata was being changed");
}

/* The text goes around the end of the area. */
static void
test_ring (void)
{
  for (uint64_t back = 1; back < strlen (lvm_metadata) + 3; back += 61) {
    lvm_make (lvm_metadata);
    lvm_image_text (&lvm_images[1], 0, lvm_areas[0].len - back, lvm_metadata);
    lvm_expect (2, GOOD);
  }
}

/* Two areas: both must tell the same, unless one is to be ignored. */
static void
test_two_areas (void)
{
  CLEANUP_FREE char *older = lvm_edit (lvm_metadata, "seqno = 7", "seqno = 6");
  CLEANUP_FREE char *other = lvm_edit (lvm_metadata, "\"pv0\", 20",
                                       "\"pv0\", 21");
  CLEANUP_FREE char *later = lvm_edit (lvm_metadata, "1795908503\n\n",
                                       "1795908504\n\n");

  lvm_make (lvm_metadata);
  lvm_image_label (&lvm_images[0], 1, lvm_uuids[0], lvm_areas, 2);
  lvm_image_text (&lvm_images[0], 0, 512, lvm_metadata);
  lvm_expect_doubt (2, "vg",
                    "sda: its metadata says that it is in no volume group");
  lvm_image_text (&lvm_images[0], 1, 1024, lvm_metadata);
  lvm_expect (2, GOOD);
  lvm_image_text (&lvm_images[0], 1, 1024, later);
  lvm_expect (2, GOOD);         /* written a second later */
  lvm_image_text (&lvm_images[0], 1, 1024, other);
  lvm_expect_doubt (2, "vg", "its physical volumes have different metadata");
  lvm_image_text (&lvm_images[0], 1, 1024, older);
  lvm_expect_doubt (2, "vg", "its physical volumes have metadata "
                    "with different sequence numbers");
  HEAD (0)[lvm_areas[1].offset + 60] = 1;
  lvm_image_fix_header (&lvm_images[0], 1);
  lvm_expect (2, GOOD);         /* pvchange --metadataignore y */
}

/*--- Several volumes. ---*/

static void
test_no_metadata (void)
{
  lvm_make (lvm_metadata);      /* pvcreate --metadatacopies 0 */
  lvm_image_label (&lvm_images[1], 1, lvm_uuids[1], lvm_areas, 0);
  lvm_expect (2, GOOD);
  lvm_image_label (&lvm_images[0], 1, lvm_uuids[0], lvm_areas, 0);
  lvm_expect (2, "sda: it is in no known volume group; sdb: it is in no "
                 "known volume group");
  lvm_make (lvm_metadata);      /* pvcreate alone */
  lvm_image_label (&lvm_images[2], 1, lvm_uuids[2], lvm_areas, 1);
  lvm_expect (3, GOOD
              "; sdc: its metadata says that it is in no volume group");
}

static void
test_missing (void)
{
  lvm_make (lvm_metadata);
  lvm_expect (1, MISSING);
  lvm_expect (0, "");
}

static void
test_different_times (void)
{
  CLEANUP_FREE char *newer = lvm_edit (lvm_metadata, "seqno = 7", "seqno = 8");

  lvm_make (lvm_metadata);
  lvm_image_text (&lvm_images[1], 0, 512, newer);
  lvm_expect_doubt (2, "vg", "its physical volumes have metadata "
                    "with different sequence numbers");
}

/* A disk and its clone. */
static void
test_clone (void)
{
  lvm_make (lvm_metadata);
  memcpy (HEAD (2), HEAD (0), IMAGE_DATA);
  lvm_expect_doubt (3, "vg", "sda: sdc is a copy of it, with the same UUID");
}

/* Another group that has a volume of the first, or its UUID only. */
static void
test_two_groups (void)
{
  CLEANUP_FREE char *id = lvm_edit (lvm_metadata, "Vg0000", "Vg0001");
  CLEANUP_FREE char *name = lvm_edit (id, "vg {", "vh {");
  CLEANUP_FREE char *stolen = lvm_edit (name, lvm_uuids[1], lvm_uuids[2]);
  CLEANUP_FREE char *own = lvm_edit (stolen, "Pv0000", "Pv0009");

  lvm_make (lvm_metadata);
  lvm_image_label (&lvm_images[2], 1, lvm_uuids[2], lvm_areas, 1);
  lvm_image_text (&lvm_images[2], 0, 512, own);
  lvm_expect (3, GOOD "; vh/root: one of its physical volumes is "
              "missing; vh/st: one of its physical volumes is missing");
  lvm_image_text (&lvm_images[2], 0, 512, stolen);
  lvm_expect (3, "sda: volume group vg: sda is also in another volume group; "
              "sdb: volume group vg: sda is also in another volume group; "
              "sdc: volume group vh: sda is also in another volume group");
}

int
main (void)
{
  test_label_places ();
  test_labels ();
  test_headers ();
  test_ring ();
  test_two_areas ();
  test_no_metadata ();
  test_missing ();
  test_different_times ();
  test_clone ();
  test_two_groups ();
  lvm_free ();
  return EXIT_SUCCESS;
}
