#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An older target is replaced only when the new one is complete.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
requires_filter error
echo precious >"$tmpdir/out/guest-sda"
run_expecting 6:read:true v2v-nbdkit-launch --retries 0 -o disk \
    -os "$tmpdir/out" \
    -on guest --convert "touch '$tmpdir/broken'" -io filter=error \
    -i nbdkit file "$tmpdir/disk" error-pread-rate=100% \
    error-file="$tmpdir/broken"
expect test "$(cat "$tmpdir/out/guest-sda")" = precious
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    "$tmpdir/disk"
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
expect_untouched
expect_nothing_left
