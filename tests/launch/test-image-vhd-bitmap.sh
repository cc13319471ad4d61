#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sectors of a dynamic VHD that were never written, as its bitmaps say: with
# old data there, which qemu would read, it is refused, here and over http.
# Where there are zeroes nothing is wrong.
. ./functions.sh

requires_program qemu-img
requires_program qemu-io
mkdir "$tmpdir/www" "$tmpdir/out"
cd "$tmpdir/www"
# The last block is only half in the disk.
qemu-img create -q -f vpc -o force_size=on disk.vhd 7M
qemu-io -f vpc -c 'write -P 65 0 2k' -c 'write -P 66 6M 2k' disk.vhd
cp disk.vhd old.vhd
cp disk.vhd last.vhd
cp disk.vhd whole.vhd
start_nginx

# Zeroes behind the first four sectors of each block.
"$abs_srcdir/edit-vhd" disk.vhd bitmap=4
run_expecting 0 v2v-nbdkit-launch "$http_url/disk.vhd" -os "$tmpdir/out"
expect_same_image vpc whole.vhd raw "$tmpdir/out/disk-sda"
expect_not grep -q 'never written' "$err"

qemu-io -f vpc -c 'write -P 67 1M 512' old.vhd
"$abs_srcdir/edit-vhd" old.vhd bitmap=4
qemu-io -f vpc -c "write -P 67 $((7 * 1048576 - 512)) 512" last.vhd
"$abs_srcdir/edit-vhd" last.vhd bitmap=4
for image in "$PWD/old.vhd" "$PWD/last.vhd" "$http_url/old.vhd"; do
    run_expecting 4:unsupported:false v2v-nbdkit-launch "$image" -o null
    expect_error 'stale data in sectors that were never written'
    expect_hint 'vhdimount'
done

# Over http a few blocks are looked at; if they leave out something, a larger
# image is not known to be right.
qemu-img create -q -f vpc -o force_size=on many.vhd 64M
qemu-io -f vpc -c 'write -P 65 0 64M' many.vhd
run_expecting 0 v2v-nbdkit-launch "$http_url/many.vhd" -o null
expect_not grep -q 'never written' "$err"
qemu-io -f vpc -c 'write -z 0 64M' many.vhd
"$abs_srcdir/edit-vhd" many.vhd bitmap=2048
run_expecting 0 v2v-nbdkit-launch "$http_url/many.vhd" -o null
expect_stderr 'warning: .*never written .not all were checked'
run_expecting 0 v2v-nbdkit-launch "$PWD/many.vhd" -o null
expect_not grep -q 'never written' "$err"
expect_nothing_left
