#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -o nbd: an export that cannot be written is refused.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
truncate -s 4M "$tmpdir/target"
start_qemu_nbd target --read-only --format=raw "$tmpdir/target"
run_expecting 1:write:false v2v-nbdkit-launch -o nbd -oo uri="$qemu_nbd_uri" \
    --convert "touch '$tmpdir/converted'" "$tmpdir/disk"
expect_error 'is read-only'
expect test ! -e "$tmpdir/converted"
expect_untouched
expect_nothing_left
