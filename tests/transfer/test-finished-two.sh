#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A run to one of the targets of a finished run ends its record, even if what
# is there looks the same afterwards; and a record is removed before the first
# byte is written.
. ./functions.sh

requires_plugin file
requires_filter rate
requires_program jq
result=$tmpdir/result
truncate -s 20M "$tmpdir/disk1" "$tmpdir/disk2" "$tmpdir/t1" "$tmpdir/t2"
for n in 1 2; do
    write_random "$tmpdir/disk$n" 0 1048576
done
both=(v2v-nbdkit-launch --result-file "$result" --resume -o device
      -oo path="$tmpdir/t1" -oo path="$tmpdir/t2" "$tmpdir/disk1"
      "$tmpdir/disk2")
one=(v2v-nbdkit-launch --result-file "$result" -o device
     -oo path="$tmpdir/t2" "$tmpdir/disk2")
changed () { jq .changed "$result"; }

for expected in true false; do
    run_expecting 0 "${both[@]}"
    expect test "$(changed)" = $expected
done
# The target's symbolic link is the same target.
ln -s t2 "$tmpdir/link"
run_expecting 0 v2v-nbdkit-launch --result-file "$result" --resume -o device \
    -oo path="$tmpdir/t1" -oo path="$tmpdir/link" "$tmpdir/disk1" \
    "$tmpdir/disk2"
expect test "$(changed)" = false

run_expecting 0 "${one[@]}"
run_expecting 0 "${both[@]}"
expect test "$(changed)" = true
run_expecting 0 "${one[@]}" --resume
expect test "$(changed)" = true
run_expecting 0 "${one[@]}" --resume
expect test "$(changed)" = false

# Killed while it writes.
run_in_background "${one[@]}" --bandwidth 100k
wait_for sh -c "! ls '$state_dir'/*.finished | grep -q \
    \"\$(printf '%s\0' '$tmpdir/t2' | sha256sum | cut -c1-64)\""
kill -KILL "$tool_pid"
wait_expecting 137
expect_nothing_left
run_expecting 0 "${both[@]}"
expect test "$(changed)" = true
expect_same "$tmpdir/disk1" "$tmpdir/t1"
expect_same "$tmpdir/disk2" "$tmpdir/t2"

# Somebody writes to the second one.
write_random "$tmpdir/t2" 100000 1
run_expecting 1:target-changed:false "${both[@]}"
expect_error 't2 has changed since then'
