#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -oo compressed: a qcow2 of compressed clusters.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
# Random bytes cannot be compressed; text can.
truncate -s 4M "$tmpdir/text"
yes 'the quick brown fox' | dd of="$tmpdir/text" bs=64k count=48 \
    iflag=fullblock conv=notrunc status=none
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -of qcow2 \
    -oo compressed -on guest "$tmpdir/text"
expect_same_image raw "$tmpdir/text" qcow2 "$tmpdir/out/guest-sda"
expect test "$(stat -c %s "$tmpdir/out/guest-sda")" -lt 1000000
run_expecting 2:usage:false v2v-nbdkit-launch -o disk -os "$tmpdir/out" \
    -of raw -oo compressed -on guest "$tmpdir/text"
expect_error '-oo compressed needs -of qcow2'
expect_untouched
expect_nothing_left
