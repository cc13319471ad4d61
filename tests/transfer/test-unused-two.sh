#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --skip-unused with several disks: each has its own map, and one whose file
# system was not unmounted is copied whole, which is told without -v, too.
. ./functions.sh
. "$abs_srcdir/deleted-data.sh"

requires_plugin file
requires_program sfdisk
make_lived_in "$tmpdir/first" 40
make_lived_in "$tmpdir/second" 72 $((3 << 20))
cp "$tmpdir/first" "$tmpdir/dirty"
debugfs -w -R 'set_super_value state 0' "$tmpdir/dirty" 2>/dev/null
printf '6144,147456,L\n' | sfdisk -q "$tmpdir/second"
for disk in first:0 second:$((3 << 20)); do
    cp "$tmpdir/${disk%:*}" "$tmpdir/want-${disk%:*}"
    free_runs "$tmpdir/${disk%:*}" "${disk#*:}" |
        zero_runs "$tmpdir/want-${disk%:*}"
done
for parallel in 1 2; do
    mkdir "$tmpdir/out"
    run_expecting 0 v2v-nbdkit-launch --skip-unused on -o disk \
        -os "$tmpdir/out" -on guest --parallel $parallel --checksum \
        --verify --result-file "$tmpdir/result" \
        "$tmpdir/second" "$tmpdir/dirty" "$tmpdir/first"
    expect_same "$tmpdir/want-second" "$tmpdir/out/guest-sda"
    expect_same "$tmpdir/dirty" "$tmpdir/out/guest-sdb"
    expect_same "$tmpdir/want-first" "$tmpdir/out/guest-sdc"
    expect_stderr 'sdb: copied whole: sdb .ext4.: '
    expect test "$(jq '.disks[1].bytes_unused' "$tmpdir/result")" = 0
    expect test "$(jq '[.disks[].verified] | all' "$tmpdir/result")" = true
    expect_nothing_left
    rm -r "$tmpdir/out"
done
