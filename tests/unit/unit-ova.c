/* SPDX-License-Identifier: GPL-2.0-or-later */

/* -i ova on packages in the forms in which they come: archives, directories,
 * compressed and cut disks, names as others write them.  unit-ova-manifest,
 * unit-ova-choice and unit-ova-refused have the rest.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "guest/guest.h"
#include "ova-files.h"

/* Plain tar of each format is read in place. */
static void
test_in_place (void)
{
  static const char *const formats[] = { "v7", "ustar", "gnu", "pax" };

  for (size_t i = 0; i < ARRAY_LEN (formats); i++) {
    struct guest *guest;

    sh ("tar -C in --format=%s -cf f.ova ./full.ovf ./full.mf "
        "'./disk 1.vmdk' ./disk2.vmdk.gz", formats[i]);
    guest = works ("", "f.ova");
    assert (guest->disks.ptr[0].location.part.length > 0);
    assert (strstr (guest->disks.ptr[0].location.path, "f.ova") != NULL);
    assert (strstr (said, "Unpacking full.ovf") == NULL);
    has_said ("Unpacking disk2.vmdk.gz");
    has_said ("gone.iso, which is not in the OVA");
    has_said ("full.mf:5: not a checksum");
    check (guest, LOCATION_FILE);
  }
}

static void
test_packed (void)
{
  static const char *const commands[] = {
    "gzip -c a.ova > p.ova", "xz -c a.ova > p.ova", "bzip2 -c a.ova > p.ova",
    /* Parentheses: one string, not two that lack a comma. */
    ("rm -f p.ova p.zip && cd in && zip -q -r ../p.zip . && "
     "mv ../p.zip ../p.ova"),
  };

  for (size_t i = 0; i < ARRAY_LEN (commands); i++) {
    sh ("%s", commands[i]);
    check (works ("", "p.ova"), LOCATION_FILE);
    has_said ("Unpacking");
    has_said ("gone.iso, which is not in the OVA");
  }
}

/* Nothing is unpacked for metadata alone. */
static void
test_no_scratch (void)
{
  struct guest *guest;

  sh ("gzip -c a.ova > p.ova; rm -rf scratch/*");
  guest = read_source (&input_ova, in_top ("", "p.ova"), false);
  assert (guest != NULL && guest->disks.len == 3);
  assert (strcmp (guest->disks.ptr[0].location.part.tar_entry,
                  "disk 1.vmdk") == 0);
  sh ("test -z \"$(ls scratch)\"");
  guest_free (guest);
}

static void
test_directory (void)
{
  struct guest *guest = works ("", "in");

  assert (strstr (guest->disks.ptr[0].location.path, "/in/disk 1.vmdk"));
  check (guest, LOCATION_FILE);
  sh ("rm -rf links && cp -r in links && mv 'links/disk 1.vmdk' "
      "links/real && ln -s real 'links/disk 1.vmdk'");
  check (works ("", "links"), LOCATION_FILE);
  sh ("ln -sf ../disk1 'links/disk 1.vmdk'");
  fails ("links", REASON_UNTRUSTED_IMAGE, "is a link to a file outside it");
}

static void
test_folder (void)
{
  sh ("rm -rf sub && mkdir sub && cp -r in sub/folder && "
      "touch sub/folder/._full.ovf && tar -cf s.ova -C sub folder");
  check (works ("", "s.ova"), LOCATION_FILE);
}

static void
test_remote (void)
{
  check (works ("ssh://host", "a.ova"), LOCATION_SSH);
  check (works ("http://host", "a.ova"), LOCATION_CURL);
  assert (opened == 1);
  sh ("gzip -c a.ova > p.ova");
  check (works ("http://host", "p.ova"), LOCATION_FILE);
}

/* Nothing in place must not become everything. */
static void
test_empty_member (void)
{
  sh ("rm -rf z && cp -r in z && rm z/full.mf && : > 'z/disk 1.vmdk' && "
      "tar -C z -cf z.ova .");
  fails ("z.ova", REASON_UNSUPPORTED, "'disk 1.vmdk' is empty");
}

/* Sparse members have no bytes in one piece. */
static void
test_sparse (void)
{
  static const char *const formats[] = { "gnu", "pax" };

  for (size_t i = 0; i < ARRAY_LEN (formats); i++) {
    sh ("rm -rf sp && cp -r in sp && rm sp/full.mf && "
        "truncate -s 9M 'sp/disk 1.vmdk' && truncate -s 9M disk1 && "
        "tar -C sp --format=%s -S -cf s.ova full.ovf 'disk 1.vmdk' "
        "disk2.vmdk.gz && test $(stat -c %%s s.ova) -lt 2000000",
        formats[i]);
    check (works ("", "s.ova"), LOCATION_FILE);
    has_said ("Unpacking");
    sh ("cp 'in/disk 1.vmdk' disk1");
  }
}

/* In place of a missing file: numbered ones. */
static void
test_numbered (void)
{
  struct guest *guest;

  sh ("rm -rf n && cp -r in n && rm n/full.mf && mv 'n/disk 1.vmdk' "
      "'n/disk 1.vmdk.000000010' && touch 'n/disk 1.vmdk.000000009'");
  guest = works ("", "n");
  has_said ("'disk 1.vmdk.000000010' is used instead");
  check (guest, LOCATION_FILE);
  sh ("rm n/disk?1*");
  fails ("n", REASON_NOT_FOUND, "which is not in");
}

static void
cut (const char *dir, const char *size)
{
  sh ("rm -rf %s && cp -r in %s && rm %s/full.mf && cd %s && "
      "sed -i 's/ovf:size=\"68096\"/ovf:size=\"%s\" "
      "ovf:chunkSize=\"'$(($(stat -c %%s 'disk 1.vmdk') / 3 + 1))'\"/' "
      "full.ovf && split -a 9 -d -b $(($(stat -c %%s 'disk 1.vmdk') / 3 + 1)) "
      "'disk 1.vmdk' 'disk 1.vmdk.' && "
      "rm 'disk 1.vmdk'", dir, dir, dir, dir, size);
}

/* A file is compressed first and then cut. */
static void
test_gzip_chunks (void)
{
  sh ("rm -rf c && cp -r in c && rm c/full.mf && cd c && sed -i "
      "'s/href=\"disk 1.vmdk\"/& ovf:compression=\"gzip\" "
      "ovf:chunkSize=\"50000\"/' full.ovf && gzip 'disk 1.vmdk' && "
      "split -a 9 -d -b 50000 'disk 1.vmdk.gz' 'disk 1.vmdk.' && "
      "rm 'disk 1.vmdk.gz' && tar -cf ../c.ova .");
  check (works ("", "c"), LOCATION_FILE);
  check (works ("", "c/full.ovf"), LOCATION_FILE);
  check (works ("", "c.ova"), LOCATION_FILE);
}

/* Chunks are one disk, but they have to be files. */
static void
test_chunks (void)
{
  struct guest *guest;

  cut ("c", "1");
  guest = works ("", "c");
  assert (guest->disks.ptr[0].location.kind == LOCATION_PLUGIN);
  assert (strcmp (guest->disks.ptr[0].location.plugin, "split") == 0);
  assert (strcmp (guest->disks.ptr[0].format, "vmdk") == 0);
  assert (guest->disks.ptr[0].location.params.len == 3);
  guest_free (guest);
  guest = works ("", "c/full.ovf");
  assert (strcmp (guest->disks.ptr[0].location.params.ptr[2],
                  in_top ("file=", "c/disk 1.vmdk.000000002")) == 0);
  guest_free (guest);
  sh ("tar -czf c.ova -C c . && tar -cf plain.ova -C c .");
  for (unsigned i = 0; i < 3; i++) {
    guest = works (i == 2 ? "http://host" : "", i == 0 ? "c.ova"
                   : "plain.ova");
    has_said ("Unpacking");
    assert (guest->disks.ptr[0].location.params.len == 3);
    guest_free (guest);
  }

  sh ("rm c/*001");
  fails ("c", REASON_NOT_FOUND,
         "chunk number 1 of the 2 chunks of 'disk 1.vmdk' is missing");
  cut ("c", "99999999");
  fails ("c", REASON_NOT_FOUND, "bytes, not 99999999");
  cut ("c", "1");
  sh ("truncate -s -1 c/*000");
  fails ("c", REASON_UNSUPPORTED, "but the OVF says that chunks have");
  cut ("c", "1");
  sh ("truncate -s +9 c/*002");
  fails ("c", REASON_UNSUPPORTED, "chunk number 2 of 'disk 1.vmdk' has");
  cut ("c", "1\" ovf:compression=\"gzip");
  fails ("c", REASON_UNTRUSTED_IMAGE, "it is not compressed");
  test_gzip_chunks ();
}

/* XenCenter's other compression. */
static void
test_bzip2 (void)
{
  sh ("rm -rf e && cp -r in e && rm e/full.mf && bzip2 'e/disk 1.vmdk' && "
      "sed -i 's/\"disk 1.vmdk\"/\"disk 1.vmdk.bz2\" "
      "ovf:compression=\"BZip2\"/' e/full.ovf && tar -cf e.ova -C e .");
  check (works ("", "e"), LOCATION_FILE);
  check (works ("", "e.ova"), LOCATION_FILE);
}

static void
test_escaped_name (void)
{
  sh ("rm -rf e && cp -r in e && rm e/full.mf && "
      "sed -i 's/disk 1.vmdk/disk%%201.vmdk/' e/full.ovf && "
      "tar -czf e.ova -C e .");
  check (works ("", "e"), LOCATION_FILE);
  check (works ("", "e.ova"), LOCATION_FILE);
}

/* As Windows writes names, and finds them. */
static void
test_foreign_name (void)
{
  sh ("rm -rf e && cp -r in e && rm e/full.mf && mkdir e/sub && "
      "mv 'e/disk 1.vmdk' 'e/sub/Disk 1.VMDK' && "
      "sed -i 's/disk 1.vmdk/sub\\\\disk%%201.vmdk/' e/full.ovf && "
      "tar -czf e.ova -C e .");
  check (works ("", "e"), LOCATION_FILE);
  has_said ("'sub/Disk 1.VMDK' is used instead");
  check (works ("", "e.ova"), LOCATION_FILE);
  sh ("touch 'e/sub/DISK 1.vmdk'");
  fails ("e", REASON_NOT_FOUND, "which is not in");
}

/* A reference may go up, but not out of the package. */
static void
test_other_folder (void)
{
  sh ("rm -rf u && mkdir -p u/ovf u/disks && "
      "cp in/full.ovf in/disk2* u/ovf && cp in/disk?1* u/disks && "
      "sed -i 's,disk 1.vmdk,../no/../disks/./disk 1.vmdk,' u/ovf/full.ovf && "
      "tar -cf u.tar -C u . && gzip -c u.tar > u.tgz");
  check (works ("", "u"), LOCATION_FILE);
  check (works ("", "u.tar"), LOCATION_FILE);
  check (works ("", "u.tgz"), LOCATION_FILE);
  assert (read_source (&input_ova, in_top ("", "u/ovf/full.ovf"),
                       true) == NULL);
  assert (err.reason == REASON_UNTRUSTED_IMAGE);
  assert (strstr (err.hint, "directory of the whole package") != NULL);
  error_reset (&err);
  sh ("sed -i 's,[.][.]/no/,../../no/,' u/ovf/full.ovf");
  fails ("u", REASON_UNTRUSTED_IMAGE, "points outside the package");
}

/* What the OVF calls a VMDK may be an image of another format. */
static void
test_formats (void)
{
  static const char *const formats[] = { "vdi", "vhdx", "vpc", "qcow2" };

  for (size_t i = 0; i < ARRAY_LEN (formats); i++) {
    struct guest *guest;

    sh ("rm -rf i && cp -r in i && rm i/full.mf && "
        "qemu-img create -q -f %s 'i/disk 1.vmdk' 1M", formats[i]);
    guest = works ("", "i");
    assert (strcmp (guest->disks.ptr[0].format, formats[i]) == 0);
    guest_free (guest);
  }
}

int
main (void)
{
  ova_files_begin ();
  test_in_place ();
  test_packed ();
  test_no_scratch ();
  test_directory ();
  test_folder ();
  test_remote ();
  test_empty_member ();
  test_sparse ();
  test_numbered ();
  test_chunks ();
  test_bzip2 ();
  test_escaped_name ();
  test_foreign_name ();
  test_other_folder ();
  test_formats ();
  ova_files_end ();
  return 0;
}
