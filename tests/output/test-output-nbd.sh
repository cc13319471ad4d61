#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -o nbd: the export gets every byte, zeroes too.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
truncate -s 4M "$tmpdir/target"
write_random "$tmpdir/target" 0 4194304
start_qemu_nbd target --format=raw "$tmpdir/target"
run_expecting 0 v2v-nbdkit-launch -o nbd -oo uri="$qemu_nbd_uri" \
    "$tmpdir/disk"
expect_same "$tmpdir/disk" "$tmpdir/target"
expect_untouched
expect_nothing_left
