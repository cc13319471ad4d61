#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A strong ETag goes with every read, so that what the server has later, or
# another server under the same name, is never mixed into the copy.
. ./functions.sh

requires_program curl

make_disk "$tmpdir/disk" 8M
make_disk "$tmpdir/other" 8M
mkdir "$tmpdir/out"

# Each request of nbdkit's has it, and none of the others.
start_particular match etag='"v1"'
run_expecting 0 v2v-nbdkit-launch -os "$tmpdir/out" -on guest \
    "$particular_url"
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
expect grep -q '^GET "v1" None 206$' "$tmpdir/logs/requests"
expect grep -q '^HEAD "v1"' "$tmpdir/logs/requests"
! grep -v '"v1"' "$tmpdir/logs/requests" | grep -v '^GET None' ||
    fail "requests without the ETag"
stop_pid "$server_pid"

# A weak one says nothing about the bytes, and one without quotes is none.
for etag in 'W/"v1"' 'v1'; do
    start_particular match etag="$etag"
    run_expecting 0 v2v-nbdkit-launch -o null "$particular_url"
    expect test "$(cut -d' ' -f2 "$tmpdir/logs/requests" | sort -u)" = None
    stop_pid "$server_pid"
done

# The user's own header counts.
start_particular etag='"v1"'
run_expecting 0 v2v-nbdkit-launch -o null -io 'curl-header=if-match: "mine"' \
    -io 'curl-header=User-Agent: me' "$particular_url"
expect test "$(cut -d' ' -f2,3 "$tmpdir/logs/requests" | sort -u)" = \
    '"mine" me'
stop_pid "$server_pid"

# Nor are servers that do not obey it mixed.
for i in 1 2; do
    start_particular etag='"v1"' second=:"$tmpdir/other"
    [ $i = 1 ] || curl -s -o /dev/null -I "$particular_url"
    run_expecting '[46]:source-changed:false' v2v-nbdkit-launch \
        -os "$tmpdir/out" -on two "$particular_url"
    expect test ! -e "$tmpdir/out/two-sda"
    stop_pid "$server_pid"
done

# Two servers that are out of step; a file that is replaced meanwhile.
start_particular match etag='"v1"' second=:"$tmpdir/other"
run_expecting 4:source-changed:false v2v-nbdkit-launch -os "$tmpdir/out" \
    -on two "$particular_url"
expect_error 'returned error: 412'
expect_hint 'several servers'
expect test ! -e "$tmpdir/out/two-sda"
stop_pid "$server_pid"
start_particular match etag='"v1"' change=12:"$tmpdir/other"
SECONDS=0
run_expecting '[46]:source-changed:false' v2v-nbdkit-launch \
    --request-size 256k -os "$tmpdir/out" -on two "$particular_url"
expect_seconds 20
expect test ! -e "$tmpdir/out/two-sda"
expect_nothing_left
