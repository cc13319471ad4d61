/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The checksums that an OVA's manifest has of its files. */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "guest/guest.h"
#include "ova-files.h"

#define SUM(n) "$(sha" n "sum < 'disk 1.vmdk' | cut -d' ' -f1)"

/* A disk is not read only to check it, where that crosses the network. */
static void
test_remote_manifest (void)
{
  sh ("rm -rf big && cp -r in big && truncate -s 5M 'big/disk 1.vmdk' && "
      "tar -C big -cf b.ova full.ovf full.mf 'disk 1.vmdk' disk2.vmdk.gz");
  guest_free (works ("http://host", "b.ova"));
  has_said ("checksum of 1 file in the manifest was not checked");
  fails ("b.ova", REASON_UNTRUSTED_IMAGE, "the SHA256 of disk 1.vmdk is");
  sh ("echo >> big/full.ovf && tar -C big -cf b.ova full.ovf full.mf "
      "'disk 1.vmdk' disk2.vmdk.gz");
  fails_as (&input_ova, in_top ("http://host", "b.ova"),
            REASON_UNTRUSTED_IMAGE, "the SHA1 of full.ovf is");
}

/* The package "in" with a manifest that the shell commands LINES write. */
static struct guest *
with_manifest (const char *lines)
{
  sh ("rm -rf m && cp -r in m && cd m && { %s; } > full.mf", lines);
  return read_source (&input_ova, in_top ("", "m"), true);
}

static void
manifest_works (const char *lines)
{
  struct guest *guest = with_manifest (lines);

  if (guest == NULL) {
    fprintf (stderr, "%s: %s\n", lines, err.message);
    abort ();
  }
  guest_free (guest);
}

/* A line of each kind is checked: it works, and for another disk it does not.
 */
static void
manifest_is_checked (const char *line)
{
  manifest_works (line);
  if (strstr (said, "lists") != NULL ||
      strstr (said, "not a checksum") != NULL) {
    fprintf (stderr, "%s: %s\n", line, said);
    abort ();
  }
  sh ("echo >> 'm/disk 1.vmdk'");
  fails ("m", REASON_UNTRUSTED_IMAGE, "but the manifest says");
}

/* What writes manifests: ovftool, OpenSSL 1 and 3, sha256sum --tag, and people
 * on Windows.
 */
static void
test_manifest_forms (void)
{
  manifest_is_checked ("echo \"SHA1(disk 1.vmdk)= " SUM ("1") "\"");
  /* The standard wants the blank (DSP0243), and not all write it. */
  manifest_is_checked ("echo \"SHA1(disk 1.vmdk)=" SUM ("1") "\"");
  manifest_is_checked ("echo \"SHA2-256(disk 1.vmdk)= " SUM ("256") "\"");
  manifest_is_checked ("echo \"SHA-512(disk 1.vmdk)=" SUM ("512") "\"");
  manifest_is_checked ("echo \"sha384 (disk 1.vmdk) = " SUM ("384") "\"");
  manifest_is_checked ("printf '\\357\\273\\277'; echo \"SHA256(disk 1.vmdk)= "
                       SUM ("256") "\"");
  manifest_is_checked ("echo \"SHA1(./disk%201.vmdk)= " SUM ("1") "\"");
  manifest_is_checked ("echo \"SHA1(.\\\\DISK 1.vmdk)= " SUM ("1") "\"");
  manifest_is_checked ("printf \"SHA1(disk 1.vmdk)= " SUM ("1") "\"");
}

/* Lines that cannot be true, or are about files that are nowhere. */
static void
test_manifest_odd (void)
{
  manifest_works ("echo \"SHA1(full.mf)= $(sha1sum </dev/null | "
                  "cut -d' ' -f1)\"");
  has_said ("full.mf lists full.mf, but cannot hold a valid checksum of it");
  manifest_works ("touch full.cert; echo \"SHA1(full.cert)= "
                  "$(echo | sha1sum | cut -d' ' -f1)\"");
  manifest_works ("echo \"SHA1(/build/disk 1.vmdk)= $(echo | sha1sum | "
                  "cut -d' ' -f1)\"");
  has_said ("lists /build/disk 1.vmdk, which is not in the OVA");
  manifest_works ("echo \"SHA1(../../etc/passwd)= $(echo | sha1sum | "
                  "cut -d' ' -f1)\"");
  has_said ("lists ../../etc/passwd, which is not in the OVA");
  manifest_works ("echo \"SHA3-256(disk 1.vmdk)= " SUM ("256") "\"");
  has_said ("not a checksum of a known kind");
}

int
main (void)
{
  ova_files_begin ();
  test_remote_manifest ();
  test_manifest_forms ();
  test_manifest_odd ();
  ova_files_end ();
  return 0;
}
