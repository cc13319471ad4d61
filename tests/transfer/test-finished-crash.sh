#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Killed between the record of a finished run and the removal of its journal,
# a run has finished; killed before that, it has not.
. ./functions.sh

requires_plugin file
requires_filter rate
requires_program jq
result=$tmpdir/result
truncate -s 150M "$tmpdir/disk"
write_random "$tmpdir/disk" 0 157286400
mkdir "$tmpdir/out"
copy=(v2v-nbdkit-launch --result-file "$result" -os "$tmpdir/out" -on guest
      "$tmpdir/disk")
run_in_background "${copy[@]}" --bandwidth 300M
wait_for test -e "$tmpdir/out/guest.part/journal"
kill -KILL "$tool_pid"
wait_expecting 137
expect_not ls "$state_dir"/*.finished
cp "$tmpdir/out/guest.part/journal" "$tmpdir/journal"

# Without --resume, another call would not help, however often.
run_expecting 1 "${copy[@]}"
expect test "$(jq -c '[.reason, .retryable, .resumable]' "$result")" = \
    '["target-busy",false,true]'
run_expecting 1 "${copy[@]}" --check
expect_error 'an interrupted copy .* can be resumed'
expect_nothing_left
run_expecting 0 "${copy[@]}" --check --resume
expect test -e "$tmpdir/out/guest.part/journal"
run_expecting 0 "${copy[@]}" --resume
expect test "$(jq .changed "$result")" = true
expect_not test -e "$tmpdir/out/guest.part/journal"

for how in --resume -q; do
    mkdir -m 700 "$tmpdir/out/guest.part"
    (umask 077; cp "$tmpdir/journal" "$tmpdir/out/guest.part/journal")
    run_expecting 0 "${copy[@]}" $how
    expect test "$(jq .changed "$result")" = \
        "$([ $how = --resume ] && echo false || echo true)"
    expect_not test -e "$tmpdir/out/guest.part/journal"
    expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
done
expect_nothing_left
