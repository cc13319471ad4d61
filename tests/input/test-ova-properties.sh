#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Capacities that are chosen on deployment: an empty disk gets the default, a
# disk with a file has the file's size.
. ./functions.sh

make_ovf "$tmpdir/ovf"
mkdir "$tmpdir/out"
rm "$tmpdir/ovf/vm.mf"
mv "$tmpdir/disk1" "$tmpdir/ovf/disk 1.vmdk" # raw
ln "$tmpdir/ovf/disk 1.vmdk" "$tmpdir/disk1"
properties='<ProductSection ovf:class="com.example"><Info>i</Info><Property ovf:key="data" ovf:type="uint32" ovf:value="7"/><Property ovf:key="system" ovf:type="uint32" ovf:value="100"/></ProductSection>'
sed -i -e '/diskId="vmdisk1"/s/capacity="5"/capacity="${com.example.system}"/' \
    -e '/diskId="vmdisk2"/s/ovf:fileRef="file2"//' \
    -e '/diskId="vmdisk2"/s/capacity="3"/capacity="${com.example.data}"/' \
    -e "s|</VirtualSystem>|$properties&|" "$tmpdir/ovf/vm.ovf"

run_expecting 0 v2v-nbdkit-launch -i ova "$tmpdir/ovf" -o disk \
    -os "$tmpdir/out"
expect_stderr "warning: .*empty disk 'vmdisk2' .* using the default, 7340032 bytes"
expect_stderr "warning: .*using the file's size"
expect_same "$tmpdir/disk1" "$tmpdir/out/mail server-sda"
truncate -s 7M "$tmpdir/zeroes"
expect_same "$tmpdir/zeroes" "$tmpdir/out/mail server-sdb"

sed -i 's/ovf:value="7"//' "$tmpdir/ovf/vm.ovf"
run_expecting 4:unsupported:false v2v-nbdkit-launch -i ova "$tmpdir/ovf" \
    -o null
expect_error 'the property \$\{com.example.data\}, which has no default value'
expect_hint 'write the capacity into the .ovf'
expect_nothing_left
