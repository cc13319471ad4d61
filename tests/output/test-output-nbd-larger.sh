#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -o nbd: a larger target keeps what is beyond the end of the disk.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
truncate -s 5M "$tmpdir/target"
write_random "$tmpdir/target" 4194304 1048576
tail -c 1M "$tmpdir/target" >"$tmpdir/rest"
start_qemu_nbd target --format=raw "$tmpdir/target"
run_expecting 0 v2v-nbdkit-launch -o nbd -oo uri="$qemu_nbd_uri" \
    "$tmpdir/disk"
head -c 4M "$tmpdir/target" >"$tmpdir/got"
expect_same "$tmpdir/disk" "$tmpdir/got"
tail -c 1M "$tmpdir/target" >"$tmpdir/got"
expect_same "$tmpdir/rest" "$tmpdir/got"
expect_untouched
expect_nothing_left
