#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --status-file: the latest progress of the whole run, always one whole object.
. ./functions.sh

requires_plugin file
requires_program jq
requires_filter rate
make_disk "$tmpdir/disk" 4M
status=$tmpdir/status

# What an earlier run has left says nothing of this one.
echo old >"$status"
run_expecting 4:not-found:false v2v-nbdkit-launch --status-file "$status" \
    -o null "$tmpdir/none"
expect test ! -e "$status"

run_in_background v2v-nbdkit-launch --status-file "$status" -o null \
    --bandwidth 8M "$tmpdir/disk" --convert \
    "touch '$tmpdir/reached'; sleep 2"
wait_for test -e "$tmpdir/reached"
converts () { jq -e '.phase == "convert"' "$status" >/dev/null 2>&1; }
copies () { jq -e '.phase == "copy" and .done > 0' "$status" >/dev/null 2>&1; }
wait_for converts
# It is replaced, not written over: a reader has a whole object.
exec 9<"$status"
before=$(stat -c %i "$status")
sleep 1.2
expect test "$(stat -c %i "$status")" != "$before"
expect jq -e '.type == "progress"' /dev/fd/9
wait_for copies
wait_expecting 0
expect jq -e '.type == "progress" and .done == .total and
    (has ("disk") | not)' "$status"
expect test "$(wc -l <"$status")" = 1

# While it waits for its turn.
mkdir "$tmpdir/limits"
flock -o "$tmpdir/limits/localhost+0" sleep 1000 &
holder=$!
server_pids+=("$holder")
is_locked () { not flock -n "$tmpdir/limits/localhost+0" true; }
wait_for is_locked
run_in_background v2v-nbdkit-launch --status-file "$status" -o null \
    --source-limit 1 --limit-dir "$tmpdir/limits" "$tmpdir/disk"
waits () { jq -e '.type == "waiting"' "$status" >/dev/null 2>&1; }
wait_for waits
expect jq -e '.key == "localhost" and .limit == 1 and .taken == 1' "$status"
kill "$holder"
wait_expecting 0

# Guests are not written over, and what cannot be written is said at once.
run_expecting 1 v2v-nbdkit-launch --status-file \
    "$tmpdir/none/status" -o null "$tmpdir/disk"
expect_error 'status-file: .*No such file'
run_expecting 2 v2v-nbdkit-launch --status-file \
    "$tmpdir/disk" -o null "$tmpdir/disk"
expect_nothing_left
