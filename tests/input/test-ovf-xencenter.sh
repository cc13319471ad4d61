#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# XenCenter's OVF: disks of type 19 (storage extent) are disks, in the order
# of their device numbers.
. ./functions.sh

requires_program qemu-img
mkdir "$tmpdir/x" "$tmpdir/o"
cp "$abs_srcdir/data/ovf/xencenter.ovf" "$tmpdir/x/files.ovf"
number=1
for name in aaaa bbbb cccc; do
    make_disk "$tmpdir/$name" ${number}M
    qemu-img convert -O vpc -o force_size "$tmpdir/$name" \
        "$tmpdir/x/$name.vhd"
    number=$((number + 1))
done

run_expecting 0 v2v-nbdkit-launch -i ova "$tmpdir/x" -os "$tmpdir/o"
expect_no_stderr 'warning: .*(left out|ignored)'
expect_same "$tmpdir/bbbb" "$tmpdir/o/files-sda"
expect_same "$tmpdir/cccc" "$tmpdir/o/files-sdb"
expect_same "$tmpdir/aaaa" "$tmpdir/o/files-sdc"

# A disk that no item refers to is not left out without a word.
sed -i 's|<Disk ovf:diskId="d1"|<Disk ovf:diskId="d4" ovf:fileRef="d3"/>&|' \
    "$tmpdir/x/files.ovf"
run_expecting 0 v2v-nbdkit-launch -i ova "$tmpdir/x" --print-source
expect_stderr "files.ovf: the disk 'd4' .file 'd3'. is left out"
expect_stdout 'firmware: uefi with secure boot'
expect_nothing_left
