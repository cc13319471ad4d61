#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What nbd-server does not allow is no failed read: hosts that authfile does
# not list, and more clients than maxconnections; as source and as target.
. ./functions.sh

requires_plugin nbd
truncate -s 1M "$tmpdir/disk" "$tmpdir/other"
echo 10.0.0.1 >"$tmpdir/allowed"
start_nbd_server "$tmpdir/disk" "authfile = $tmpdir/allowed"
closed=nbd://127.0.0.1:$nbd_port/disk
start_nbd_server "$tmpdir/disk" "maxconnections = 1"
few=nbd://127.0.0.1:$nbd_port/disk
run_expecting 0 v2v-nbdkit-launch -if raw -o null "$few"
for uri in "$closed" "$few"; do
    run_expecting 4:auth:false v2v-nbdkit-launch -if raw -o null "$uri"
    expect_error 'policy'
    expect_hint 'authfile'
    run_expecting 1:auth:false v2v-nbdkit-launch -if raw -o nbd \
        -oo uri="$uri" "$tmpdir/other"
    expect_error 'policy'
    expect_hint 'maxconnections'
    run_expecting 1:auth:false v2v-nbdkit-launch -if raw -o nbd \
        -oo uri="$uri" --check "$tmpdir/other"
    expect_nothing_left
done

# A server that talks, and then does not.
requires_program socat
hang_up ()
{
    start_server hang-up socat \
        "TCP-LISTEN:$port,bind=127.0.0.1,fork,reuseaddr" SYSTEM:'sleep 0.6'
}
start_on_port socat hang_up
run_expecting 4:read:true v2v-nbdkit-launch -if raw -o null \
    "nbd://127.0.0.1:$port/disk"
expect_error 'disconnected'
expect_nothing_left
