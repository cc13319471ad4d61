#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --result-file holds the last object, whole, however the run ended.
. ./functions.sh

requires_program jq
requires_plugin file
make_disk "$tmpdir/disk" 1M
result=$tmpdir/result

expect_result ()
{
    expect test "$(jq -r "$1" "$result")" = "$2"
    expect test "$(wc -l <"$result")" = 1
    expect test "$(stat -c %s "$result")" -le 4096
    # Nothing that was written aside is left.
    expect test "$(ls -A "$tmpdir" | grep -c '^result')" = 1
}

echo old >"$result"
run_expecting 0 v2v-nbdkit-launch --result-file "$result" -o null \
    "$tmpdir/disk"
expect_result '.type + " " + .status' 'result ok'
run_expecting 4:not-found:false v2v-nbdkit-launch --result-file "$result" \
    -o null "$tmpdir/none"
expect_result '.type + " " + .reason' 'error not-found'
start_at converting --result-file "$result"
kill -TERM "$tool_pid"
wait_expecting 143:interrupted:true
expect_result '.type + " " + .reason' 'error interrupted'
start_at copying --result-file "$result"
kill -INT "$tool_pid"
wait_expecting 130:interrupted:true
expect_result '.type + " " + .reason' 'error interrupted'
