#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -it vddk with XML that was saved earlier: the VM comes from there, the
# server and the user from options.
. ./functions.sh

use_vddk
mkdir "$tmpdir/out"
cat >"$tmpdir/guest.xml" <<'END'
<domain type='vmware'
        xmlns:vmware='http://libvirt.org/schemas/domain/vmware/1.0'>
  <name>guest</name>
  <memory unit='MiB'>256</memory>
  <os><type>hvm</type></os>
  <vmware:moref>vm-42</vmware:moref>
  <devices>
    <disk type='file' device='disk'>
      <source file='[ds] vm/vm.vmdk'/>
      <target dev='sda' bus='scsi'/>
    </disk>
  </devices>
</domain>
END
run_expecting 0 v2v-nbdkit-launch -i libvirtxml "$tmpdir/guest.xml" \
    -it vddk -ip "$tmpdir/password" -io vddk-server=esx.example.com \
    -io vddk-user=root -io vddk-thumbprint=12:34:56 -o disk \
    -os "$tmpdir/out"
expect_same "$tmpdir/vmware/ds/vm/vm.vmdk" "$tmpdir/out/guest-sda"
expect_nothing_left
