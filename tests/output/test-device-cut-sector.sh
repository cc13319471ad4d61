#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A loop device with sectors of 4096 bytes over a file that is no multiple of
# that tells its full size, but its last sector can be neither read nor
# written: said at once, by --check too, as a source and as a target that needs
# the sector.
. ./functions.sh

requires_plugin file
size=$((4194304 + 1024))
truncate -s $size "$tmpdir/file" "$tmpdir/disk"
write_random "$tmpdir/disk" 0 $size
make_loop "$tmpdir/file"
losetup --detach "$loop_device"
requires losetup --sector-size 4096 "$loop_device" "$tmpdir/file"
[ "$(blockdev --getsize64 "$loop_device")" = $size ] ||
    skip "this kernel rounds the size down"
for check in --check ''; do
    # shellcheck disable=SC2086
    run_expecting 4:unsupported:false v2v-nbdkit-launch -if raw -o null \
        $check "$loop_device"
    expect_error 'ends within a sector: .*4096 bytes, the last 1024'
    # shellcheck disable=SC2086
    run_expecting 1:write:false v2v-nbdkit-launch -if raw -o device \
        -oo path="$loop_device" $check "$tmpdir/disk"
    expect_error 'ends within a sector'
done
expect_hint 'sector-size 512'
# The rest of it is a device like others.
truncate -s 4194304 "$tmpdir/disk"
run_expecting 0 v2v-nbdkit-launch -if raw -o device -oo path="$loop_device" \
    "$tmpdir/disk"
expect cmp -n 4194304 "$tmpdir/disk" "$tmpdir/file"
expect_nothing_left
