#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A disk of an NBD server, over TCP and a Unix socket.
. ./functions.sh

requires_plugin nbd
make_disk "$tmpdir/disk" 5M
mkdir "$tmpdir/out"
start_nbdkit_tcp -r file "$tmpdir/disk"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on tcp \
    "nbd://127.0.0.1:$nbd_port"
expect_same "$tmpdir/disk" "$tmpdir/out/tcp-sda"
start_qemu_nbd 'a b' --read-only --format=raw --export-name=ex "$tmpdir/disk"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on unix \
    "nbd+unix:///ex?socket=$tmpdir/a%20b.sock"
expect_same "$tmpdir/disk" "$tmpdir/out/unix-sda"
expect_nothing_left
