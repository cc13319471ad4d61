#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A local vmdk disk arrives whole, and the source is untouched.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/raw" 8M
qemu-img convert -f raw -O vmdk "$tmpdir/raw" "$tmpdir/disk.vmdk"
remember "$tmpdir/disk.vmdk"
mkdir "$tmpdir/out"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    "$tmpdir/disk.vmdk"
expect_same_image vmdk "$tmpdir/disk.vmdk" raw "$tmpdir/out/guest-sda"
expect_untouched
expect_nothing_left
