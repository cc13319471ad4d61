#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# With --source-limit a source that has too many sessions (others use it, too)
# is waited for: its slots are given back, and asked for again.
. ./functions.sh

requires_program jq
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
start_particular until="$tmpdir/free" etag='"v1"'
limit=(--source-limit 1 --limit-dir "$tmpdir/tmp/..")

run_expecting 4:session-limit:true v2v-nbdkit-launch "${limit[@]}" \
    --wait-timeout 3 -o null "$particular_url"
expect_error 503
expect_not grep -q 'still read from' "$err"
# Without a limit of time it is asked as often as everything is.
run_expecting 4:session-limit:true v2v-nbdkit-launch "${limit[@]}" \
    --retries 1 -o null "$particular_url"
expect_error 503

run_in_background v2v-nbdkit-launch "${limit[@]}" -os "$tmpdir/out" \
    -on guest --machine-readable=file:"$tmpdir/json" "$particular_url"
is_waiting () { grep -q '"waiting"' "$tmpdir/json"; }
wait_for is_waiting
# Others get their turn meanwhile.
run_expecting 0 v2v-nbdkit-launch "${limit[@]}" --limit-key 127.0.0.1 \
    -o null "$tmpdir/disk"
touch "$tmpdir/free"
wait_expecting 0
expect grep -q 'waiting for another turn' "$tmpdir/json"
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
expect_nothing_left
