#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Two disks go to two targets, in order, and each is compared with its own.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/a" 3M
make_disk "$tmpdir/b" 2M
mkdir "$tmpdir/out"
remember "$tmpdir/a" "$tmpdir/b"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest --verify \
    --convert 'test "$V2V_DISK_COUNT" = 2 && test -f "$V2V_OVERLAY_1"' \
    "$tmpdir/a" "$tmpdir/b"
expect_same "$tmpdir/a" "$tmpdir/out/guest-sda"
expect_same "$tmpdir/b" "$tmpdir/out/guest-sdb"
for disk in sda sdb; do
    expect test "$(grep -c "file=.$tmpdir/out/guest-$disk[\"']" \
        "$tmpdir/out/guest.xml")" = 1
done
expect_untouched
expect_nothing_left
