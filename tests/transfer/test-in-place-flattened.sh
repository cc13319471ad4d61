#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --in-place with a COMMAND that makes the overlays complete images: all of
# them is written back, also where they hold nothing.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/before" 4M
cp "$tmpdir/before" "$tmpdir/want"
write_zeroes "$tmpdir/want" 0 1048576
flatten='cd "$TMPDIR"
         for o in "$V2V_OVERLAY_0" "$V2V_OVERLAY_1"; do
             qemu-io -f qcow2 -c "write -z 0 1M" "$o" >/dev/null &&
             qemu-img convert -f qcow2 -O qcow2 "$o" new && mv new "$o" ||
             exit 1
         done'
for format in raw qcow2; do
    for disk in a b; do
        qemu-img convert -f raw -O $format "$tmpdir/before" "$tmpdir/$disk"
    done
    run_expecting 0 v2v-nbdkit-launch -if $format --in-place \
        --convert "$flatten" "$tmpdir/a" "$tmpdir/b"
    expect_same_image raw "$tmpdir/want" $format "$tmpdir/a"
    expect_same_image raw "$tmpdir/want" $format "$tmpdir/b"
    expect_nothing_left
done
# One that is refused leaves the disks as they are.
cp "$tmpdir/before" "$tmpdir/a"
remember "$tmpdir/a"
run_expecting 5:convert:false v2v-nbdkit-launch -if raw --in-place --convert \
    'cd "$TMPDIR"
     qemu-img convert -f qcow2 -O raw "$overlay" new && mv new "$overlay"' \
    "$tmpdir/a"
expect_error 'no longer a qcow2 image'
expect_untouched
expect_nothing_left
