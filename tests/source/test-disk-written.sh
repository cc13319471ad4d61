#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A source that a qemu has open for writing: a warning says which.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
for format in raw qcow2; do
    qemu-img convert -O $format "$tmpdir/disk" "$tmpdir/image"
    run_expecting 0 v2v-nbdkit-launch -o null "$tmpdir/image"
    expect_not grep -q 'open for writing' "$err"
    start_qemu_nbd $format -f $format "$tmpdir/image"
    run_expecting 0 v2v-nbdkit-launch -o null "$tmpdir/image"
    expect grep -Eq \
        'warning: .*image is open for writing .*\(qemu-nbd, PID [0-9]+\)' "$err"
    run_expecting 0 v2v-nbdkit-launch --check "$tmpdir/image"
    expect_stdout '^warning +sda source: .*image is open for writing'
    # Who only reads it does no harm.
    stop_pid "$qemu_nbd_pid"
    start_qemu_nbd $format-ro --read-only -f $format "$tmpdir/image"
    run_expecting 0 v2v-nbdkit-launch -o null "$tmpdir/image"
    expect_not grep -q 'open for writing' "$err"
    stop_pid "$qemu_nbd_pid"
done
expect_nothing_left
