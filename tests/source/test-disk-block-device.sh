#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A local block device is read.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
make_loop "$tmpdir/disk"
mkdir "$tmpdir/out"
run_expecting 0 v2v-nbdkit-launch -if raw -o disk -os "$tmpdir/out" \
    -on guest "$loop_device"
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
