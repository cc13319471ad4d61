#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A disk whose file the OVF cuts into chunks arrives whole, of a directory and
# of a tar file.
. ./functions.sh

requires_plugin split
make_ovf "$tmpdir/ovf"
cd "$tmpdir/ovf"
rm vm.mf
sed -i 's/ovf:href="disk 1.vmdk"/& ovf:chunkSize="65536"/' vm.ovf
expect grep -q chunkSize vm.ovf
split -a 9 -d -b 65536 'disk 1.vmdk' 'disk 1.vmdk.'
rm 'disk 1.vmdk'
expect test -f 'disk 1.vmdk.000000001'
mkdir "$tmpdir/out"
run_expecting 0 v2v-nbdkit-launch -i ova . -o disk -os "$tmpdir/out"
expect_same "$tmpdir/disk1" "$tmpdir/out/mail server-sda"
expect_same "$tmpdir/disk2" "$tmpdir/out/mail server-sdb"

tar -cf "$tmpdir/vm.ova" -- *
run_expecting 0 v2v-nbdkit-launch -i ova "$tmpdir/vm.ova" -o disk \
    -os "$tmpdir/out" -on tar
expect_stderr 'Unpacking .*vm.ova'
expect_same "$tmpdir/disk1" "$tmpdir/out/tar-sda"
run_expecting 0 v2v-nbdkit-launch -i ova "$tmpdir/vm.ova" --print-source

# The last chunks: only the size that the OVF gives tells.
cp -r . "$tmpdir/short"
cd "$tmpdir/short"
size=$(cat 'disk 1.vmdk.'* | wc -c)
expect grep -q "ovf:size=.$size" vm.ovf
rm "$(ls 'disk 1.vmdk.'* | tail -n 1)"
run_expecting 4:not-found:false v2v-nbdkit-launch -i ova . -o null
expect_error "chunks of 'disk 1.vmdk' have [0-9]+ bytes, not $size"
cd "$tmpdir/ovf"

rm -- *000
run_expecting 4:not-found:false v2v-nbdkit-launch -i ova . -o null
expect_error 'chunk number 0 of the .* is missing'
expect_nothing_left
