#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A local vhdx disk arrives whole, and the source is untouched.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/raw" 8M
qemu-img convert -f raw -O vhdx "$tmpdir/raw" "$tmpdir/disk.vhdx"
remember "$tmpdir/disk.vhdx"
mkdir "$tmpdir/out"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    "$tmpdir/disk.vhdx"
expect_same_image vhdx "$tmpdir/disk.vhdx" raw "$tmpdir/out/guest-sda"
expect_untouched
expect_nothing_left
