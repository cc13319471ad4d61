#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The server of an NBD target is killed, and is back some seconds later: the
# copy continues.
. ./functions.sh

requires_plugin file
requires_filter delay
truncate -s 32M "$tmpdir/disk" "$tmpdir/target"
write_random "$tmpdir/disk" 0 33554432
slow=(--filter delay file "$tmpdir/target" delay-write=50ms)
start_nbdkit target "${slow[@]}"
run_in_background v2v-nbdkit-launch -o nbd -oo uri="$nbdkit_uri" \
    --request-size 256k --connections 1 --result-file "$tmpdir/result" \
    --log "$tmpdir/log" "$tmpdir/disk"
wait_for grep -q '\] Copying' "$tmpdir/log"
sleep 0.5
kill -KILL "$nbdkit_pid"
sleep 2.5
rm "$nbdkit_socket" "$tmpdir/target.pid"
start_nbdkit target "${slow[@]}"
wait_expecting 0
expect_same "$tmpdir/disk" "$tmpdir/target"
expect test "$(jq '.disks[0].retries' "$tmpdir/result")" -ge 2
expect_nothing_left
