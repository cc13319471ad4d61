#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -oa preallocated: all of the target's blocks are allocated.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
for format in raw qcow2; do
    run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -of $format \
        -oa preallocated -on guest "$tmpdir/disk"
    expect_same_image raw "$tmpdir/disk" $format "$tmpdir/out/guest-sda"
    expect test "$(du -k "$tmpdir/out/guest-sda" | cut -f1)" -ge 4096
done
expect_untouched
expect_nothing_left
