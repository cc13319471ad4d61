#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The disk of a fixed VHD fits on a device of exactly its size.
. ./functions.sh

requires_root
requires_program qemu-img
disk=$tmpdir/disk
make_disk "$disk" 5M
qemu-img convert -f raw -O vpc -o subformat=fixed,force_size=on "$disk" \
    "$tmpdir/disk.vhd"
truncate -s 5M "$tmpdir/device"
make_loop "$tmpdir/device"
run_expecting 0 v2v-nbdkit-launch "$tmpdir/disk.vhd" -o device \
    -oo path="$loop_device"
cmp "$disk" "$loop_device"
