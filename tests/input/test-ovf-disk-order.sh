#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The disks of a VirtualBox OVA come in the order in which its BIOS finds them:
# IDE by channel and address, then SATA by port, whatever the order of the
# items.
. ./functions.sh

requires_program qemu-img
mkdir "$tmpdir/p" "$tmpdir/o"
for i in 1 2 3 4 5; do
    make_disk "$tmpdir/disk$i" ${i}M
    qemu-img convert -O vmdk -o subformat=streamOptimized "$tmpdir/disk$i" \
        "$tmpdir/p/vm-disk00$i.vmdk"
done
cp "$abs_srcdir/data/ovf/virtualbox.ovf" "$tmpdir/p/vm.ovf"
echo 'a CD' >"$tmpdir/p/vm-disk006.iso"
(cd "$tmpdir/p" && tar -cf ../vm.ova vm.ovf ./*.vmdk ./*.iso)

for package in p vm.ova; do
    run_expecting 0 v2v-nbdkit-launch -i ova "$tmpdir/$package" \
        -os "$tmpdir/o"
    expect_stderr 'cdrom1.* will be empty: ./disk/iso6., which is in it'
    letters=abcde
    for i in 5 4 2 3 1; do
        expect_same "$tmpdir/disk$i" "$tmpdir/o/vm-sd${letters::1}"
        letters=${letters:1}
    done
    rm "$tmpdir"/o/*
done
expect_nothing_left
