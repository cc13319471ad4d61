/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Packages that are none, are cut off, or would do harm. */

#include <config.h>

#undef NDEBUG
#include <assert.h>

#include "guest/guest.h"
#include "ova-files.h"

static void
test_not_an_ova (void)
{
  sh ("head -c 4000 /dev/urandom > x.ova; : > empty.ova");
  fails ("x.ova", REASON_UNSUPPORTED, "is not an OVA");
  fails ("empty.ova", REASON_UNSUPPORTED, "is not an OVA");
  fails ("none.ova", REASON_NOT_FOUND, "none.ova");
  sh ("tar -cf x.ova disk2 && gzip -c x.ova > y.ova");
  fails ("x.ova", REASON_UNSUPPORTED, "no .ovf file");
  fails ("y.ova", REASON_UNSUPPORTED, "no .ovf file");
  sh ("cp in/full.ovf in/two.ovf && tar -C in -cf x.ova . && "
      "gzip -c x.ova > y.ova && rm in/two.ovf");
  fails ("x.ova", REASON_UNSUPPORTED, "holds 2 .ovf files, not one: '");
  fails ("y.ova", REASON_UNSUPPORTED, "holds 2 .ovf files, not one: '");
  sh ("head -c 100000 a.ova > x.ova && gzip -c a.ova | head -c 100000 "
      "> y.ova");
  fails ("x.ova", REASON_READ, "but the member at byte");
  fails ("y.ova", REASON_READ, "cannot unpack");
}

/* Plain and compressed: each has a reader of its own. */
static void
fails_both (enum reason reason, const char *part)
{
  fails ("h.tar", reason, part);
  sh ("gzip -c h.tar > h.ova");
  fails ("h.ova", reason, part);
  sh ("test ! -e evil");
}

static void
test_hostile (void)
{
  sh ("tar -C in -P --transform 's,disk2.vmdk.gz,../../evil,' -cf h.tar "
      "full.ovf disk2.vmdk.gz");
  fails_both (REASON_UNTRUSTED_IMAGE, "points outside the package");
  sh ("tar -C in -P --transform 's,disk2.vmdk.gz,/tmp/evil,' -cf h.tar "
      "full.ovf disk2.vmdk.gz");
  fails_both (REASON_UNTRUSTED_IMAGE, "points outside the package");
  sh ("rm -rf l && mkdir l && cp in/full.ovf l && "
      "ln -s /etc/passwd 'l/disk 1.vmdk' && tar -C l -cf h.tar full.ovf "
      "'disk 1.vmdk'");
  fails_both (REASON_UNTRUSTED_IMAGE, "a link");
  sh ("rm l/d* && mkfifo 'l/disk 1.vmdk' && tar -C l -cf h.tar full.ovf "
      "'disk 1.vmdk'");
  fails_both (REASON_UNTRUSTED_IMAGE, "a device");
  fails ("l", REASON_NOT_FOUND, "which is not in");
  sh ("tar -C in -cf h.tar full.ovf disk2.vmdk.gz && "
      "tar -C in -rf h.tar ./disk2.vmdk.gz");
  fails_both (REASON_UNTRUSTED_IMAGE, "twice");
  sh ("rm l/d* && sed 's,disk 1.vmdk,../../etc/passwd,' in/full.ovf "
      "> l/full.ovf && tar -C l -cf h.tar .");
  fails_both (REASON_UNTRUSTED_IMAGE, "points outside the package");
}

/* More than the disk can have: 1 GB of zeroes in a disk of 1 MiB. */
static void
test_bomb (void)
{
  sh ("rm -rf bomb && cp -r in bomb && rm bomb/full.mf && "
      "head -c 1000000000 /dev/zero | gzip > bomb/disk2.vmdk.gz && "
      "tar -C bomb -cf b.ova . && rm -rf scratch/*");
  fails ("b.ova", REASON_UNTRUSTED_IMAGE, "unpacks to more than");
  sh ("test -z \"$(find scratch -type f -size +1000k)\"");
}

/* Images that would make qemu open other files. */
static void
test_images (void)
{
  sh ("rm -rf i && cp -r in i && rm i/full.mf && "
      "qemu-img create -q -f qcow2 -b /etc/passwd -F raw 'i/x' 1M && "
      "mv i/x 'i/disk 1.vmdk'");
  fails ("i", REASON_UNTRUSTED_IMAGE, "names another file");
  sh ("qemu-img create -q -f qcow2 -o data_file=i/y 'i/x' 1M && "
      "mv i/x 'i/disk 1.vmdk'");
  fails ("i", REASON_UNTRUSTED_IMAGE, "names another file");
  sh ("rm i/d*1*; qemu-img create -q -f vmdk -o subformat=monolithicFlat "
      "'i/disk 1.vmdk' 1M");
  fails ("i", REASON_UNTRUSTED_IMAGE, "is a VMDK descriptor");
  sh ("qemu-img create -q -f vmdk 'i/p.vmdk' 1M && qemu-img create -q "
      "-f vmdk -b p.vmdk -F vmdk 'i/disk 1.vmdk'");
  fails ("i", REASON_SNAPSHOT, "belongs to a snapshot");
  sh ("cp i/p.vmdk 'i/disk 1.vmdk' && printf '\\0\\0\\0\\0\\0\\0\\0\\0' | "
      "dd of='i/disk 1.vmdk' bs=1 seek=12 conv=notrunc 2>/dev/null");
  fails ("i", REASON_UNTRUSTED_IMAGE, "does not give a capacity");
  sh ("cp disk2 'i/disk 1.vmdk' && truncate -s 10M 'i/disk 1.vmdk'");
  guest_free (works ("", "i"));
  has_said ("is not a VMDK, although the OVF says so");
}

int
main (void)
{
  ova_files_begin ();
  test_not_an_ova ();
  test_hostile ();
  test_bomb ();
  test_images ();
  ova_files_end ();
  return 0;
}
