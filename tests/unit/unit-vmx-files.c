/* SPDX-License-Identifier: GPL-2.0-or-later */

/* -i vmx with the files of its disks, as far as they can be looked at. */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "guest/guest.h"
#include "ova-files.h"

static void
test_vmx_local (void)
{
  struct guest *guest;

  sh ("rm -rf v && mkdir v && printf 'displayName = \"v\"\\n"
      "scsi0:0.fileName = \"flat disk.vmdk\"\\n"
      "scsi0:1.fileName = \"sparse.vmdk\"\\n"
      "scsi0:2.fileName = \"gone.vmdk\"\\n' > v/v.vmx && "
      "qemu-img create -q -f vmdk -o subformat=monolithicFlat "
      "'v/flat disk.vmdk' 1M && qemu-img create -q -f vmdk v/sparse.vmdk "
      "1M");
  guest = read_source (&input_vmx, in_top ("", "v/v.vmx"), false);
  assert (guest != NULL && guest->disks.len == 3);
  assert (strstr (guest->disks.ptr[0].location.path, "flat disk-flat.vmdk"));
  assert (strcmp (guest->disks.ptr[0].format, "raw") == 0);
  assert (guest->disks.ptr[0].location.part.length == 1 << 20);
  assert (strcmp (guest->disks.ptr[1].format, "vmdk") == 0);
  assert (strcmp (guest->disks.ptr[2].format, "vmdk") == 0);
  guest_free (guest);

  /* What is to be read has to be there. */
  sh ("sed -i /gone/d v/v.vmx && rm v/*disk* && "
      "qemu-img create -q -f vmdk -o "
      "subformat=twoGbMaxExtentSparse 'v/flat disk.vmdk' 3G");
  guest = read_source (&input_vmx, in_top ("", "v/v.vmx"), true);
  assert (guest != NULL);
  assert (guest->disks.ptr[0].location.kind == LOCATION_VMDK);
  assert (guest->disks.ptr[0].location.files.len == 2);
  guest_free (guest);
  sh ("rm v/*disk* && qemu-img create -q -f vmdk -b sparse.vmdk -F vmdk "
      "'v/flat disk.vmdk'");
  fails_as (&input_vmx, in_top ("", "v/v.vmx"), REASON_SNAPSHOT,
            "belongs to a snapshot");
  sh ("echo text > 'v/flat disk.vmdk'");
  fails_as (&input_vmx, in_top ("", "v/v.vmx"), REASON_UNSUPPORTED,
            "is not a VMDK");
}

static void
test_vmx_ssh (void)
{
  struct guest *guest;

  sh ("rm -rf v && mkdir 'v' && printf 'scsi0:0.fileName = \"a b.vmdk\"\\n"
      "scsi0:1.fileName = \"/vmfs/volumes/ds/x/y.vmdk\"\\n' "
      "> 'v/my vm.vmx'");
  guest = read_source (&input_vmx, in_top ("ssh://root@host:2222",
                                           "v/my%20vm.vmx"), true);
  assert (guest != NULL && guest->disks.len == 2);
  assert (strcmp (guest->name, "my vm") == 0);
  assert (guest->disks.ptr[0].location.kind == LOCATION_SSH);
  assert (strcmp (guest->disks.ptr[0].location.host, "host") == 0);
  assert (strcmp (guest->disks.ptr[0].location.user, "root") == 0);
  assert (guest->disks.ptr[0].location.port == 2222);
  assert (strstr (guest->disks.ptr[0].location.path, "/v/a b-flat.vmdk"));
  assert (strcmp (guest->disks.ptr[1].location.path,
                  "/vmfs/volumes/ds/x/y-flat.vmdk") == 0);
  assert (strcmp (guest->disks.ptr[0].format, "raw") == 0);
  guest_free (guest);

  sh ("sed -i 's/a b.vmdk/a b-000001.vmdk/' 'v/my vm.vmx'");
  fails_as (&input_vmx, in_top ("ssh://host", "v/my%20vm.vmx"),
            REASON_SNAPSHOT, "a b-000001.vmdk");
  sh ("touch 'v/a b-000001-flat.vmdk'");
  guest = read_source (&input_vmx, in_top ("ssh://host", "v/my%20vm.vmx"),
                       true);
  assert (guest != NULL);
  guest_free (guest);
}

int
main (void)
{
  ova_files_begin ();
  test_vmx_local ();
  test_vmx_ssh ();
  ova_files_end ();
  return 0;
}
