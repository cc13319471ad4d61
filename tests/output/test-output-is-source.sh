#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A target that is also the source is refused, before anything is written.
. ./functions.sh

requires_plugin file
mkdir "$tmpdir/out"
make_disk "$tmpdir/out/guest-sda" 2M
inode=$(stat -c %i "$tmpdir/out/guest-sda")
remember "$tmpdir/out/guest-sda"
run_expecting 2:usage:false v2v-nbdkit-launch -o disk -os "$tmpdir/out" \
    -on guest \
    --convert 'qemu-io -c "write 0 64k" "$overlay"' "$tmpdir/out/guest-sda"
expect_error 'is also a source disk'
expect_untouched
expect test "$(stat -c %i "$tmpdir/out/guest-sda")" = "$inode"

# So is its unfinished file.
mkdir -m 700 "$tmpdir/out/other.part"
ln "$tmpdir/out/guest-sda" "$tmpdir/out/other.part/sda"
run_expecting 2:usage:false v2v-nbdkit-launch -o disk -os "$tmpdir/out" \
    -on other --resume "$tmpdir/out/other.part/sda"
expect_error 'is also a source disk'
expect test -e "$tmpdir/out/other.part/sda"

make_loop "$tmpdir/out/guest-sda"
run_expecting 2:usage:false v2v-nbdkit-launch -o device \
    -oo path="$loop_device" \
    --convert 'qemu-io -c "write 0 64k" "$overlay"' "$loop_device"
expect_error 'is also a source disk'
expect_untouched
expect_nothing_left
