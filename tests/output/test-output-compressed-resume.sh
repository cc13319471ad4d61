#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A compressed qcow2 that was interrupted is completed with --resume.
. ./functions.sh

requires_plugin file
requires_filter rate
mkdir "$tmpdir/out"
truncate -s 200000512 "$tmpdir/disk"
for offset in 1000 70000000 140000000 199990512; do
    write_random "$tmpdir/disk" $offset 10000
done
write_random "$tmpdir/disk" 2000000 10000000
write_random "$tmpdir/disk" 150000000 10000000
copy=(v2v-nbdkit-launch -if raw -o disk -os "$tmpdir/out" -of qcow2
      -oo compressed -on guest --resume "$tmpdir/disk")

run_in_background "${copy[@]}" --bandwidth 40M
wait_for test -s "$tmpdir/out/guest.part/journal"
kill -KILL "$tool_pid"
wait "$tool_pid" 2>/dev/null || true
tool_pid=
wait_for expect_nothing_left
run_expecting 0 "${copy[@]}" --result-file "$tmpdir/result"
# What was there is not read again.
expect test "$(jq '.totals.bytes_read' "$tmpdir/result")" -lt 12000000
expect qemu-img check -q "$tmpdir/out/guest-sda"
expect_same_image raw "$tmpdir/disk" qcow2 "$tmpdir/out/guest-sda"
expect test "$(virtual_size qcow2 "$tmpdir/out/guest-sda")" = 200000512
expect_nothing_left
