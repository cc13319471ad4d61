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
run_expecting 2:usage:false v2v-nbdkit-launch -o device \
    -oo path="$loop_device" "$tmpdir/disk" "$tmpdir/disk"
expect_error "needs one '-oo path=...' for each disk: the guest has 2, 1 were"
run_expecting 2:usage:false v2v-nbdkit-launch -o device \
    -oo path="$loop_device" -oo path="$tmpdir/target" "$tmpdir/disk"
expect_error 'the guest has 1, 2 were'
run_expecting 1:write:false v2v-nbdkit-launch -o device \
    -oo path="$tmpdir/none" "$tmpdir/disk"
expect_error 'cannot write to .*/none: No such file'
expect test ! -e "$tmpdir/none"
expect_untouched
expect_nothing_left
