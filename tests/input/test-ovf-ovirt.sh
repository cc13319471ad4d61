#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An OVA of oVirt, with the second disk to boot from: firmware, TPM, MAC and
# boot disk reach the XML, buses and models what --print-source prints.
. ./functions.sh

requires_program qemu-img python3
mkdir "$tmpdir/p" "$tmpdir/o"
cp "$abs_srcdir/data/ovf/ovirt.ovf" "$tmpdir/p/vm.ovf"
for i in 1 2; do
    make_disk "$tmpdir/disk$i" 4M
    truncate -s 1G "$tmpdir/disk$i"
    qemu-img convert -O qcow2 "$tmpdir/disk$i" \
        "$tmpdir/p/11111111-0000-4000-8000-00000000000$i"
done
(cd "$tmpdir/p" && tar --format=ustar -cf ../vm.ova vm.ovf 1*)

run_expecting 0 v2v-nbdkit-launch -i ova "$tmpdir/vm.ova" --print-source
expect_stdout 'firmware: uefi with secure boot'
expect_stdout 'TPM: yes'
expect_stdout '\[scsi\]'
expect_stdout '\[sata\]'
expect_stdout '56:6f:00:00:00:01 \[virtio\]'
expect_stdout '56:6f:00:00:00:02 \[e1000e\]'
expect_stdout 'type: kvm'
expect_no_stderr warning

run_expecting 0 v2v-nbdkit-launch -i ova "$tmpdir/vm.ova" -os "$tmpdir/o"
expect_same "$tmpdir/disk1" "$tmpdir/o/web1-sda"
expect_same "$tmpdir/disk2" "$tmpdir/o/web1-sdb"
expect python3 - "$tmpdir/o/web1.xml" <<'END'
import sys, xml.etree.ElementTree as tree
domain = tree.parse(sys.argv[1])
disks = domain.findall("devices/disk[@device='disk']")
assert disks[0].find('boot') is None
assert disks[1].find('boot').get('order') == '1'
assert domain.find('os').get('firmware') == 'efi'
assert domain.find('devices/tpm') is not None
assert [mac.get('address') for mac in
        domain.findall('devices/interface/mac')] == [
            '56:6f:00:00:00:0%d' % number for number in (1, 2, 3)]
END
expect_nothing_left
