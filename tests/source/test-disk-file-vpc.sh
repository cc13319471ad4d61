#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A local vpc disk arrives whole, and the source is untouched.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/raw" 8M
qemu-img convert -f raw -O vpc "$tmpdir/raw" "$tmpdir/disk.vpc"
remember "$tmpdir/disk.vpc"
mkdir "$tmpdir/out"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    "$tmpdir/disk.vpc"
expect_same_image vpc "$tmpdir/disk.vpc" raw "$tmpdir/out/guest-sda"
expect_untouched
expect_nothing_left
