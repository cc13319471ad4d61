#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# SIGTERM during the copy: what is complete by then is kept, for qcow2 as well;
# the error says that the copy can be resumed.
. ./functions.sh

requires_plugin file
requires_filter rate
truncate -s 200M "$tmpdir/disk"
write_random "$tmpdir/disk" 0 209715200
for format in raw qcow2; do
    mkdir "$tmpdir/out"
    copy=(v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest -of $format --verify
          --result-file "$tmpdir/result")
    run_in_background "${copy[@]}" --bandwidth 250M "$tmpdir/disk"
    wait_for test -e "$tmpdir/out/guest.part/sda"
    wait_for test -e "$tmpdir/out/guest.part/journal"
    kill -TERM "$tool_pid"
    wait_expecting 143:interrupted:false:true
    expect_nothing_left
    expect test "$(jq .resumable "$tmpdir/result")" = true
    run_expecting 0 "${copy[@]}" --resume "$tmpdir/disk"
    expect_same_image raw "$tmpdir/disk" $format "$tmpdir/out/guest-sda"
    expect test "$(jq '.disks[0].bytes_read' "$tmpdir/result")" -lt 200000000
    expect test "$(jq '.disks[0].verified' "$tmpdir/result")" = true
    expect_nothing_left
    rm -r "$tmpdir/out"
done
