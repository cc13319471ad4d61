#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A whole guest of two disks boots from the copy of an OVA with VMDKs of the
# kind that exports have, and finds both.
export V2V_TEST_TIMEOUT=${V2V_TEST_TIMEOUT-3600}
. ./functions.sh
. "$abs_srcdir/guest/guest.sh"
. "$abs_srcdir/guest/two-disks.sh"

mkdir "$tmpdir/ova" "$tmpdir/out"
# PVSCSI: Linux 6.1 finds no disk on the SAS controller of QEMU 7.2.
sed s,lsilogic,VirtualSCSI, "$abs_srcdir/data/ovf/two-disks.ovf" \
    >"$tmpdir/ova/vm.ovf"
n=0
for disk in root data; do
    n=$((n + 1))
    qemu-img convert -f raw -O vmdk -o subformat=streamOptimized \
        "$tmpdir/$disk" "$tmpdir/ova/disk $n.vmdk"
    sed -i -e "s/SIZE$n/$(stat -c %s "$tmpdir/ova/disk $n.vmdk")/" \
        -e "/vmdisk$n\" ovf:file/s/capacity=\"[0-9]*\"/capacity=\"$((
            $(stat -c %s "$tmpdir/$disk") >> 20))\"/" "$tmpdir/ova/vm.ovf"
done
tar -C "$tmpdir/ova" -cf "$tmpdir/vm.ova" vm.ovf 'disk 1.vmdk' 'disk 2.vmdk'
rm -r "$tmpdir/ova"
run_expecting 0 v2v-nbdkit-launch -i ova "$tmpdir/vm.ova" \
    -o disk -os "$tmpdir/out" -on guest
for disk in a:root b:data; do
    expect_same "$tmpdir/${disk#*:}" "$tmpdir/out/guest-sd${disk%:*}"
done
expect_nothing_left
boots_from "$tmpdir/out/guest.xml"
