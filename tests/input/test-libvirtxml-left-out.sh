#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -i libvirtxml: what the source host passes through or shares is named.
. ./functions.sh

make_disk "$tmpdir/disk" 1M
cat >"$tmpdir/guest.xml" <<END
<domain type='kvm'>
  <name>guest</name>
  <memory unit='MiB'>256</memory>
  <os><type>hvm</type></os>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='raw'/>
      <source file='$tmpdir/disk'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <filesystem type='mount'>
      <source dir='/srv/data'/><target dir='data'/>
    </filesystem>
    <hostdev mode='subsystem' type='pci' managed='yes'>
      <source><address domain='0' bus='4' slot='0' function='0'/></source>
    </hostdev>
    <memory model='dimm'>
      <target><size unit='MiB'>128</size><node>0</node></target>
    </memory>
    <memory model='nvdimm'>
      <source><path>/srv/nvdimm</path></source>
      <target><size unit='MiB'>128</size><node>0</node></target>
    </memory>
    <redirdev bus='usb' type='spicevmc'/>
  </devices>
</domain>
END
run_expecting 0 v2v-nbdkit-launch -i libvirtxml "$tmpdir/guest.xml" -o null
for device in '<filesystem> \(mount\)' '<hostdev> \(pci\)' \
    '<memory> \(nvdimm\)'; do
    expect_stderr "warning: guest: the device $device is left out"
done
[ "$(grep -c 'is left out' "$err")" = 3 ] || fail "more is named"
