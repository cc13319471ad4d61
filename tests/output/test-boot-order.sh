#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# NAME.xml boots what the guest boots, whether the source is domain XML or a
# .vmx file.
. ./functions.sh

requires_program python3
requires_plugin file
make_disk "$tmpdir/a" 1M
make_disk "$tmpdir/b" 1M
mkdir "$tmpdir/out"

# boots NAME EXPECTED...: which devices NAME.xml boots, and in which order.
boots ()
{
    local name=$1 file=$tmpdir/out/$1.xml

    shift
    python3 - "$file" >"$tmpdir/boots" <<'END'
import sys
import xml.etree.ElementTree as ET

root = ET.parse(sys.argv[1])
places = {}
for device in root.find("devices"):
    boot = device.find("boot")
    if boot is not None:
        target = device.find("target")
        places[int(boot.get("order"))] = (
            device.tag if target is None else target.get("dev"))
kinds = [e.get("dev") for e in root.findall("os/boot")]
print(*kinds, *[places[n] for n in sorted(places)])
END
    expect grep -Fxq -- "$*" "$tmpdir/boots"
}

# domain NAME OS A B [CDROM NIC]: a guest whose disks have A and B inside.
domain ()
{
    cat >"$tmpdir/source.xml" <<END
<domain type='kvm'>
  <name>$1</name>
  <memory unit='MiB'>64</memory>
  <os><type arch='x86_64' machine='q35'>hvm</type>$2</os>
  <devices>
    <disk type='file' device='cdrom'>
      <target dev='sda' bus='sata'/>${5-}
    </disk>
    <disk type='file'>
      <driver type='raw'/><source file='$tmpdir/a'/>$3
    </disk>
    <disk type='file'>
      <driver type='raw'/><source file='$tmpdir/b'/>$4
    </disk>
    <interface type='network'>
      <source network='default'/>${6-}
    </interface>
  </devices>
</domain>
END
    run_expecting 0 v2v-nbdkit-launch -i libvirtxml "$tmpdir/source.xml" \
        -o disk -os "$tmpdir/out"
}

a="<target dev='vda' bus='virtio'/>"
b="<target dev='vdb' bus='virtio'/>"

domain usual '' "$a" "$b"
boots usual hd
domain second '' "$a" "$b<boot order='1'/>"
boots second vdb
# The disks keep their order: what the source calls vda comes second here.
domain swapped "<boot dev='hd'/>" "$b" "$a"
boots swapped vdb
expect_same "$tmpdir/b" "$tmpdir/out/swapped-sdb"
domain network "<boot dev='network'/><boot dev='hd'/>" "$a" "$b"
boots network interface vda
domain all '' "$a<boot order='9'/>" "$b<boot order='3'/>" \
    "<boot order='1'/>" "<boot order='5'/>"
boots all sda vdb interface vda
run_expecting 0 v2v-nbdkit-launch -i libvirtxml "$tmpdir/source.xml" \
    --print-source
expect_stdout '/b \(raw\) \[virtio\] boot order: 2'
expect_stdout 'CD-ROM \[sata\] in slot 0 boot order: 1'

make_vmx "$tmpdir/vm"
add_vmx_disk "$tmpdir/vm" sata0:1 "disk 2.vmdk"
cat >>"$tmpdir/vm/vm.vmx" <<END
bios.bootOrder = "ethernet0,hdd"
bios.hddOrder = "sata0:1,scsi0:0"
END
run_expecting 0 v2v-nbdkit-launch -i vmx "$tmpdir/vm/vm.vmx" -o disk \
    -os "$tmpdir/out" -on vmx
boots vmx interface sdb sda
expect_nothing_left
