#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --source-limit: what a run that is killed had goes to the next one, its slot
# or its place in the queue; and --wait-timeout.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
limit=(--source-limit 1 --limit-key 'an array/1' -o null "$tmpdir/disk")

has_ticket () { compgen -G "$state_dir/limits/*+ticket+$1" >/dev/null; }

run_in_background v2v-nbdkit-launch "${limit[@]}" \
    --convert "touch '$tmpdir/reached'; sleep 1000"
wait_for test -e "$tmpdir/reached"
holder=$tool_pid

run_expecting 4:session-limit:true v2v-nbdkit-launch --wait-timeout 1 \
    "${limit[@]}"
expect_error 'an array/1 after 1 seconds'
expect_hint 'wait-timeout'
expect_not has_ticket 1

# One that waits ends at once when it is told to, without a trace.
run_in_background v2v-nbdkit-launch "${limit[@]}"
wait_for has_ticket 1
kill -TERM "$tool_pid"
wait_expecting 143:interrupted:true
expect_not has_ticket 1

# One that is killed leaves its ticket, which keeps nobody waiting.
run_in_background v2v-nbdkit-launch "${limit[@]}"
wait_for has_ticket 1
kill -KILL "$tool_pid"
wait "$tool_pid" 2>/dev/null || :
expect has_ticket 1
run_in_background v2v-nbdkit-launch "${limit[@]}"
wait_for has_ticket 2
kill -KILL "$holder"
wait "$holder" 2>/dev/null || :
wait_expecting 0
expect_stderr 'Waiting for other runs that read from an array/1'
expect_not has_ticket 1
expect_not has_ticket 2
expect test -e "$state_dir/limits/an%20array%2F1+0"
expect_nothing_left
