#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Block devices as source and target, also under other names: the programs open
# these devices and no other.
. ./functions.sh

requires_landlock 4
make_disk "$tmpdir/src" 8M
truncate -s 16M "$tmpdir/dst"
make_loop "$tmpdir/src"
source_device=$loop_device
make_loop "$tmpdir/dst"
ln -s "$loop_device" "$tmpdir/a name"
ln -s "$source_device" "$tmpdir/source"
look_around nbdkit qemu-img qemu-nbd

look_expecting 0 v2v-nbdkit-launch "$tmpdir/source" -o device \
    -oo path="$tmpdir/a name" --convert \
    'qemu-io -c "write -P 7 1M 64k" "$V2V_OVERLAY_0"' --verify
expect_looks no nbdkit qemu-img qemu-nbd
cp "$tmpdir/src" "$tmpdir/changed"
qemu-io -f raw -c 'write -P 7 1M 64k' "$tmpdir/changed" >/dev/null
expect cmp -n $((8 << 20)) "$tmpdir/changed" "$loop_device"

look_expecting 0 v2v-nbdkit-launch --in-place "$tmpdir/source" \
    --convert 'qemu-io -c "write -P 7 1M 64k" "$V2V_OVERLAY_0"'
expect_looks no nbdkit qemu-nbd
expect cmp "$tmpdir/src" "$tmpdir/changed"

look_expecting 0 v2v-nbdkit-launch "$tmpdir/source" -o device \
    -oo path="$tmpdir/a name" -of qcow2 --verify
expect_looks no nbdkit qemu-img qemu-nbd
expect_same_image raw "$tmpdir/src" qcow2 "$loop_device"
expect_nothing_left
