#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# nbdkit, qemu-img and qemu-nbd open what the run gives them, and nothing else;
# with --confine off they open whatever the user may.
. ./functions.sh

requires_landlock 4
make_disk "$tmpdir/src" 8M
change='qemu-io -c "write -P 7 1M 64k" "$V2V_OVERLAY_0"'

look_around nbdkit qemu-img qemu-nbd
for format in raw qcow2; do
    look_expecting 0 v2v-nbdkit-launch -v "$tmpdir/src" -os "$tmpdir" \
        -on $format -of $format --verify --convert "$change"
    expect_stderr 'nbdkit and qemu are confined by Landlock, ABI [0-9]'
    expect_looks no nbdkit qemu-img qemu-nbd
    expect_not test -e "$tmpdir/elsewhere/made-by-nbdkit"
done

look_expecting 0 v2v-nbdkit-launch -v "$tmpdir/src" -os "$tmpdir" \
    -of qcow2 -on off --convert "$change" --confine off
expect_stderr 'nbdkit and qemu are not confined: --confine off'
expect test -e "$tmpdir/elsewhere/made-by-nbdkit"
# The program, and its own first start, have taken away what they remove.
sed -i '/ removes .*No such file/d' "$tmpdir/looks"
expect_looks yes nbdkit qemu-img qemu-nbd
expect_same_image qcow2 "$tmpdir/off-sda" raw "$tmpdir/raw-sda"
expect_nothing_left
