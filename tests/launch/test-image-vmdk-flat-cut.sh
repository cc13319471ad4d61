#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A file of plain sectors that has lost its end is refused where the VMDK
# descriptor beside it says how long it is; alone it is a disk as it is.
. ./functions.sh

requires_plugin file
requires_program qemu-img
mkdir "$tmpdir/out"
cd "$tmpdir"
make_disk raw 3M
for type in monolithicFlat twoGbMaxExtentFlat; do
    qemu-img convert -f raw -O vmdk -o subformat=$type raw $type.vmdk
done
for file in monolithicFlat-flat twoGbMaxExtentFlat-f001; do
    run_expecting 0 v2v-nbdkit-launch $file.vmdk -os out -on g
    expect_same raw out/g-sda
    rm out/*
    truncate -s -1k $file.vmdk
    run_expecting 4:unsupported:false v2v-nbdkit-launch --check $file.vmdk
    expect_error "$file.vmdk is incomplete: 1024 bytes are missing"
    run_expecting 4:unsupported:false v2v-nbdkit-launch $file.vmdk -os out
    expect_error "$file.vmdk is incomplete: 1024 bytes are missing"
    expect test -z "$(ls -A out)"
done
# The user's word; a descriptor that says nothing of it; none.
run_expecting 0 v2v-nbdkit-launch -if raw monolithicFlat-flat.vmdk -o null
cp monolithicFlat-flat.vmdk other-flat.vmdk
run_expecting 0 v2v-nbdkit-launch other-flat.vmdk -o null
cp monolithicFlat.vmdk other.vmdk
run_expecting 0 v2v-nbdkit-launch other-flat.vmdk -o null
# Longer than it says.
truncate -s 4M monolithicFlat-flat.vmdk
run_expecting 0 v2v-nbdkit-launch monolithicFlat-flat.vmdk -o null
expect_nothing_left
