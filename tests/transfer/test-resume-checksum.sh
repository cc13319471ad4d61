#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An interrupted copy is resumed with --checksum, which needs other digests,
# and that is interrupted and resumed, too.
. ./functions.sh

requires_plugin file
requires_filter rate
truncate -s 260M "$tmpdir/disk"
write_random "$tmpdir/disk" 0 272629760
mkdir "$tmpdir/out"
copy=(v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest --resume
      "$tmpdir/disk")
run_in_background "${copy[@]}" --bandwidth 250M
wait_for grep -q digests "$tmpdir/out/guest.part/journal"
kill -KILL "$tool_pid"
wait_expecting 137
run_in_background "${copy[@]}" --bandwidth 250M --checksum
# Some chunks are stored then.
sleep 4.5
kill -KILL "$tool_pid"
wait_expecting 137
expect_nothing_left
run_expecting 0 "${copy[@]}" --checksum
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
expect_nothing_left
