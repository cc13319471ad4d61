#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A directory, a FIFO or a garbage image is no disk.
. ./functions.sh

requires_plugin file
mkdir "$tmpdir/directory"
mkfifo "$tmpdir/fifo"
printf 'QFI\373\0\0\0\3garbage' >"$tmpdir/garbage"
truncate -s 1M "$tmpdir/garbage"
for disk in directory fifo garbage; do
    SECONDS=0
    why='neither a file nor a block device'
    [ $disk != garbage ] || why='garbage: it is incomplete or damaged'
    run_expecting 4:unsupported:false v2v-nbdkit-launch -o null "$tmpdir/$disk"
    expect_error "$why"
    expect_seconds 5
done
run_expecting 4:unsupported:false v2v-nbdkit-launch -if qcow2 -o null \
    "$tmpdir/garbage"
expect_error 'garbage: it is incomplete or damaged'
expect_nothing_left
