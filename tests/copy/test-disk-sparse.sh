#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Holes stay holes, and zeroes become holes.
. ./functions.sh

requires_plugin file
truncate -s 1G "$tmpdir/disk"
write_random "$tmpdir/disk" 500000000 100000
write_zeroes "$tmpdir/disk" 100000000 20000000
mkdir "$tmpdir/out"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    "$tmpdir/disk"
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
expect test "$(du -k "$tmpdir/out/guest-sda" | cut -f1)" -lt 2000
