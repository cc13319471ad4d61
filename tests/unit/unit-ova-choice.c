/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which description of a package is read: several .ovf files, one that the
 * user names, none but an OVA inside.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "guest/guest.h"
#include "ova-files.h"

/* The package in every form, with OPTION, is read. */
static void
chosen (const char *wanted)
{
  static const char *const forms[] = { "s", "s.tar", "s.tgz", "s.zip" };

  option = wanted;
  for (size_t i = 0; i < ARRAY_LEN (forms); i++)
    check (works ("", forms[i]), LOCATION_FILE);
  option = NULL;
}

static void
not_chosen (const char *wanted, enum reason reason, const char *part)
{
  static const char *const forms[] = { "s", "s.tar", "s.tgz", "s.zip" };

  option = wanted;
  for (size_t i = 0; i < ARRAY_LEN (forms); i++)
    fails (forms[i], reason, part);
  option = NULL;
}

static void
pack_s (void)
{
  sh ("tar -cf s.tar -C s . && gzip -c s.tar > s.tgz && rm -f s.zip && "
      "cd s && zip -q -r ../s.zip .");
}

/* Several .ovf files for the same disks; each has its own manifest. */
static void
test_several_ovf (void)
{
  sh ("rm -rf s && cp -r in s && cd s && sed 's/mail server/b/' full.ovf > "
      "'a b.ovf' && echo 'SHA1(a b.ovf)= '$(echo | sha1sum | cut -c1-40) "
      "> 'a b.mf'");
  pack_s ();
  chosen ("ovf=full.ovf");
  chosen ("ovf=full");
  chosen ("ovf=./full.ovf");
  not_chosen (NULL, REASON_UNSUPPORTED, "holds 2 .ovf files, not one: '");
  /* A zip file has an index: nothing is unpacked in vain. */
  sh ("rm -rf scratch/*");
  fails ("s.zip", REASON_UNSUPPORTED, "holds 2 .ovf files");
  sh ("test -z \"$(find scratch -type f)\"");
  not_chosen ("ovf=none", REASON_NOT_FOUND,
              "holds no .ovf file 'none'; it has: '");
  not_chosen ("ovf=a b", REASON_UNTRUSTED_IMAGE, "the SHA1 of a b.ovf is");
  /* The same name in a folder. */
  sh ("mkdir s/sub && cp 's/a b.ovf' s/sub/full.ovf");
  pack_s ();
  not_chosen ("ovf=full.ovf", REASON_UNSUPPORTED,
              "holds 2 .ovf files that are called 'full.ovf'");
  not_chosen ("ovf=sub/full.ovf", REASON_NOT_FOUND, "which is not in");
  chosen ("ovf=./full.ovf");
}

/* SOURCE is the .ovf: what else is beside it does not matter. */
static void
test_named_ovf (void)
{
  struct guest *guest;

  sh ("rm -rf s && cp -r in s && cp s/full.ovf s/other.ovf && mkdir s/d && "
      "touch s/d/big && cd s && echo 'SHA1(full.ovf)= '$(echo | sha1sum | "
      "cut -c1-40) > other.mf && seq 1 5000 | sed 's/^/f/' | xargs touch");
  check (works ("", "s/full.ovf"), LOCATION_FILE);
  has_said ("gone.iso, which is not in the OVA");
  option = "ovf=full.ovf";
  check (works ("", "s/full.ovf"), LOCATION_FILE);
  option = "ovf=other.ovf";
  fails ("s/full.ovf", REASON_USAGE, "another .ovf file than SOURCE");
  option = NULL;
  fails ("s", REASON_UNSUPPORTED, "has more than 4096 files");
  /* From anywhere, under any name. */
  sh ("ln -sf s/full.ovf link && cp s/full.ovf s/description");
  check (works ("", "link"), LOCATION_FILE);
  check (works ("", "s/description"), LOCATION_FILE);
  /* Folders that the description or the manifest names. */
  sh ("mv 's/disk 1.vmdk' s/d && sed -i 's,disk 1.vmdk,d/&,' s/full.ovf && "
      "echo 'SHA1(d/big)= '$(sha1sum < /dev/null | cut -c1-40) > s/full.mf");
  guest = works ("", "s/full.ovf");
  assert (strstr (guest->disks.ptr[0].location.path, "/s/d/disk 1.vmdk"));
  /* A disk that was decompressed is known by its own file. */
  assert (strstr (guest->disks.ptr[1].location.origin.path,
                  "/s/disk2.vmdk.gz"));
  assert (strstr (said, "which is not in") == NULL);
  guest_free (guest);
  sh ("mv s/d s/e && ln -s e s/d");
  guest_free (works ("", "s/full.ovf"));
  sh ("mv s/e e-outside && rm s/d && ln -s ../e-outside s/d");
  fails ("s/full.ovf", REASON_NOT_FOUND, "which is not in");
  sh ("rm -rf e-outside");
  fails_as (&input_ova, in_top ("http://host", "s/full.ovf"),
            REASON_UNSUPPORTED, "only from a local directory");
}

/* What holds an OVA is not one. */
static void
test_ova_inside (void)
{
  static const char *const sources[] = { "w", "w.tar", "w.tgz", "w.zip" };

  sh ("rm -rf w w.* && mkdir w && cp a.ova in/full.mf w && tar -cf w.tar w && "
      "gzip -c w.tar > w.tgz && zip -q -r w.zip w");
  for (size_t i = 0; i < ARRAY_LEN (sources); i++) {
    assert (read_source (&input_ova, in_top ("", sources[i]), true) == NULL);
    assert (strstr (err.message, "no .ovf file") != NULL);
    assert (strstr (err.hint, "it holds the OVA '") != NULL);
    error_reset (&err);
  }
}

int
main (void)
{
  ova_files_begin ();
  test_ova_inside ();
  test_several_ovf ();
  test_named_ovf ();
  ova_files_end ();
  return 0;
}
