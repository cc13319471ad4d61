#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -of qcow2: the target has that format and every byte.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -of qcow2 \
    -on guest "$tmpdir/disk"
expect_same_image raw "$tmpdir/disk" qcow2 "$tmpdir/out/guest-sda"
expect test "$(virtual_size qcow2 "$tmpdir/out/guest-sda")" = 4194304
expect qemu-img check -q -f qcow2 "$tmpdir/out/guest-sda"
expect_untouched
expect_nothing_left
