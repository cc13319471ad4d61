#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A conversion that makes the disk of a fixed VHD larger: there are zeroes
# behind its old end, not the footer.
. ./functions.sh

requires_program qemu-img
disk=$tmpdir/disk
make_disk "$disk" 5M
mkdir "$tmpdir/out"
qemu-img convert -f raw -O vpc -o subformat=fixed,force_size=on "$disk" \
    "$tmpdir/disk.vhd"
run_expecting 0 v2v-nbdkit-launch "$tmpdir/disk.vhd" -os "$tmpdir/out" \
    --convert 'qemu-img resize -q -f qcow2 "$V2V_OVERLAY_0" 6M'
truncate -s 6M "$disk"
expect_same "$disk" "$tmpdir/out/disk-sda"
