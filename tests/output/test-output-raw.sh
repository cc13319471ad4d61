#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A raw target is the same as the source, byte by byte.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    "$tmpdir/disk"
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
expect_untouched
expect_nothing_left
