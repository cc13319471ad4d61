#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A log begins with the versions, and says how long each part took.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
run_expecting 0 v2v-nbdkit-launch --log "$tmpdir/log" -o null "$tmpdir/disk"
expect grep -q 'v2v-nbdkit-launch [0-9.]*, libnbd [0-9.]*, Linux ' \
    "$tmpdir/log"
expect grep -q 'qemu-img version [0-9]' "$tmpdir/log"
expect grep -q 'nbdkit 1[.][0-9]*' "$tmpdir/log"
expect grep -q 'readahead: .*because' "$tmpdir/log"
expect grep -q 'the copy reads straight from the file, because' "$tmpdir/log"
for phase in prepare open overlay copy; do
    expect grep -Eq "$phase: done in [0-9.]+ s" "$tmpdir/log"
done
expect_not grep -q 'libnbd' "$out" "$err"
run_expecting 0 v2v-nbdkit-launch -v -o null "$tmpdir/disk"
expect_stderr 'libnbd [0-9.]*, Linux '
run_expecting 0 v2v-nbdkit-launch -v --verify -o disk -os "$tmpdir/tmp" \
    -on guest "$tmpdir/disk"
expect_stderr 'verify: done in [0-9.]+ s'
rm "$tmpdir"/tmp/guest*
