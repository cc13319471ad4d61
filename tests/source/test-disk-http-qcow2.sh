#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A qcow2 disk over HTTP, when it is said to be one.
. ./functions.sh

mkdir "$tmpdir/www" "$tmpdir/out"
make_disk "$tmpdir/www/disk" 5M
start_nginx
qemu-img convert -f raw -O qcow2 "$tmpdir/www/disk" "$tmpdir/www/disk.qcow2"
run_expecting 0 v2v-nbdkit-launch -if qcow2 -o disk -os "$tmpdir/out" \
    -on guest --convert 'qemu-io -c "write -P 0x55 1M 64k" "$V2V_OVERLAY_0"' \
    "$http_url/disk.qcow2"
qemu-io -f raw -c 'write -P 0x55 1M 64k' "$tmpdir/www/disk" >/dev/null
expect_same "$tmpdir/www/disk" "$tmpdir/out/guest-sda"
expect_nothing_left
