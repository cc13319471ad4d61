#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Blocks that are discarded need not read as zeroes: a device is discarded with
# -oo zero=discard only.
. ./functions.sh
. "$abs_srcdir/storage.sh"

requires_plugin file
make_disk "$tmpdir/disk" 4M
for zero in auto write skip discard; do
    truncate -s 4M "$tmpdir/target-$zero"
    [ $zero = skip ] || write_random "$tmpdir/target-$zero" 0 4194304
    make_loop "$tmpdir/target-$zero"
    recorded 0 -o device -oo path="$loop_device" -oo zero=$zero "$tmpdir/disk"
    expect_same "$tmpdir/disk" "$loop_device"
    case $zero in
        discard) expect grep -q " ioctl 0 $loop_device BLKDISCARD" "$calls" ;;
        *) expect_not grep -q DISCARD "$calls" ;;
    esac
    case $zero in
        auto) expect grep -q " fallocate 0 $loop_device " "$calls" ;;
        *) expect_not grep -q " fallocate 0 $loop_device " "$calls" ;;
    esac
done
