#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A server that counts requests, and refuses the one that comes within 100 ms
# of another: nbdkit's first two always do.
. ./functions.sh

make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
start_particular limit=100 match etag='"v1"'
run_expecting 0 v2v-nbdkit-launch -os "$tmpdir/out" -on guest \
    "$particular_url"
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
expect grep -q ' 503$' "$tmpdir/logs/requests"
run_expecting 0 v2v-nbdkit-launch --check -o null "$particular_url"
stop_pid "$server_pid"

# One that refuses for good is not asked for long.
start_particular limit=100000000
SECONDS=0
run_expecting 4:session-limit:true v2v-nbdkit-launch -o null "$particular_url"
expect_seconds 20
expect_nothing_left
