#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# SIGKILL during the copy: only what can be resumed is left, --resume copies
# only what is missing, and a run without --resume mentions the journal.
. ./functions.sh

requires_plugin file
requires_filter rate
truncate -s 260M "$tmpdir/disk"
write_random "$tmpdir/disk" 0 272629760
mkdir "$tmpdir/out"
copy=(v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest)
run_in_background "${copy[@]}" --bandwidth 250M "$tmpdir/disk"
wait_for test -e "$tmpdir/out/guest.part/journal"
kill -KILL "$tool_pid"
wait_expecting 137
expect_nothing_left
expect test "$(find "$tmpdir/out" -mindepth 1 -printf '%P\n' | sort |
                   xargs)" = 'guest.part guest.part/journal guest.part/sda'

run_expecting 1:target-busy:false:true "${copy[@]}" "$tmpdir/disk"
expect_error 'journal'
expect_hint '--resume'

# Only what was missing was read.
run_expecting 0 "${copy[@]}" --resume --result-file "$tmpdir/result" \
    "$tmpdir/disk"
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
read=$(jq '.disks[0].bytes_read' "$tmpdir/result")
expect test "$read" -le $((260 * 1048576 - 64 * 1048576))
expect test "$(ls -A "$tmpdir/out" | tr '\n' ' ')" = 'guest-sda guest.xml '
expect_nothing_left
