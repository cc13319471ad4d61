#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --skip-unused and --resume: a copy that was killed is completed, and its
# blocks are those of the source, also where they are free.  Another choice, or
# another map of what is free, is refused; a run that has finished knows its
# choice.
. ./functions.sh
. "$abs_srcdir/deleted-data.sh"

requires_plugin file
requires_filter rate
make_lived_in "$tmpdir/disk" 192
free_runs "$tmpdir/disk" >"$tmpdir/runs"
free=$(count_runs <"$tmpdir/runs")
cp "$tmpdir/disk" "$tmpdir/want"
zero_runs "$tmpdir/want" <"$tmpdir/runs"
# Of an NBD export only its blocks tell whether it is the same.
start_nbdkit source --readonly file "$tmpdir/disk"
mkdir "$tmpdir/out"
copy=(v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest --checksum
      "$nbdkit_uri")
run_in_background "${copy[@]}" --skip-unused on --bandwidth 100M
wait_for test -e "$tmpdir/out/guest.part/journal"
kill -KILL "$tool_pid"
wait_expecting 137
expect_nothing_left

for choice in '' '--skip-unused off'; do
    # shellcheck disable=SC2086 # two arguments, or none
    run_expecting 4:source-changed:false "${copy[@]}" --resume $choice
    expect_error "--skip-unused changed from 'on' to 'off'"
    expect_hint 'resume with --skip-unused on.*; to begin again'
done

# Other blocks are free now.
cp "$tmpdir/disk" "$tmpdir/before"
debugfs -w -R 'rm /6' "$tmpdir/disk" 2>/dev/null
run_expecting 4:source-changed:false "${copy[@]}" --skip-unused on --resume
expect_error 'the map of unused blocks .* of sda changed'
expect_hint 'to begin again'
cat "$tmpdir/before" >"$tmpdir/disk"

run_expecting 0 "${copy[@]}" --skip-unused on --resume \
    --result-file "$tmpdir/result"
expect_same "$tmpdir/want" "$tmpdir/out/guest-sda"
expect_files "$tmpdir/out/guest-sda"
# Only what was missing was copied.
expect test "$(jq '.disks[0].bytes_unused' "$tmpdir/result")" -lt "$free"
checksum=$(jq -r '.disks[0].checksum' "$tmpdir/result")

# It has finished.
run_expecting 0 "${copy[@]}" --skip-unused on --resume
expect_stderr 'Nothing to do'
expect test "$(jq '.changed' "$tmpdir/logs/result")" = false
expect test "$(jq '.disks[0].bytes_unused' "$tmpdir/logs/result")" -gt 0
run_expecting 4:source-changed:false "${copy[@]}" --resume
expect_error "--skip-unused changed from 'on' to 'off'"

# The digest is that of what was stored.
run_expecting 0 v2v-nbdkit-launch -o null --checksum "$tmpdir/out/guest-sda" \
    --result-file "$tmpdir/result"
expect test "$(jq -r '.disks[0].checksum' "$tmpdir/result")" = "$checksum"
expect_nothing_left
