#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The server of an NBD target is killed, and is back some seconds later: the
# copy continues.  If it does not come back the run ends.
. ./functions.sh

requires_plugin file
requires_filter delay
requires_filter rate
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

has_journal ()
{
    compgen -G "$state_dir/*.journal" >/dev/null
}

# It is gone for good, after something was stored: the run ends, whether it
# has tried again or not.
truncate -s 160M "$tmpdir/disk"
truncate -s 0 "$tmpdir/target"
truncate -s 160M "$tmpdir/target"
write_random "$tmpdir/disk" 0 167772160
start_nbdkit slow --filter rate file "$tmpdir/target" rate=150M
run_in_background v2v-nbdkit-launch -o nbd -oo uri="$nbdkit_uri" \
    --connections 1 --retries 0 "$tmpdir/disk"
wait_for has_journal
kill -KILL "$nbdkit_pid"
wait_expecting 6:unreachable:false:true
expect_error 'connection to the server was lost'
rm -r "$nbdkit_socket" "$tmpdir/slow.pid" "$state_dir"
start_nbdkit slow --filter rate file "$tmpdir/target" rate=150M
run_in_background v2v-nbdkit-launch -o nbd -oo uri="$nbdkit_uri" \
    --connections 1 --retries 2 "$tmpdir/disk"
wait_for has_journal
kill -KILL "$nbdkit_pid"
wait_expecting 6:unreachable:false:true
expect_error 'cannot connect'
expect test "$(grep -c 'the copy continues' "$err")" -le 3
