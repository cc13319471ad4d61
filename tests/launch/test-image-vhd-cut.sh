#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Dynamic VHDs and VHDXs that are cut off anywhere are refused; without what
# follows the last block they are whole.
. ./functions.sh

requires_program qemu-img
cd "$tmpdir"
make_disk disk 9M
qemu-img convert -f raw -O vpc -o force_size=on disk disk.vhd
qemu-img convert -f raw -O vhdx -o block_size=1M disk disk.vhdx
mkdir out
for image in disk.vhd disk.vhdx; do
    end=$(stat -c %s $image)
    [ $image = disk.vhdx ] || end=$((end - 512))
    for size in 600 1500 70000 400000 2000000 $((end / 2)) $((end - 1)); do
        head -c $size $image >"cut-$image"
        run_expecting 4:unsupported:false v2v-nbdkit-launch \
            "$tmpdir/cut-$image" -o null
        expect_error 'is incomplete'
    done
    expect_error 'at least 1 bytes are missing'
    head -c "$end" $image >"cut-$image"
    run_expecting 0 v2v-nbdkit-launch "$tmpdir/cut-$image" -os out -on copy
    expect_same disk out/copy-sda
    rm -r out
    mkdir out
done
expect_nothing_left
