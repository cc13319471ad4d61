#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A local qcow2 disk arrives whole, and the source is untouched.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/raw" 8M
qemu-img convert -f raw -O qcow2 "$tmpdir/raw" "$tmpdir/disk.qcow2"
remember "$tmpdir/disk.qcow2"
mkdir "$tmpdir/out"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    "$tmpdir/disk.qcow2"
expect_same_image qcow2 "$tmpdir/disk.qcow2" raw "$tmpdir/out/guest-sda"
expect_untouched
expect_nothing_left
