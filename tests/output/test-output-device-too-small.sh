#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -o device: one that is too small is refused before the first write.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
truncate -s 3M "$tmpdir/target"
write_random "$tmpdir/target" 0 3145728
cp "$tmpdir/target" "$tmpdir/before"
make_loop "$tmpdir/target"
run_expecting 8:space:false v2v-nbdkit-launch -o device \
    -oo path="$loop_device" \
    --convert "touch '$tmpdir/converted'" "$tmpdir/disk"
expect_error 'is too small: it has 3145728 bytes, the disk has 4194304'
expect_same "$tmpdir/before" "$tmpdir/target"
expect test ! -e "$tmpdir/converted"
expect_untouched
expect_nothing_left
