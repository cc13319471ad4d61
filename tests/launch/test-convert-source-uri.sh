#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The source's own export cannot be written.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
# It can be read, or the rest would show nothing.
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    --convert 'qemu-io -r -f raw -c "read 0 64k" "$V2V_URI_0" &&
               ! qemu-io -f raw -c "write -P 0x5a 0 64k" "$V2V_URI_0"' \
    "$tmpdir/disk"
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
expect_untouched
expect_nothing_left
