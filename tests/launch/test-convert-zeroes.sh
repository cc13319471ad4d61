#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Data that --convert overwrites with zeroes is zero in the copy.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    --convert 'qemu-io -c "write -z 0 1M" -c "discard 3M 64k" \
        "$V2V_OVERLAY_0"' "$tmpdir/disk"
cp "$tmpdir/disk" "$tmpdir/want"
qemu-io -f raw -c 'write -P 0 0 1M' -c 'write -P 0 3M 64k' \
    "$tmpdir/want" >/dev/null
expect_same "$tmpdir/want" "$tmpdir/out/guest-sda"
expect_untouched
expect_nothing_left
