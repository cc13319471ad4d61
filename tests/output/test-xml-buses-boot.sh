#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest of VMware's that is not converted boots from what its disks are
# attached to in NAME.xml, whatever that was in the source, and finds all of
# them in their order.
. ./functions.sh
. "$abs_srcdir/boot-sector.sh"

requires_program qemu-system-x86_64 python3
requires_plugin file
mkdir "$tmpdir/out"
printf 'disk 1\ndisk 2\n' >"$tmpdir/expected"

# boots MODEL UNIT1 UNIT2 [OPTION...]
boots ()
{
    local model=$1 vm=$tmpdir/vm

    rm -rf "$vm"
    make_vmx "$vm"
    sed -i -e "s/scsi0:0/$2/; /^${2%:*}.present/d" \
        -e "s/^scsi0.virtualDev.*/scsi0.virtualDev = \"$model\"/" \
        "$vm/vm.vmx"
    add_vmx_disk "$vm" "$3" 'disk 2.vmdk'
    make_bootable "$vm/disk 1-flat.vmdk" "$vm/disk 2-flat.vmdk"
    run_expecting 0 v2v-nbdkit-launch -i vmx "$vm/vm.vmx" -o disk \
        -os "$tmpdir/out" -on guest "${@:4}"
    rm -f "$tmpdir/serial"
    timeout 100 python3 "$abs_srcdir/boot.py" "$tmpdir/out/guest.xml" \
        "$tmpdir/serial" </dev/null
    expect_same "$tmpdir/expected" "$tmpdir/serial"
}

for model in pvscsi lsisas1068 lsilogic buslogic; do
    boots $model scsi0:0 scsi0:1
done
boots pvscsi sata0:0 sata0:1
boots pvscsi nvme0:0 nvme0:1
boots pvscsi ide0:0 ide1:1
expect grep -q 'machine="pc"' "$tmpdir/out/guest.xml"
boots pvscsi scsi0:0 sata0:0
boots pvscsi scsi0:0 ide0:0
for bus in ide sata scsi usb virtio virtio-scsi; do
    boots pvscsi scsi0:0 scsi0:1 -oo bus=$bus
done
expect_nothing_left
