#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --convert may write to the overlay's NBD export instead of the file.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    --convert 'qemu-io -f raw -c "write -P 0x5a 1000k 70k" \
        "$V2V_OVERLAY_URI_0"' "$tmpdir/disk"
cp "$tmpdir/disk" "$tmpdir/want"
qemu-io -f raw -c 'write -P 0x5a 1000k 70k' "$tmpdir/want" >/dev/null
expect_same "$tmpdir/want" "$tmpdir/out/guest-sda"
expect_untouched
expect_nothing_left
