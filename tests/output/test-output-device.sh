#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -o device: the device gets every byte, zeroes too.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
declare -A blocks
for zero in auto write discard; do
    truncate -s 4M "$tmpdir/target-$zero"
    write_random "$tmpdir/target-$zero" 0 4194304
    make_loop "$tmpdir/target-$zero"
    run_expecting 0 v2v-nbdkit-launch -o device -oo path="$loop_device" \
        -oo zero=$zero "$tmpdir/disk"
    cmp -n 4194304 "$tmpdir/disk" "$loop_device"
    expect_same "$tmpdir/disk" "$tmpdir/target-$zero"
    blocks[$zero]=$(stat -c %b "$tmpdir/target-$zero")
done
# Written zeroes take space, discarded ones give it back.
expect test "${blocks[write]}" -ge 8192
expect test "${blocks[discard]}" -lt 8192
expect_untouched
expect_nothing_left
