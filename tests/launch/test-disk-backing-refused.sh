#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An image that names a backing file is refused, unless allowed.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/base" 2M
mkdir "$tmpdir/out"
qemu-img create -q -f qcow2 -F raw -b "$tmpdir/base" "$tmpdir/disk.qcow2"
run_expecting 4:untrusted-image:false v2v-nbdkit-launch -o disk \
    -os "$tmpdir/out" -on guest "$tmpdir/disk.qcow2"
expect_error 'disk.qcow2 names another file, '
expect test ! -e "$tmpdir/out/guest-sda"
# Said to be raw it is the bytes of the qcow2 file.
run_expecting 0 v2v-nbdkit-launch -if raw -o disk -os "$tmpdir/out" \
    -on guest "$tmpdir/disk.qcow2"
expect cmp -n "$(stat -c %s "$tmpdir/disk.qcow2")" "$tmpdir/disk.qcow2" \
    "$tmpdir/out/guest-sda"
run_expecting 0 v2v-nbdkit-launch -io allow-backing -o disk \
    -os "$tmpdir/out" -on guest "$tmpdir/disk.qcow2"
expect_same "$tmpdir/base" "$tmpdir/out/guest-sda"
expect_nothing_left
