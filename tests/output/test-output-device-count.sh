#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -o device: as many paths as disks, and devices that exist.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
truncate -s 4M "$tmpdir/target"
make_loop "$tmpdir/target"
run_expecting 2 v2v-nbdkit-launch -o device -oo path="$loop_device" \
    "$tmpdir/disk" "$tmpdir/disk"
expect_error 'path'
run_expecting '1|2' v2v-nbdkit-launch -o device -oo path="$tmpdir/none" \
    "$tmpdir/disk"
expect_error 'none'
expect test ! -e "$tmpdir/none"
expect_untouched
expect_nothing_left
