#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --in-place on an NBD server that ends with its first client (qemu-nbd
# without --persistent) says what it needs, before anything is written.
. ./functions.sh

requires_program qemu-nbd
make_disk "$tmpdir/disk" 2M
cp "$tmpdir/disk" "$tmpdir/before"
start_server one qemu-nbd --format=raw --socket="$tmpdir/one.sock" \
    "$tmpdir/disk"
wait_for test -S "$tmpdir/one.sock"
run_expecting 1 v2v-nbdkit-launch -if raw --in-place \
    --convert "touch '$tmpdir/converted'" \
    "nbd+unix:///?socket=$tmpdir/one.sock"
expect_hint --persistent
expect_same "$tmpdir/before" "$tmpdir/disk"
test ! -e "$tmpdir/converted"
expect_nothing_left
