#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sizes that are no multiple of a sector or a cluster.
. ./functions.sh

requires_plugin file
mkdir "$tmpdir/out"
for size in 1 511 513 65537 1049087 5242879; do
    make_disk "$tmpdir/disk" $size
    for format in raw qcow2; do
        run_expecting 0 v2v-nbdkit-launch -if raw -o disk \
            -os "$tmpdir/out" -of $format -on guest "$tmpdir/disk"
        qemu-img convert -f $format -O raw "$tmpdir/out/guest-sda" \
            "$tmpdir/copy"
        # QEMU knows sectors only: what it adds is zero.
        cmp -n $size "$tmpdir/disk" "$tmpdir/copy"
        expect test "$(stat -c %s "$tmpdir/copy")" -ge $size
        expect test "$(stat -c %s "$tmpdir/copy")" -lt $((size + 512))
        tail -c +$((size + 1)) "$tmpdir/copy" | tr -d '\0' >"$tmpdir/rest"
        expect test ! -s "$tmpdir/rest"
    done
    rm "$tmpdir/disk"
done
expect_nothing_left
